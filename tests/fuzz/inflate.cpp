// Foreign bytes as gzip members: one text however they come, never another than zlib's, never more than deflate can
// hold; or a refusal.
#include "flowlet/stream.h"

#include <optional>

#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

/// A match is at most 258 bytes and takes at least two bits.
constexpr std::size_t most_of_a_byte = 258 * 4;
constexpr std::size_t zlib_limit = std::size_t{1} << 24U;

struct Collector : stream::Sink {
    void write(std::string_view bytes) override {
        fuzz::demand(finished == 0 && !bytes.empty(), "each block holds something, and none follows the end");
        text += bytes;
        fuzz::demand(text.size() <= limit, "a text is no larger than deflate can make it");
    }
    void finish() override { ++finished; }
    std::size_t limit = 0;
    std::string text;
    int finished = 0;
};

std::optional<std::string> inflated(std::string_view bytes, std::size_t step) {
    Collector out;
    out.limit = bytes.size() * most_of_a_byte;
    try {
        const auto sink = stream::make_gunzip(out);
        for (std::size_t at = 0; at < bytes.size(); at += step)
            sink->write(bytes.substr(at, step));
        sink->finish();
    } catch (const Error& error) {
        fuzz::demand_answer(error, {Kind::verification});
        fuzz::demand(out.finished == 0, "what is refused is not finished");
        return std::nullopt;
    }
    fuzz::demand(out.finished == 1, "what is accepted is finished once");
    return out.text;
}

std::optional<std::string> by_zlib(std::string_view bytes) {
    try {
        return stream::gunzip(bytes, zlib_limit);
    } catch (const Error&) {
        return std::nullopt;
    }
}

void check(std::string_view bytes) {
    const std::optional<std::string> text = inflated(bytes, bytes.size() + 1);
    for (const std::size_t step : {1U, 50U})
        fuzz::demand(inflated(bytes, step) == text, "however the writes are cut, the answer is the same");
    if (const auto other = by_zlib(bytes)) fuzz::demand(text == other, "what zlib accepts is accepted as the same");
}

void check_round_trip(std::string_view text) {
    Collector packed;
    packed.limit = text.size() * 2 + 1000;
    const auto sink = stream::make_gzip(packed);
    sink->write(text.substr(0, text.size() / 3));
    sink->write(text.substr(text.size() / 3));
    sink->finish();
    fuzz::demand(inflated(packed.text, packed.text.size()) == text, "what was packed is unpacked the same");
    fuzz::demand(by_zlib(packed.text) == text, "and by zlib too");
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = flowlet::fuzz::text_of(data, size);
    flowlet::check(bytes);
    flowlet::check_round_trip(bytes);
    return 0;
}
