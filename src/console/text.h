// Text in columns. All of it takes valid UTF-8, as printable() gives it.
#pragma once

#include "flowlet/base.h"

#include <string>
#include <string_view>
#include <vector>

namespace flowlet::console {

/// How many columns a text takes: 0 for combining marks, 2 for wide East Asian characters and emoji, else 1.
std::size_t display_width(std::string_view text);

/// The text if it is no wider than that, else as much of it as fits with the mark at its end.
std::string fit(std::string_view text, std::size_t columns, std::string_view mark);

/// Lines of at most that many columns, broken at spaces. A word that is wider stays whole: it may be a path to copy.
std::vector<std::string> wrap(std::string_view text, std::size_t columns);

/// With spaces up to that width.
std::string pad(std::string_view text, std::size_t columns);

/// Foreign text as one printable line: newlines and tabs become spaces.
std::string one_line(std::string_view text);

/// "0.1s", "12.3s", "2m05s", "1h02m".
std::string render_took(Millis took);

/// "1 step", "3 steps".
std::string count(std::size_t number, std::string_view noun);

}  // namespace flowlet::console
