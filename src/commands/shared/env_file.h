// Files of NAME=value lines, as services read them into their environment.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flowlet/base.h"

namespace flowlet::commands {

/// One variable a line: NAME=value, `export ` before it is allowed. A value is literal to the end of the line, without
/// the blanks around it; in '…' it is literal, too, and may go over lines; in "…" \n, \t, \r, \", \\ and \$ stand for
/// what they say. Nothing is replaced. Blank lines and lines that begin with # do not count, nor does what follows a
/// closing quote after blanks and a #. The last line for a name counts. Throws Error{config} with file:line for
/// anything else; no value is in it.
std::vector<std::pair<std::string, Secret>> parse_env_file(std::string_view text, const std::string& file);

}  // namespace flowlet::commands
