#include "flowlet/services.h"

namespace flowlet::services {

std::optional<Stamped> parse_stamped(std::string_view line) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const auto at = parse_time(line.substr(0, blank));
    if (!at) return std::nullopt;
    return Stamped{*at, line.substr(blank + 1)};
}

std::string prefix_lines(std::string_view prefix, std::string_view lines) {
    std::string out;
    // Lines of programs are rarely shorter than this, and growing is cheap when they are.
    constexpr std::size_t usual_line = 32;
    out.reserve(lines.size() + (lines.size() / usual_line + 1) * prefix.size());
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        const std::size_t length = end == std::string_view::npos ? lines.size() : end + 1;
        out.append(prefix).append(lines.substr(0, length));
        lines.remove_prefix(length);
    }
    return out;
}

}  // namespace flowlet::services
