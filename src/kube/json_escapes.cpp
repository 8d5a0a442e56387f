#include "kube/json_escapes.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include "flowlet/base.h"

namespace flowlet::kube {

namespace {

constexpr std::size_t escape_size = 6;

/// The unit that "\uXXXX" at the start of the text says.
std::optional<std::uint32_t> escaped_unit(std::string_view text) {
    if (text.size() < escape_size || text[0] != '\\' || text[1] != 'u') return std::nullopt;
    const char* const end = text.data() + escape_size;
    std::uint32_t unit = 0;
    const auto [stop, error] = std::from_chars(text.data() + 2, end, unit, 16);
    if (error != std::errc() || stop != end) return std::nullopt;
    return unit;
}

/// The character that the two escapes at the start of the text say together.
std::optional<std::uint32_t> escaped_pair(std::string_view text) {
    const auto high = escaped_unit(text);
    if (!high || *high < 0xD800U || *high > 0xDBFFU) return std::nullopt;
    const auto low = escaped_unit(text.substr(escape_size));
    if (!low || *low < 0xDC00U || *low > 0xDFFFU) return std::nullopt;
    return 0x10000U + ((*high - 0xD800U) << 10U) + (*low - 0xDC00U);
}

void append_utf8(std::string& text, std::uint32_t character) {
    const auto append = [&text](std::uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
    append(0xF0U | (character >> 18U));
    append(0x80U | ((character >> 12U) & 0x3FU));
    append(0x80U | ((character >> 6U) & 0x3FU));
    append(0x80U | (character & 0x3FU));
}

}  // namespace

std::string join_surrogates(std::string_view text) {
    const std::string_view trimmed = trim(text);
    if (!trimmed.starts_with('{') && !trimmed.starts_with('[')) return std::string(text);
    std::string joined;
    joined.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (const auto character = escaped_pair(text.substr(at))) {
            append_utf8(joined, *character);
            at += 2 * escape_size;
            continue;
        }
        // An escaped backslash is passed as a whole: the "u" behind it is a letter.
        const std::size_t count = text.substr(at).starts_with("\\\\") ? 2 : 1;
        joined += text.substr(at, count);
        at += count;
    }
    return joined;
}

}  // namespace flowlet::kube
