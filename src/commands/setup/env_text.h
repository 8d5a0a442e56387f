// The text of an env file: NAME=VALUE lines. A value is literal to the end of its line, without the blanks there; or in
// '…', literally; or in "…", where \n \" \\ \$ stand for what they usually do. Nothing is expanded. "export " may stand
// before a name, '#' begins a line that is a comment.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::commands::setup {

struct EnvLine {
    std::string raw;    ///< as it stands in the file
    std::string name;   ///< empty: a comment, a blank line, or a broken one
    std::string value;  ///< what it means
    bool broken = false;
};
std::vector<EnvLine> parse_env(std::string_view text);

/// The value of the last line of that name, as a later one counts; nothing if there is none.
std::optional<std::string> find_value(const std::vector<EnvLine>& lines, std::string_view name);

/// NAME=VALUE, quoted where it would not be read back as it is.
std::string render_env(const std::string& name, const std::string& value);

}  // namespace flowlet::commands::setup
