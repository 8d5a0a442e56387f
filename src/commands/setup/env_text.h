// The text of a new env file, in the format that shared/env_file.h reads.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flowlet::commands::setup {

struct EnvLine {
    std::string raw;    ///< as it stands in the file
    std::string name;   ///< empty: a comment, a blank line, or a part of a value that goes over lines
    std::string value;  ///< what it means
};
/// The lines of an example, to make a file of. Throws Error{config} like parse_env_file().
std::vector<EnvLine> parse_example(std::string_view text, const std::string& file);

/// NAME=VALUE, quoted where it would not be read back as it is.
std::string render_env(const std::string& name, const std::string& value);

}  // namespace flowlet::commands::setup
