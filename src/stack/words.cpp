#include "stack/words.h"

#include <csignal>
#include <cstring>

namespace flowlet::stack {

std::string describe(const host::Ending& ending, std::size_t left, bool before_ready) {
    const std::string when = before_ready ? " before it was ready" : "";
    if (ending.signal != 0) {
        const char* const name = ::sigabbrev_np(ending.signal);
        return "was killed by " + (name == nullptr ? std::to_string(ending.signal) : "SIG" + std::string(name)) + when;
    }
    std::string text = "ended with status " + std::to_string(ending.code) + when;
    if (left > 0 && ending.code == 0) {
        text += " and left " + std::to_string(left) + (left == 1 ? " process" : " processes") +
                " behind: it goes into the background, and has to be told to stay in the foreground";
    }
    return text;
}

bool is_said(std::string_view wanted, std::string_view lines) {
    if (lines.find(wanted) != std::string_view::npos) return true;
    return lines.find('\x1b') != std::string_view::npos && strip_escapes(lines).find(wanted) != std::string::npos;
}

std::string complaint_of(const host::Command& command, const host::Exit& exit) {
    if (exit.ok()) return "";
    const std::vector<std::string> words = last_lines(printable(exit.err.empty() ? exit.out : exit.err), 1);
    const std::string how = exit.timed_out ? "took longer than " + render_duration(command.timeout)
                                           : "ended with status " + std::to_string(exit.code);
    return command.program + " " + how + (words.empty() ? "" : ": " + words.front());
}

bool is_refusal(std::string_view why) {
    return why.find("refused") != std::string_view::npos || why.find("nobody answers") != std::string_view::npos;
}

}  // namespace flowlet::stack
