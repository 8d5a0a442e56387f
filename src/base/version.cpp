#include "flowlet/base.h"

#include <array>
#include <charconv>

namespace flowlet {

std::optional<Version> parse_version(std::string_view text) {
    text = trim(text);
    if (!text.empty() && (text.front() == 'v' || text.front() == 'V')) text.remove_prefix(1);
    std::array<int, 3> parts{};
    std::size_t count = 0;
    while (count < parts.size()) {
        if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parts.at(count));
        if (error != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        ++count;
        if (text.empty() || text.front() != '.' || count == parts.size()) break;
        text.remove_prefix(1);
    }
    const bool suffix = !text.empty();
    if (count < 2 || (suffix && text.front() != '+' && text.front() != '-')) return std::nullopt;
    return Version{parts[0], parts[1], parts[2]};
}

std::string render_version(const Version& version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.patch);
}

}  // namespace flowlet
