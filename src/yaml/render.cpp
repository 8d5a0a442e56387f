#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "yaml/character.h"
#include "yaml/scalar.h"

namespace flowlet::yaml {
namespace {

using Json = nlohmann::json;

std::string escaped(char32_t value) {
    switch (value) {
        case '\n':
            return "\\n";
        case '\t':
            return "\\t";
        case '\r':
            return "\\r";
        default:
            break;
    }
    std::array<char, 16> out{};
    std::snprintf(out.data(), out.size(), value < 0x100 ? "\\x%02X" : "\\u%04X", static_cast<unsigned>(value));
    return out.data();
}

/// Marks that turn the direction of text, so that a line reads as another.
bool turns_direction(char32_t value) {
    return value == 0x061C || value == 0x200E || value == 0x200F || (value >= 0x202A && value <= 0x202E) ||
           (value >= 0x2066 && value <= 0x2069);
}

bool needs_escape(char32_t value) {
    return value < 0x20 || value == 0x85 || value == 0x2028 || value == 0x2029 || value == 0xFEFF ||
           turns_direction(value) || !is_allowed(value);
}

std::string quote(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const Character next = decode(text);
        if (next.length == 0) {
            out += "\xEF\xBF\xBD";
        } else if (next.value == '"' || next.value == '\\') {
            out.append("\\").append(text.substr(0, 1));
        } else {
            out += needs_escape(next.value) ? escaped(next.value) : std::string(text.substr(0, next.length));
        }
        text.remove_prefix(std::max<std::size_t>(next.length, 1));
    }
    return out + "\"";
}

// Only what no reader of YAML, old or new, can take for anything but this text.
bool is_plain(std::string_view text) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    constexpr std::string_view inner = "0123456789_-./+:@ ";
    if (text.empty() || text.back() == ' ' || text.back() == ':') return false;
    const bool named = letters.find(text.front()) != std::string_view::npos || text.front() == '/';
    // A quantity such as 500m or 10Gi: a letter that no number of any base has.
    const bool counted = text.front() >= '0' && text.front() <= '9' && text.find(':') == std::string_view::npos &&
                         text.find_first_of("gmijklnpqrstuvwyzGMKTPQ") != std::string_view::npos;
    if ((!named && !counted) || resolve(text) != Type::text || is_old_boolean(text)) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool known =
            letters.find(text[i]) != std::string_view::npos || inner.find(text[i]) != std::string_view::npos;
        if (!known || (text[i] == ':' && text[i + 1] == ' ')) return false;
    }
    return true;
}

bool is_literal(std::string_view text) {
    const std::size_t newline = text.find('\n');
    if (newline == std::string_view::npos || newline == 0 || text.front() == ' ' || text.front() == '\t') return false;
    while (!text.empty()) {
        const Character next = decode(text);
        const bool layout = next.value == '\n' || next.value == '\t';
        if (next.length == 0 || (needs_escape(next.value) && !layout)) return false;
        text.remove_prefix(next.length);
    }
    return true;
}

std::string literal(std::string_view text, const std::string& indent) {
    const std::size_t last = text.find_last_not_of('\n');
    const std::size_t newlines = text.size() - last - 1;
    std::string out = newlines == 0 ? "|-\n" : (newlines == 1 ? "|\n" : "|+\n");
    if (newlines > 0) text.remove_suffix(1);
    for (const std::string& line : split(text, '\n'))
        out += (line.empty() ? "" : indent + line) + "\n";
    out.pop_back();
    return out;
}

std::string render_real(double value) {
    if (std::isnan(value)) return ".nan";
    if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
    return Json(value).dump();
}

std::string render_scalar(const Json& value, const std::string& indent) {
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (is_plain(text)) return text;
        return is_literal(text) ? literal(text, indent) : quote(text);
    }
    if (value.is_array()) return "[]";
    if (value.is_object()) return "{}";
    if (value.is_number_float()) return render_real(value.get<double>());
    if (value.is_boolean() || value.is_number()) return value.dump();
    return "null";
}

bool is_block(const Json& value) {
    return value.is_structured() && !value.empty();
}

// Writes a value whose first line the caller has already indented.
void write(const Json& value, const std::string& indent, std::string& out) {
    if (!is_block(value)) {
        out += render_scalar(value, indent) + "\n";
        return;
    }
    const std::string deeper = indent + "  ";
    bool first = true;
    const auto begin_line = [&] {
        if (!first) out += indent;
        first = false;
    };
    if (value.is_array()) {
        for (const Json& item : value) {
            begin_line();
            out += "- ";
            write(item, deeper, out);
        }
        return;
    }
    for (const auto& [key, entry] : value.items()) {
        begin_line();
        const std::string name = is_plain(key) ? key : quote(key);
        // A reader gives up on a simple key after 1024 characters.
        if (name.size() > 1000) {
            out.append("? ").append(name).append("\n").append(indent).append(":");
        } else {
            out.append(name).append(":");
        }
        out += is_block(entry) ? "\n" + deeper : " ";
        write(entry, deeper, out);
    }
}

}  // namespace

std::string render(const nlohmann::json& value) {
    std::string out;
    write(value, is_block(value) ? "" : "  ", out);
    return out;
}

}  // namespace flowlet::yaml
