// One character of UTF-8, and which of them YAML lets stand in a text.
#pragma once

#include <cstddef>
#include <string_view>

namespace flowlet::yaml {

struct Character {
    char32_t value = 0;
    std::size_t length = 0;  ///< 0: the text does not begin with a whole character
};

/// The first character of a text that is not empty.
Character decode(std::string_view text);

/// YAML 1.2's c-printable: what may stand in a text as it is.
bool is_allowed(char32_t value);

inline bool is_continuation(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace flowlet::yaml
