#include <array>
#include <cstdio>
#include <utility>

#include "console/text.h"
#include "flowlet/console.h"

namespace flowlet::console {
namespace {

/// A character that roff would read as its own, or print as another.
std::string_view letter_of(char byte) {
    constexpr auto letters = std::to_array<std::pair<char, std::string_view>>(
        {{'\\', "\\e"}, {'-', "\\-"}, {'\'', "\\(aq"}, {'"', "\\(dq"}, {'^', "\\(ha"}, {'~', "\\(ti"}, {'`', "\\(ga"}});
    for (const auto& [plain, escaped] : letters) {
        if (plain == byte) return escaped;
    }
    return {};
}

/// Valid UTF-8 of more than one byte as \[uXXXX].
std::string by_number(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    unsigned rune = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length && at + i < text.size(); ++i) {
        rune = (rune << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
    }
    at += length - 1;
    std::array<char, 16> out{};
    std::snprintf(out.data(), out.size(), "\\[u%04X]", rune);
    return out.data();
}

std::string escape(std::string_view raw) {
    const std::string text = one_line(raw);
    // A dot at the beginning of a line would be a command.
    std::string out = text.starts_with('.') ? "\\&" : "";
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view letter = letter_of(text[at]);
        if (static_cast<unsigned char>(text[at]) >= 0x80) {
            out += by_number(text, at);
        } else if (letter.empty()) {
            out += text[at];
        } else {
            out += letter;
        }
    }
    return out;
}

void write(const ManPage::Block& block, bool first, std::string& out) {
    switch (block.form) {
        case ManPage::Block::Form::text:
            out += (first ? "" : ".PP\n") + escape(block.text) + "\n";
            break;
        case ManPage::Block::Form::term:
            out += ".TP\n\\fB" + escape(block.term) + "\\fR\n" + escape(block.text) + "\n";
            break;
        case ManPage::Block::Form::code:
            out += first ? ".nf\n" : ".PP\n.nf\n";
            for (const std::string& line : split(block.text, '\n'))
                out += escape(line) + "\n";
            out += ".fi\n";
            break;
    }
}

std::string capitals(std::string text) {
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return text;
}

}  // namespace

std::string to_roff(const ManPage& page) {
    std::string out = ".TH \"" + escape(capitals(page.name)) + "\" \"" + escape(page.section) + "\" \"" + page.date +
                      "\" \"" + escape(page.version) + "\" \"Flowlet\"\n";
    out += ".SH NAME\n" + escape(page.name) + " \\- " + escape(page.text) + "\n";
    for (const ManPage::Section& section : page.sections) {
        if (section.blocks.empty()) continue;
        out += ".SH \"" + escape(section.title) + "\"\n";
        for (const ManPage::Block& block : section.blocks)
            write(block, &block == &section.blocks.front(), out);
    }
    return out;
}

}  // namespace flowlet::console
