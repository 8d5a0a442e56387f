// The small grammars of base: what they accept is what their renderings read back, whatever the text.
#include "flowlet/base.h"

#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

void check_time(std::string_view text) {
    const std::optional<Time> time = parse_time(text);
    if (!time) return;
    const std::string written = render_time(*time);
    fuzz::demand(parse_time(written) == time, "a time reads back the same", written);
}

void check_duration(std::string_view text) {
    const std::optional<Millis> duration = parse_duration(text);
    if (!duration) return;
    const std::string written = render_duration(*duration);
    fuzz::demand(duration->count() >= 0, "a duration is none below 0", written);
    fuzz::demand(parse_duration(written) == duration, "a duration reads back the same", written);
}

void check_version(std::string_view text) {
    const std::optional<Version> version = parse_version(text);
    if (!version) return;
    const std::string written = render_version(*version);
    fuzz::demand(parse_version(written) == version, "a version reads back the same", written);
}

void check_printable(std::string_view text) {
    const std::string shown = printable(text);
    fuzz::demand(printable(shown) == shown, "what was made printable is", shown);
    for (const char letter : shown) {
        const auto byte = static_cast<unsigned char>(letter);
        fuzz::demand(byte >= 0x20 || letter == '\n' || letter == '\t', "nothing printable steers a terminal", shown);
    }
}

void check_names(std::string_view text) {
    if (is_dns_label(text)) {
        fuzz::demand(is_dns_subdomain(text), "a label is a subdomain too", text);
        fuzz::demand(text.size() <= 63 && printable(text) == text, "a label is short and plain", text);
    }
    if (is_dns_subdomain(text)) fuzz::demand(text.size() <= 253, "a subdomain is short", text);
}

void check_parts(std::string_view text) {
    for (const char separator : {'\n', ',', '\0'}) {
        const std::vector<std::string> parts = split(text, separator);
        fuzz::demand(join(parts, std::string_view(&separator, 1)) == text, "what was cut can be joined");
    }
    fuzz::demand(trim(trim(text)) == trim(text), "trimmed once is trimmed");
    fuzz::demand(last_lines(text, 3).size() <= 3, "no more lines than were asked for");
    const std::vector<std::string> words = split(text.substr(0, 200), '\n');
    if (const auto near = did_you_mean(words.front(), words)) {
        fuzz::demand(*near == words.front(), "nothing is nearer to a word than itself", *near);
    }
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = flowlet::fuzz::text_of(data, size);
    flowlet::check_time(text);
    flowlet::check_duration(text);
    flowlet::check_version(text);
    flowlet::check_printable(text);
    flowlet::check_names(text);
    flowlet::check_parts(text);
    return 0;
}
