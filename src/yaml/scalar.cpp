#include "yaml/scalar.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "yaml/character.h"

namespace flowlet::yaml {
namespace {

constexpr std::string_view decimal = "0123456789";

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

bool only(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    return text;
}

std::size_t take_digits(std::string_view& text) {
    const std::size_t count = std::min(text.find_first_not_of(decimal), text.size());
    text.remove_prefix(count);
    return count;
}

bool is_integer(std::string_view text) {
    const std::string_view prefix = text.substr(0, 2);
    if (prefix == "0o") return only(text.substr(2), "01234567");
    if (prefix == "0x") return only(text.substr(2), "0123456789abcdefABCDEF");
    return only(without_sign(text), decimal);
}

bool is_real(std::string_view text) {
    constexpr std::array<std::string_view, 3> nan{".nan", ".NaN", ".NAN"};
    constexpr std::array<std::string_view, 3> infinite{".inf", ".Inf", ".INF"};
    if (is_one_of(text, nan) || is_one_of(without_sign(text), infinite)) return true;
    text = without_sign(text);
    std::size_t digits = take_digits(text);
    const bool whole = digits > 0;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        digits = take_digits(text);
        if (!whole && digits == 0) return false;
    } else if (!whole) {
        return false;
    }
    if (text.empty()) return true;
    if (text.front() != 'e' && text.front() != 'E') return false;
    return only(without_sign(text.substr(1)), decimal);
}

// Digits of a base, with an optional minus; nothing when they do not fit.
template <typename Integer>
std::optional<Integer> read_integer(std::string_view digits, int base) {
    Integer value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

nlohmann::json real_to_json(const std::string& scalar) {
    std::string_view digits = scalar;
    if (digits.front() == '+') digits.remove_prefix(1);
    double value = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (error != std::errc{} || stop != end || !std::isfinite(value)) return scalar;
    return value;
}

nlohmann::json integer_to_json(const std::string& scalar) {
    std::string_view digits = scalar;
    int base = 10;
    if (digits.substr(0, 2) == "0o") base = 8;
    if (digits.substr(0, 2) == "0x") base = 16;
    if (base != 10) digits.remove_prefix(2);
    if (digits.front() == '+') digits.remove_prefix(1);
    if (const auto value = read_integer<std::int64_t>(digits, base)) return *value;
    if (const auto value = read_integer<std::uint64_t>(digits, base)) return *value;
    return base == 10 ? real_to_json(scalar) : nlohmann::json(scalar);
}

}  // namespace

Type resolve(std::string_view plain) {
    constexpr std::array<std::string_view, 5> nothing{"", "~", "null", "Null", "NULL"};
    constexpr std::array<std::string_view, 6> booleans{"true", "True", "TRUE", "false", "False", "FALSE"};
    if (is_one_of(plain, nothing)) return Type::null;
    if (is_one_of(plain, booleans)) return Type::boolean;
    if (is_integer(plain)) return Type::integer;
    if (is_real(plain)) return Type::real;
    return Type::text;
}

bool is_old_boolean(std::string_view plain) {
    constexpr std::array<std::string_view, 16> words{"y",  "Y",  "n",  "N",  "yes", "Yes", "YES", "no",
                                                     "No", "NO", "on", "On", "ON",  "off", "Off", "OFF"};
    return is_one_of(plain, words);
}

std::optional<std::string> old_octal(std::string_view plain) {
    const std::string_view digits = without_sign(plain);
    if (digits.size() < 2 || digits.front() != '0' || !only(digits, "01234567")) return std::nullopt;
    const auto value = read_integer<std::int64_t>(digits, 8);
    if (!value) return std::nullopt;
    return std::to_string(plain.front() == '-' ? -*value : *value);
}

std::string mend_escapes(std::string value) {
    if (value.find_first_of("\x85\xA0") == std::string::npos) return value;
    std::string mended;
    for (std::string_view rest = value; !rest.empty();) {
        const std::size_t length = decode(rest).length;
        if (length == 0) mended += '\xC2';
        mended += rest.substr(0, std::max<std::size_t>(length, 1));
        rest.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return mended;
}

nlohmann::json scalar_to_json(Type type, const std::string& scalar) {
    switch (type) {
        case Type::boolean:
            return scalar.front() == 't' || scalar.front() == 'T';
        case Type::integer:
            return integer_to_json(scalar);
        case Type::real:
            return real_to_json(scalar);
        case Type::text:
            return scalar;
        case Type::null:
        case Type::list:
        case Type::map:
            break;
    }
    return nullptr;
}

}  // namespace flowlet::yaml
