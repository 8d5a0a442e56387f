#include "console/page.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "console/text.h"

namespace flowlet::console {
namespace {

std::string_view code(Ink ink) {
    switch (ink) {
        case Ink::plain:
            return "";
        case Ink::bold:
            return "\x1b[1m";
        case Ink::dim:
            return "\x1b[2m";
        case Ink::red:
            return "\x1b[31m";
        case Ink::green:
            return "\x1b[32m";
        case Ink::yellow:
            return "\x1b[33m";
    }
    return "";
}

/// Beside less than this, text is not squeezed into a column: it begins on a line of its own.
constexpr std::size_t narrowest = 12;

/// The signs that flowletctl itself writes into its sentences, in letters. Foreign words stay as they are.
std::string in_letters(std::string text) {
    constexpr auto signs = std::to_array<std::pair<std::string_view, std::string_view>>({{"…", "..."}, {"→", "->"}});
    for (const auto& [mark, letters] : signs) {
        for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + letters.size())) {
            text.replace(at, mark.size(), letters);
        }
    }
    return text;
}

}  // namespace

std::string sign(Sign which, const Look& look) {
    switch (which) {
        case Sign::ok:
            return look.unicode ? "✔" : "ok";
        case Sign::fail:
            return look.unicode ? "✖" : "FAIL";
        case Sign::warning:
            return "!";
        case Sign::arrow:
            return look.unicode ? "→" : "->";
        case Sign::ellipsis:
            return look.unicode ? "…" : "...";
    }
    return "";
}

std::string paint(std::string_view text, Ink ink, const Look& look) {
    if (!look.color || ink == Ink::plain || text.empty()) return std::string(text);
    return std::string(code(ink)) + std::string(text) + "\x1b[0m";
}

void Page::line(const Lead& lead, std::string_view body, Ink ink) {
    const auto shown = [&](std::string_view text) {
        return look_.unicode ? one_line(text) : in_letters(one_line(text));
    };
    const std::string lead_text = shown(lead.text);
    std::size_t before = lead.indent + display_width(lead_text);
    const auto width = static_cast<std::size_t>(look_.width);
    std::string start = std::string(lead.indent, ' ') + paint(lead_text, lead.ink, look_);
    std::string text = shown(body);
    // What goes into a pipe or a file is read by other programs, line by line, so only a terminal's lines are wrapped.
    if (look_.terminal && width < before + std::min(narrowest, display_width(text)) && !lead_text.empty()) {
        text_ += std::string(lead.indent, ' ') + paint(trim(lead_text), lead.ink, look_) + '\n';
        before = lead.indent + 2;
        start = std::string(before, ' ');
    }
    bool first = true;
    for (const std::string& part :
         wrap(text, look_.terminal && width > before ? width - before : std::numeric_limits<std::size_t>::max())) {
        text_ += first ? start : std::string(before, ' ');
        text_ += paint(part, ink, look_) + '\n';
        first = false;
    }
}

void Page::lines(const Lead& lead, std::string_view body, Ink ink) {
    for (const std::string& one : split(body, '\n')) {
        if (!trim(one).empty()) line(lead, one, ink);
    }
}

void Page::gap() {
    if (!text_.empty() && !text_.ends_with("\n\n")) text_ += '\n';
}

}  // namespace flowlet::console
