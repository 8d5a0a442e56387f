// Foreign text as a secret key, a public key and a signature: an answer in words, or a signature that holds.
#include "flowlet/stream.h"

#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

void check_signature(const std::string& key, const std::string& message, const std::string& signature) {
    try {
        const std::string comment = stream::check_signature(key, message, signature);
        fuzz::demand(comment.find('\n') == std::string::npos, "a trusted comment is one line", comment);
        fuzz::demand(signature.find("\ntrusted comment: " + comment) != std::string::npos,
                     "a trusted comment stands in the signature", comment);
    } catch (const Error& error) {
        fuzz::demand_answer(error, {Kind::verification, Kind::config});
    }
}

void check_own(const stream::SigningKey& key, const std::string& message) {
    const std::string comment = "a comment";
    const std::string signature = key.sign(message, comment);
    fuzz::demand(stream::check_signature(key.public_key(), message, signature) == comment,
                 "what a key signed, its public key accepts");
    try {
        stream::check_signature(key.public_key(), message + "x", signature);
        fuzz::demand(false, "a changed message is refused");
    } catch (const Error& error) {
        fuzz::demand_answer(error, {Kind::verification});
    }
}

void check_key(const std::string& file, const std::string& message) {
    try {
        check_own(stream::SigningKey{Secret(file)}, message);
    } catch (const Error& error) {
        fuzz::demand_answer(error, {Kind::config});
        const std::string said = error.what() + error.hint();
        for (const std::string& line : split(file, '\n')) {
            // A line with a space is no key, and may be what the error says anyway.
            const bool may_be_one = line.size() >= 40 && line.find(' ') == std::string::npos;
            fuzz::demand(!may_be_one || said.find(line) == std::string::npos, "a key is not told", said);
        }
    }
}

}  // namespace
}  // namespace flowlet

/// Parts: a secret key's file, a public key, a message, a signature's file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::string> parts = flowlet::fuzz::parts_of(flowlet::fuzz::text_of(data, size));
    const std::string message = flowlet::fuzz::part(parts, 2);
    flowlet::check_key(flowlet::fuzz::part(parts, 0), message);
    flowlet::check_signature(flowlet::fuzz::part(parts, 1), message, flowlet::fuzz::part(parts, 3));
    return 0;
}
