#include "flowlet/base.h"

#include <array>
#include <charconv>

namespace flowlet {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t millis;
};

// Largest first; a duration names each at most once and in this order.
constexpr std::array<Unit, 4> units{{{"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}}};
constexpr std::int64_t longest = std::int64_t{10000} * 3600000;

std::optional<std::int64_t> take_number(std::string_view& text) {
    std::int64_t value = 0;
    if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || value > longest) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::string_view take_word(std::string_view& text) {
    const std::string_view word = text.substr(0, text.find_first_of("0123456789"));
    text.remove_prefix(word.size());
    return word;
}

}  // namespace

std::optional<Millis> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::int64_t total = 0;
    std::size_t next = 0;
    while (!text.empty()) {
        const std::optional<std::int64_t> number = take_number(text);
        if (!number) return std::nullopt;
        const std::string_view word = take_word(text);
        while (next < units.size() && units.at(next).name != word)
            ++next;
        if (next == units.size() || *number > longest / units.at(next).millis) return std::nullopt;
        total += *number * units.at(next).millis;
        ++next;
    }
    if (total > longest) return std::nullopt;
    return Millis(total);
}

std::string render_duration(Millis duration) {
    std::int64_t rest = duration.count();
    if (rest == 0) return "0s";
    std::string out = rest < 0 ? "-" : "";
    for (const Unit& unit : units) {
        const std::int64_t whole = rest / unit.millis;
        rest %= unit.millis;
        if (whole != 0) out += std::to_string(whole < 0 ? -whole : whole).append(unit.name);
    }
    return out;
}

}  // namespace flowlet
