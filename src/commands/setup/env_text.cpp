#include "commands/setup/env_text.h"

#include "commands/shared/env_file.h"

namespace flowlet::commands::setup {
namespace {

EnvLine parse_line(const std::string& raw, const std::string& file) {
    EnvLine line{raw, "", ""};
    try {
        for (const auto& [name, value] : parse_env_file(raw, file)) {
            line.name = name;
            line.value = value.reveal();
        }
    } catch (const Error&) {
        // The whole was right, so this is a line of a value that goes over several: it is kept as it is.
        line.name.clear();
    }
    return line;
}

/// Read back as it is without quotes.
bool is_plain(const std::string& value) {
    const bool quote = value.starts_with('\'') || value.starts_with('"');
    return !quote && trim(value) == value && value.find_first_of("\r\n") == std::string::npos;
}

}  // namespace

std::vector<EnvLine> parse_example(std::string_view text, const std::string& file) {
    (void)parse_env_file(text, file);
    std::vector<EnvLine> lines;
    for (const std::string& raw : split(text, '\n'))
        lines.push_back(parse_line(raw, file));
    if (!lines.empty() && lines.back().raw.empty()) lines.pop_back();
    return lines;
}

std::string render_env(const std::string& name, const std::string& value) {
    // Other readers take a blank, a '#' or a '$' for something, so these stand in quotes, too.
    const bool odd = value.find_first_of(" \t#$`\\") != std::string::npos;
    if (is_plain(value) && !odd) return name + "=" + value;
    if (value.find_first_of("'\r\n") == std::string::npos) return name + "='" + value + "'";
    std::string text;
    for (const char c : value) {
        if (c == '"' || c == '\\' || c == '$') text += '\\';
        if (c == '\n' || c == '\r') {
            text += c == '\n' ? "\\n" : "\\r";
        } else {
            text += c;
        }
    }
    return name + "=\"" + text + "\"";
}

}  // namespace flowlet::commands::setup
