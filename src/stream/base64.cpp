#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

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

class Decoder {
public:
    explicit Decoder(std::size_t size) { out_.reserve(size); }

    void take(char c) {
        if (c == '=') {
            ++padding_;
            return;
        }
        const std::uint8_t value = values.at(static_cast<unsigned char>(c));
        if (value == foreign) refuse("a character that is not of its alphabet");
        if (padding_ > 0) refuse("text after its end");
        group_ = (group_ << 6U) | value;
        if (++digits_ < 4) return;
        for (const unsigned shift : {16U, 8U, 0U})
            out_ += byte_of(group_, shift);
        digits_ = 0;
        group_ = 0;
    }

    // The last group: 2 digits are one byte, 3 are two; the bits that are left over must be zero, or two texts would be
    // one.
    std::string finish() {
        if (digits_ == 0 && padding_ == 0) return std::move(out_);
        if (padding_ > 2 || digits_ < 2 || digits_ + padding_ != 4) refuse("the text is cut off");
        group_ <<= 6U * static_cast<unsigned>(padding_);
        out_ += byte_of(group_, 16);
        if (digits_ == 3) out_ += byte_of(group_, 8);
        if ((group_ & (digits_ == 3 ? 0xFFU : 0xFFFFU)) != 0) refuse("the last digit has bits that mean nothing");
        return std::move(out_);
    }

private:
    std::string out_;
    std::uint32_t group_ = 0;
    std::size_t digits_ = 0;
    std::size_t padding_ = 0;
};

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
    Decoder decoder(text.size() / 4 * 3);
    for (const char c : text) {
        if (c != '\n' && c != '\r') decoder.take(c);
    }
    return decoder.finish();
}

}  // namespace flowlet::stream
