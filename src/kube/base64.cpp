#include "kube/base64.h"

#include <cstddef>
#include <cstdint>

namespace flowlet::kube {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string without_line_breaks(std::string_view text) {
    std::string kept;
    kept.reserve(text.size());
    for (const char byte : text) {
        if (byte != '\n' && byte != '\r') kept += byte;
    }
    return kept;
}

std::size_t padding_of(std::string_view text) {
    if (text.ends_with("==")) return 2;
    return text.ends_with('=') ? 1 : 0;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
    const std::string packed = without_line_breaks(text);
    if (packed.size() % 4 != 0) return std::nullopt;
    const std::size_t digits = packed.size() - padding_of(packed);
    std::string bytes;
    bytes.reserve(packed.size() / 4 * 3);
    std::uint32_t window = 0;
    unsigned bits = 0;
    for (std::size_t index = 0; index < digits; ++index) {
        const std::size_t value = alphabet.find(packed[index]);
        if (value == std::string_view::npos) return std::nullopt;
        window = ((window << 6U) | static_cast<std::uint32_t>(value)) & 0xFFFFU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(static_cast<unsigned char>((window >> bits) & 0xFFU));
        }
    }
    return bytes;
}

}  // namespace flowlet::kube
