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

bool is_refusal(std::string_view why) {
    return why.find("refused") != std::string_view::npos || why.find("nobody answers") != std::string_view::npos;
}

}  // namespace flowlet::stack
