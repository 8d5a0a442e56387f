#include <algorithm>
#include <array>
#include <cstdint>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t foreign = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
    std::array<std::uint8_t, 256> values{};
    for (auto& value : values)
        value = foreign;
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr std::array<std::uint8_t, 256> values = make_values();

[[noreturn]] void refuse(const std::string& message) {
    throw Error(Kind::verification, "base64: " + message);
}

char byte_of(std::uint32_t group, unsigned shift) {
    return static_cast<char>((group >> shift) & 0xFFU);
}

// The last group: 2 digits are one byte, 3 are two; the bits that are left over must be zero, or two texts would be
// one.
void finish(std::uint32_t group, std::size_t digits, std::size_t padding, std::string& out) {
    if (digits == 0 && padding == 0) return;
    if (digits < 2 || digits + padding != 4) refuse("the text is cut off");
    group <<= 6U * static_cast<unsigned>(padding);
    out += byte_of(group, 16);
    if (digits == 3) out += byte_of(group, 8);
    if ((group & (digits == 3 ? 0xFFU : 0xFFFFU)) != 0) refuse("the last digit has bits that mean nothing");
}

}  // namespace

std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = (group << 8U) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            const std::uint32_t digit = (group >> (18U - 6U * static_cast<unsigned>(i))) & 0x3FU;
            out += i <= count ? alphabet[digit] : '=';
        }
    }
    return out;
}

std::string base64_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    std::size_t digits = 0;
    std::size_t padding = 0;
    for (const char c : text) {
        if (c == '\n' || c == '\r') continue;
        if (c == '=') {
            ++padding;
            continue;
        }
        const std::uint8_t value = values.at(static_cast<unsigned char>(c));
        if (value == foreign) refuse("a character that is not of its alphabet");
        if (padding > 0) refuse("text after its end");
        group = (group << 6U) | value;
        if (++digits == 4) {
            for (const unsigned shift : {16U, 8U, 0U})
                out += byte_of(group, shift);
            digits = 0;
            group = 0;
        }
    }
    if (padding > 2) refuse("the text is cut off");
    finish(group, digits, padding, out);
    return out;
}

}  // namespace flowlet::stream
