// Any text as a snapshot, a record, a line of a log → nothing, or what reads back the same.
#include "flowlet/services.h"

#include <algorithm>

#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

void check_snapshot(std::string_view text) {
    const auto snapshot = services::parse_snapshot(text);
    if (!snapshot) return;
    const std::string line = services::render_snapshot(*snapshot);
    fuzz::demand(line.find('\n') == std::string::npos, "a snapshot is one line", line);
    const auto again = services::parse_snapshot(line);
    fuzz::demand(again.has_value(), "what was written can be read", line);
    fuzz::demand(services::render_snapshot(*again) == line, "what was read is written the same", line);
}

void check_record(std::string_view text) {
    const auto record = services::parse_record(text);
    if (!record) return;
    fuzz::demand(services::parse_record(services::render_record(*record)) == record, "a record reads back the same");
    host::ProcessInfo self;
    self.id = {1, 1};
    const auto left = services::find_left(std::span(&self, 1), "0123456789abcdef", record, record->boot, 1);
    fuzz::demand(left.empty(), "nobody ends itself");
}

void check_stamped(std::string_view text) {
    for (const std::string& line : split(text.substr(0, 2000), '\n')) {
        const auto stamped = services::parse_stamped(line);
        if (!stamped) continue;
        fuzz::demand(line.ends_with(stamped->text), "the text is the end of the line", line);
        const std::string written = services::prefix_lines(render_time(stamped->at) + " ", stamped->text);
        const auto again = services::parse_stamped(stamped->text.empty() ? line : written);
        fuzz::demand(again && again->at == stamped->at && again->text == stamped->text, "a line reads back", line);
    }
}

void check_prefix(std::string_view text) {
    const std::string out = services::prefix_lines("> ", text);
    const auto ends = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    const std::size_t lines = ends + (text.empty() || text.ends_with('\n') ? 0 : 1);
    fuzz::demand(out.size() == text.size() + 2 * lines, "each line gets one prefix", out);
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = flowlet::fuzz::text_of(data, size);
    flowlet::check_snapshot(text);
    flowlet::check_record(text);
    flowlet::check_stamped(text);
    flowlet::check_prefix(text);
    return 0;
}
