#include "console/text.h"

#include <algorithm>
#include <array>

namespace flowlet::console {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

constexpr auto combining = std::to_array<Range>({
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A},   {0x064B, 0x065F}, {0x06D6, 0x06DC},
    {0x093C, 0x093C}, {0x0941, 0x0948}, {0x094D, 0x094D}, {0x0E31, 0x0E31},   {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E},
    {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200F}, {0x202A, 0x202E},   {0x2060, 0x2064}, {0x20D0, 0x20FF},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0100, 0xE01EF},
});

constexpr auto wide = std::to_array<Range>({
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x23E9, 0x23EC},   {0x25FD, 0x25FE},   {0x2614, 0x2615},
    {0x26A1, 0x26A1},   {0x26BD, 0x26BE},   {0x26D4, 0x26D4},   {0x2705, 0x2705},   {0x274C, 0x274C},
    {0x2753, 0x2755},   {0x2795, 0x2797},   {0x2B50, 0x2B50},   {0x2E80, 0x303E},   {0x3041, 0x33FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F004, 0x1F004},
    {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A}, {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF},
    {0x20000, 0x3FFFD},
});

template <typename Table>
bool contains(const Table& table, char32_t rune) {
    return std::any_of(table.begin(), table.end(),
                       [&](const Range& range) { return rune >= range.first && rune <= range.last; });
}

struct Rune {
    std::size_t bytes = 1;
    std::size_t columns = 1;
};

Rune first_rune(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) return {1, 1};
    const std::size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    const std::size_t bytes = std::min(wanted, text.size());
    char32_t rune = lead & (0xFFU >> (wanted + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        rune = (rune << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    if (contains(combining, rune)) return {bytes, 0};
    return {bytes, contains(wide, rune) ? std::size_t{2} : std::size_t{1}};
}

/// How many bytes of the text take at most that many columns.
std::size_t prefix_bytes(std::string_view text, std::size_t columns) {
    std::size_t bytes = 0;
    std::size_t used = 0;
    while (bytes < text.size()) {
        const Rune rune = first_rune(text.substr(bytes));
        if (used + rune.columns > columns) break;
        used += rune.columns;
        bytes += rune.bytes;
    }
    return bytes;
}

std::string two_digits(long number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const Rune rune = first_rune(text);
        columns += rune.columns;
        text.remove_prefix(rune.bytes);
    }
    return columns;
}

std::string fit(std::string_view text, std::size_t columns, std::string_view mark) {
    if (display_width(text) <= columns) return std::string(text);
    const std::size_t mark_width = display_width(mark);
    if (mark_width > columns) return std::string(text.substr(0, prefix_bytes(text, columns)));
    return std::string(text.substr(0, prefix_bytes(text, columns - mark_width))) + std::string(mark);
}

std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
    std::vector<std::string> lines;
    while (display_width(text) > columns) {
        const std::size_t limit = prefix_bytes(text, columns);
        const std::size_t start = text.find_first_not_of(' ');
        // A space right behind the limit is a place to break as well.
        std::size_t space = text.rfind(' ', limit);
        if (space == std::string_view::npos || space < start) space = text.find(' ', std::min(start, text.size()));
        if (space == std::string_view::npos) break;
        const std::size_t end = text.find_last_not_of(' ', space);
        lines.emplace_back(text.substr(0, end == std::string_view::npos ? space : end + 1));
        const std::size_t next = text.find_first_not_of(' ', space);
        text = next == std::string_view::npos ? std::string_view() : text.substr(next);
    }
    if (!text.empty() || lines.empty()) lines.emplace_back(text);
    return lines;
}

std::string pad(std::string_view text, std::size_t columns) {
    const std::size_t width = display_width(text);
    return std::string(text) + std::string(width < columns ? columns - width : 0, ' ');
}

std::string one_line(std::string_view text) {
    std::string line = printable(text);
    std::replace_if(
        line.begin(), line.end(), [](char letter) { return letter == '\n' || letter == '\t'; }, ' ');
    return line;
}

std::string render_took(Millis took) {
    const long tenths = static_cast<long>(took.count() / 100);
    const long seconds = tenths / 10;
    if (seconds < 60) return std::to_string(seconds) + "." + std::to_string(tenths % 10) + "s";
    if (seconds < 3600) return std::to_string(seconds / 60) + "m" + two_digits(seconds % 60) + "s";
    return std::to_string(seconds / 3600) + "h" + two_digits(seconds / 60 % 60) + "m";
}

std::string count(std::size_t number, std::string_view noun) {
    return std::to_string(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

}  // namespace flowlet::console
