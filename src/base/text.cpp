#include "flowlet/base.h"

#include <algorithm>

namespace flowlet {

std::string render_place(const Place& place) {
    std::string out = place.file;
    if (place.line > 0) {
        out += (out.empty() ? "" : ":") + std::to_string(place.line);
        if (place.column > 0) out += ":" + std::to_string(place.column);
    }
    return out;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i != 0) out += separator;
        out += parts[i];
    }
    return out;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> out;
    for (;;) {
        const std::size_t at = text.find(separator);
        out.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at + 1);
    }
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blank = " \t\r\n\f\v";
    const std::size_t first = text.find_first_not_of(blank);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    for (char& letter : lowered) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return lowered;
}

std::vector<std::string> last_lines(std::string_view text, std::size_t count) {
    std::vector<std::string> out;
    while (!text.empty() && out.size() < count) {
        const std::size_t newline = text.rfind('\n');
        const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
        std::string_view line = text.substr(start);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        if (!trim(line).empty()) out.emplace_back(line);
        text = text.substr(0, start == 0 ? 0 : newline);
    }
    std::reverse(out.begin(), out.end());
    return out;
}

}  // namespace flowlet
