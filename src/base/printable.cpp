#include "flowlet/base.h"

#include <array>
#include <cstdio>

namespace flowlet {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct Rune {
    char32_t value = 0;
    std::size_t length = 0;  // 0: not UTF-8 here
};

struct Lead {
    std::size_t length;
    char32_t bits;
    char32_t smallest;
};

Lead lead(unsigned char byte) {
    if (byte < 0x80U) return {1, byte, 0};
    if ((byte & 0xE0U) == 0xC0U) return {2, byte & 0x1FU, 0x80};
    if ((byte & 0xF0U) == 0xE0U) return {3, byte & 0x0FU, 0x800};
    if ((byte & 0xF8U) == 0xF0U) return {4, byte & 0x07U, 0x10000};
    return {0, 0, 0};
}

Rune decode(std::string_view text) {
    const Lead first = lead(static_cast<unsigned char>(text.front()));
    if (first.length == 0 || first.length > text.size()) return {};
    char32_t value = first.bits;
    for (std::size_t i = 1; i < first.length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0U) != 0x80U) return {};
        value = (value << 6U) | (byte & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < first.smallest || value > 0x10FFFF || surrogate) return {};
    return {value, first.length};
}

// Controls of both sets, and the marks that turn the direction of text: they can make a line read as another.
bool steers(char32_t rune) {
    if (rune == '\n' || rune == '\t') return false;
    if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0)) return true;
    const bool direction = rune == 0x061C || rune == 0x200E || rune == 0x200F || (rune >= 0x202A && rune <= 0x202E) ||
                           (rune >= 0x2066 && rune <= 0x2069);
    return direction || rune == 0x2028 || rune == 0x2029;
}

std::string spelled(char32_t rune) {
    std::array<char, 16> out{};
    std::snprintf(out.data(), out.size(), rune < 0x100 ? "\\x%02x" : "\\u%04x", static_cast<unsigned>(rune));
    return out.data();
}

/// How many bytes at the beginning are ASCII that can be shown.
std::size_t plain_start(std::string_view text) {
    std::size_t length = 0;
    while (length < text.size() && text[length] >= ' ' && text[length] <= '~')
        ++length;
    return length;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        // Most text is plain letters: those are taken in one go.
        const std::size_t plain = plain_start(text);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty()) break;
        if (text.substr(0, 2) == "\r\n") text.remove_prefix(1);
        const Rune rune = decode(text);
        if (rune.length == 0) {
            out += replacement;
            text.remove_prefix(1);
            continue;
        }
        if (steers(rune.value)) {
            out += spelled(rune.value);
        } else {
            out += text.substr(0, rune.length);
        }
        text.remove_prefix(rune.length);
    }
    return out;
}

}  // namespace flowlet
