// A page of text: lines that are wrapped to the look's width and painted in its colours. Whatever is put on it is made
// printable first, so nothing foreign can steer the terminal.
#pragma once

#include "flowlet/console.h"

namespace flowlet::console {

enum class Ink { plain, bold, dim, red, green, yellow };

/// Signs that have a form for those without Unicode.
enum class Sign { ok, fail, warning, arrow, ellipsis };
std::string sign(Sign which, const Look& look);

std::string paint(std::string_view text, Ink ink, const Look& look);

class Page {
public:
    explicit Page(const Look& look) : look_(look) {}

    /// What a line begins with; the lines that it wraps to are indented by as much.
    struct Lead {
        std::size_t indent = 0;
        std::string text = {};
        Ink ink = Ink::plain;
    };
    /// One line, wrapped. Newlines in it become spaces.
    void line(const Lead& lead, std::string_view body, Ink ink = Ink::plain);
    /// Every line of it as a line of its own.
    void lines(const Lead& lead, std::string_view body, Ink ink = Ink::plain);
    /// An empty line, but not at the beginning and not after another.
    void gap();
    [[nodiscard]] const Look& look() const { return look_; }
    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    const Look& look_;
    std::string text_;
};

}  // namespace flowlet::console
