// Any argv, its words between NULs → a command that can run, a text to print, or an Error of kind usage.
#include "app/line.h"

#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

/// Each argv builds the whole command line, so a fuzzer is kept to what a person could type.
constexpr std::size_t most_words = 24;

void check(const std::vector<std::string>& args) {
    (void)app::find_form(args);
    std::optional<app::Line> line;
    try {
        line = app::parse_line(args);
    } catch (const Error& error) {
        fuzz::demand_answer(error, {Kind::usage});
        fuzz::demand(!error.hint().empty(), "a usage error says what to do", error.what());
        fuzz::demand(std::string_view(error.what()).find('\n') == std::string_view::npos, "a usage error is one line",
                     error.what());
        return;
    }
    if (line->own) {
        fuzz::demand(line->own->text.ends_with("\n"), "a text ends its line", line->own->text);
        return;
    }
    fuzz::demand(!line->invocation.command.empty() && line->invocation.run != nullptr, "a command can run");
    for (const config::Request::Override& override : line->invocation.overrides)
        (void)config::find(override.path);
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> args = flowlet::split(flowlet::fuzz::text_of(data, size), '\0');
    if (size == 0) args.clear();
    if (args.size() <= flowlet::most_words) flowlet::check(args);
    return 0;
}
