#include "yaml/source.h"

#include <algorithm>
#include <utility>

#include "yaml/character.h"

namespace flowlet::yaml {
namespace {

// What follows the tags, anchors and comments at the beginning.
std::string_view without_properties(std::string_view text) {
    while (!text.empty() && (text.front() == '&' || text.front() == '!' || text.front() == '#')) {
        const char* const end = text.front() == '#' ? "\n" : " \t\r\n";
        text.remove_prefix(std::min(text.find_first_of(end), text.size()));
        text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    }
    return text;
}

bool closes_double(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') return true;
        if (text[at] == '\\') ++at;
    }
    return false;
}

// A quote that is doubled stands for itself.
bool closes_single(std::string_view text) {
    for (std::size_t at = text.find('\''); at != std::string_view::npos; at = text.find('\'', at + 2)) {
        if (text.substr(at + 1, 1) != "'") return true;
    }
    return false;
}

}  // namespace

Source::Source(std::string_view text, std::string file, const Limits& limits) : text_(text), file_(std::move(file)) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.substr(0, byte_order_mark.size()) == byte_order_mark) text_.remove_prefix(byte_order_mark.size());
    lines_.push_back(0);
    for (std::size_t at = text_.find('\n'); at != std::string_view::npos; at = text_.find('\n', at + 1)) {
        lines_.push_back(at + 1);
    }
    if (text_.size() > limits.bytes) {
        refuse(limits.bytes, "the text is longer than " + std::to_string(limits.bytes) + " bytes");
    }
    check_characters();
}

void Source::check_characters() {
    for (std::size_t at = 0; at < text_.size();) {
        const Character found = decode(text_.substr(at));
        if (found.length == 0) refuse(at, "the text is not UTF-8 here", "save the file as UTF-8");
        if (!is_allowed(found.value))
            refuse(at, "a control character stands here", "remove it, or escape it in quotes");
        at += found.length;
    }
}

std::size_t Source::line_of(std::size_t offset) const {
    return static_cast<std::size_t>(std::upper_bound(lines_.begin(), lines_.end(), offset) - lines_.begin()) - 1;
}

Place Source::place(std::size_t offset) {
    offset = std::min(offset, text_.size());
    const std::size_t line = line_of(offset);
    if (line != known_line_) {
        known_line_ = line;
        known_offset_ = lines_[line];
        known_column_ = 1;
    }
    for (; known_offset_ < offset; ++known_offset_)
        known_column_ += is_continuation(text_[known_offset_]) ? 0 : 1;
    for (; known_offset_ > offset; --known_offset_)
        known_column_ -= is_continuation(text_[known_offset_ - 1]) ? 0 : 1;
    return {file_, static_cast<int>(line) + 1, known_column_};
}

bool Source::indented_by_tab(std::size_t offset) {
    if (offset >= text_.size()) return false;
    const std::size_t line = line_of(offset);
    if (line != tab_line_) {
        tab_line_ = line;
        tab_indent_ = text_.find_first_not_of(" \t", lines_[line]);
    }
    if (tab_indent_ != offset) return false;
    return text_.substr(lines_[line], offset - lines_[line]).find('\t') != std::string_view::npos;
}

bool Source::closes_quote(std::size_t offset) const {
    const std::string_view scalar = without_properties(text_.substr(std::min(offset, text_.size())));
    if (scalar.empty()) return true;
    if (scalar.front() == '"') return closes_double(scalar.substr(1));
    return scalar.front() != '\'' || closes_single(scalar.substr(1));
}

void Source::refuse(std::size_t offset, const std::string& message, const std::string& hint) {
    // What is quoted in it may hold a newline, but a refusal is one line.
    throw Error(Kind::config, render_place(place(offset)) + ": " + join(split(message, '\n'), "\\n"), hint);
}

}  // namespace flowlet::yaml
