// Any bytes as an audit log → records and faults; and a log that a writer made, with one byte changed, is never whole.
#include "flowlet/evidence.h"

#include <nlohmann/json.hpp>

#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

using evidence::Verification;

void check_any(std::string_view log) {
    const Verification found = evidence::verify(log);
    fuzz::demand(found.head.size() == 64, "a log has a head");
    for (const evidence::Record& record : found.records) {
        fuzz::demand(log.substr(record.offset, record.line.size()) == record.line, "a record stands at its offset");
        fuzz::demand(evidence::canonical(*record.json) == record.line, "a record is canonical", record.line);
    }
    for (const evidence::Fault& fault : found.faults)
        fuzz::demand(!fault.message.empty() && fault.offset <= log.size(), "a fault says what is wrong, and where");
}

/// One record a word of the input, chained and sealed as the writer does.
std::string make_log(const std::vector<std::string>& words) {
    std::string log;
    std::string prev = evidence::first_prev();
    std::uint64_t index = 0;
    for (const std::string& word : words) {
        const std::string line = evidence::seal({{"i", index++},
                                                 {"prev", prev},
                                                 {"v", 1},
                                                 {"phase", "intent"},
                                                 {"id", std::to_string(index)},
                                                 {"args", {printable(word)}}});
        prev = evidence::leaf_hash(line);
        log += line + "\n";
    }
    return log;
}

void check_changed(std::uint8_t where, std::uint8_t to, std::string_view rest) {
    std::vector<std::string> words = split(rest.substr(0, 200), '\n');
    words.resize(std::min<std::size_t>(words.size(), 4));
    std::string log = make_log(words);
    const Verification whole = evidence::verify(log);
    fuzz::demand(whole.faults.empty() && !whole.torn_tail && whole.records.size() == words.size(),
                 "what a writer wrote is whole", log);
    char& changed = log[where * log.size() / 256];
    if (changed == static_cast<char>(to)) return;
    changed = static_cast<char>(to);
    const Verification found = evidence::verify(log);
    fuzz::demand(!found.faults.empty() || found.torn_tail, "a changed byte is seen", log);
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = flowlet::fuzz::text_of(data, size);
    flowlet::check_any(text);
    if (size > 2) flowlet::check_changed(data[0], data[1], text.substr(2));
    return 0;
}
