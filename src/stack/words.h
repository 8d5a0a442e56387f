// How the end of a process and the answer of a look are put into words.
#pragma once

#include <string>
#include <string_view>

#include "flowlet/host/keeper.h"

namespace flowlet::stack {

/// "ended with status 1", "was killed by SIGSEGV", "went into the background …".
std::string describe(const host::Ending& ending, std::size_t left, bool before_ready);

/// Whether that stands in these lines as a terminal shows them: colours between its words do not count.
bool is_said(std::string_view wanted, std::string_view lines);

/// What became of a program that was asked: empty, if it ended well; else with the last line that it said.
std::string complaint_of(const host::Command& command, const host::Exit& exit);

/// Nobody is there yet: asking again costs next to nothing and disturbs nobody.
bool is_refusal(std::string_view why);

}  // namespace flowlet::stack
