#include "commands/setup/env_text.h"

#include <algorithm>

#include "flowlet/base.h"

namespace flowlet::commands::setup {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name(std::string_view text) {
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

char unescaped(char c) {
    return c == 'n' ? '\n' : c;
}

/// What "…" means; nothing if it does not end with its quote, or holds an escape that nobody knows.
std::optional<std::string> parse_double(std::string_view text) {
    std::string value;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '"') return i + 1 == text.size() ? std::optional(value) : std::nullopt;
        if (text[i] != '\\') {
            value += text[i];
            continue;
        }
        ++i;
        if (i == text.size() || std::string_view("n\"\\$").find(text[i]) == std::string_view::npos) return std::nullopt;
        value += unescaped(text[i]);
    }
    return std::nullopt;
}

std::optional<std::string> parse_value(std::string_view text) {
    if (text.starts_with('"')) return parse_double(text);
    if (!text.starts_with('\'')) return std::string(text);
    const std::size_t end = text.find('\'', 1);
    if (end == std::string_view::npos || end + 1 != text.size()) return std::nullopt;
    return std::string(text.substr(1, end - 1));
}

EnvLine parse_line(std::string_view raw) {
    EnvLine line;
    line.raw = std::string(raw);
    std::string_view text = trim(raw);
    if (text.empty() || text.starts_with('#')) return line;
    if (text.starts_with("export ")) text = trim(text.substr(7));
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (equals == std::string_view::npos || !is_name(name)) {
        line.broken = true;
        return line;
    }
    const std::optional<std::string> value = parse_value(trim(text.substr(equals + 1)));
    line.broken = !value;
    if (value) {
        line.name = std::string(name);
        line.value = *value;
    }
    return line;
}

/// Read back as it is without quotes.
bool is_plain(const std::string& value) {
    const bool quote = value.starts_with('\'') || value.starts_with('"');
    return !quote && trim(value) == value && value.find('\n') == std::string::npos;
}

}  // namespace

std::vector<EnvLine> parse_env(std::string_view text) {
    std::vector<EnvLine> lines;
    for (const std::string& raw : split(text, '\n'))
        lines.push_back(parse_line(raw));
    if (!lines.empty() && lines.back().raw.empty()) lines.pop_back();
    return lines;
}

std::optional<std::string> find_value(const std::vector<EnvLine>& lines, std::string_view name) {
    const auto found = std::find_if(lines.rbegin(), lines.rend(),
                                    [&](const EnvLine& line) { return !line.name.empty() && line.name == name; });
    return found == lines.rend() ? std::nullopt : std::optional(found->value);
}

std::string render_env(const std::string& name, const std::string& value) {
    // Other readers take a blank, a '#' or a '$' for something, so these stand in quotes, too.
    const bool odd = value.find_first_of(" \t#$`\\") != std::string::npos;
    if (is_plain(value) && !odd) return name + "=" + value;
    const bool single = value.find('\'') == std::string::npos && value.find('\n') == std::string::npos;
    if (single) return name + "='" + value + "'";
    std::string text;
    for (const char c : value) {
        if (c == '"' || c == '\\' || c == '$') text += '\\';
        text += c == '\n' ? std::string("\\n") : std::string(1, c);
    }
    return name + "=\"" + text + "\"";
}

}  // namespace flowlet::commands::setup
