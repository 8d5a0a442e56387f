#include <algorithm>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

constexpr std::string_view mask = "***";

char digit(unsigned value, std::string_view digits) {
    return digits[value & 0x0FU];
}

/// RFC 3986: every byte that is not unreserved, with upper or lower case digits.
std::string percent(std::string_view text, std::string_view digits) {
    std::string out;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                           (letter >= '0' && letter <= '9') ||
                           std::string_view("-._~").find(letter) != std::string_view::npos;
        if (plain) {
            out += letter;
        } else {
            out += '%';
            out += digit(byte >> 4U, digits);
            out += digit(byte, digits);
        }
    }
    return out;
}

/// As it stands between the quotes of a JSON string; some writers escape `also` too.
std::string json(std::string_view text, std::string_view also) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\' || also.find(letter) != std::string_view::npos) {
            out += '\\';
            out += letter;
        } else if (letter == '\t') {
            out += "\\t";
        } else if (byte < 0x20U) {
            out += "\\u00";
            out += digit(byte >> 4U, digits);
            out += digit(byte, digits);
        } else {
            out += letter;
        }
    }
    return out;
}

std::string hex(std::string_view text, std::string_view digits) {
    std::string out;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        out += digit(byte >> 4U, digits);
        out += digit(byte, digits);
    }
    return out;
}

/// The letters that base64 makes of `text` wherever it stands `before` bytes after a border of three: those that other
/// bytes have a part in are left out.
std::string base64_inside(std::string_view text, std::size_t before) {
    const std::string encoded = base64_encode(std::string(before, 'x').append(text));
    constexpr std::size_t letter_bits = 6;
    constexpr std::size_t byte_bits = 8;
    const std::size_t first = (before * byte_bits + letter_bits - 1) / letter_bits;
    const std::size_t last = (before + text.size()) * byte_bits / letter_bits;
    return encoded.substr(first, last - first);
}

std::string url_alphabet(std::string text) {
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

/// A shell's and SQL's way to write a quote inside quotes.
std::string replaced(std::string_view text, char what, std::string_view by) {
    std::string out;
    for (const char letter : text) {
        if (letter == what) {
            out += by;
        } else {
            out += letter;
        }
    }
    return out;
}

void add_forms(std::string_view text, std::vector<std::string>& forms) {
    forms.emplace_back(text);
    for (const std::string_view digits : {"0123456789abcdef", "0123456789ABCDEF"}) {
        forms.push_back(percent(text, digits));
        forms.push_back(hex(text, digits));
    }
    forms.push_back(json(text, ""));
    forms.push_back(json(text, "/"));
    forms.push_back(json(json(text, ""), ""));
    forms.push_back(replaced(text, '\'', "''"));
    forms.push_back(replaced(text, '\'', "'\\''"));
    for (std::size_t before = 0; before < 3; ++before) {
        const std::string inside = base64_inside(text, before);
        forms.push_back(inside);
        forms.push_back(url_alphabet(inside));
    }
}

void mark(std::string_view text, std::string_view pattern, std::vector<bool>& hidden) {
    for (std::size_t at = text.find(pattern); at != std::string_view::npos; at = text.find(pattern, at + 1)) {
        std::fill_n(hidden.begin() + static_cast<std::ptrdiff_t>(at), pattern.size(), true);
    }
}

std::string without_marked(std::string_view text, const std::vector<bool>& hidden) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!hidden[at]) {
            out += text[at];
        } else if (at == 0 || !hidden[at - 1]) {
            out += mask;
        }
    }
    return out;
}

}  // namespace

std::string percent_encode(std::string_view text) {
    return percent(text, "0123456789ABCDEF");
}

struct Scrubber::Known {
    std::mutex mutex;
    std::vector<Secret> patterns;
};

Scrubber::Scrubber() : known_(std::make_unique<Known>()) {}
Scrubber::~Scrubber() = default;

void Scrubber::add(const Secret& secret) {
    std::vector<std::string> forms;
    const std::string_view whole = secret.reveal();
    if (trim(whole).size() >= shortest) {
        add_forms(whole, forms);
        add_forms(trim(whole), forms);
    }
    for (std::size_t begin = 0; begin <= whole.size();) {
        const std::size_t end = std::min(whole.find('\n', begin), whole.size());
        const std::string_view line = trim(whole.substr(begin, end - begin));
        if (line.size() >= shortest) add_forms(line, forms);
        begin = end + 1;
    }
    const std::lock_guard lock(known_->mutex);
    for (std::string& form : forms) {
        const bool known = std::any_of(known_->patterns.begin(), known_->patterns.end(),
                                       [&](const Secret& pattern) { return pattern.reveal() == form; });
        // Taken over, so that no copy stays behind.
        if (form.size() >= shortest && !known) known_->patterns.emplace_back(std::move(form));
    }
}

std::string Scrubber::scrub(std::string_view text) const {
    const std::lock_guard lock(known_->mutex);
    std::vector<bool> hidden;
    for (const Secret& pattern : known_->patterns) {
        if (text.find(pattern.reveal()) == std::string_view::npos) continue;
        hidden.resize(text.size());
        mark(text, pattern.reveal(), hidden);
    }
    return hidden.empty() ? std::string(text) : without_marked(text, hidden);
}

}  // namespace flowlet::stream
