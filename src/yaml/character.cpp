#include "yaml/character.h"

namespace flowlet::yaml {
namespace {

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

}  // namespace

Character decode(std::string_view text) {
    const Lead first = lead(static_cast<unsigned char>(text.front()));
    if (first.length == 0 || first.length > text.size()) return {};
    char32_t value = first.bits;
    for (std::size_t i = 1; i < first.length; ++i) {
        if (!is_continuation(text[i])) return {};
        value = (value << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < first.smallest || value > 0x10FFFF || surrogate) return {};
    return {value, first.length};
}

bool is_allowed(char32_t value) {
    if (value < 0x20) return value == '\t' || value == '\n' || value == '\r';
    if (value < 0x7F) return true;
    if (value < 0xA0) return value == 0x85;
    return value != 0xFFFE && value != 0xFFFF;
}

}  // namespace flowlet::yaml
