// The text under the reader: where its lines begin, and how to refuse it with a place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "flowlet/yaml.h"

namespace flowlet::yaml {

class Source {
public:
    /// Throws Error{config} when the text is too large, is not UTF-8, or holds a character that YAML does not allow.
    Source(std::string_view text, std::string file, const Limits& limits);

    /// The text without a byte order mark; all offsets count from its start.
    [[nodiscard]] std::string_view text() const { return text_; }
    [[nodiscard]] Place place(std::size_t offset);
    /// Whether what stands at `offset` is the first of its line and a tab stands before it.
    [[nodiscard]] bool indented_by_tab(std::size_t offset);
    /// False when a quoted scalar begins at `offset`, after its tag and anchor, and the text ends before it does:
    /// yaml-cpp takes some of those for whole.
    [[nodiscard]] bool closes_quote(std::size_t offset) const;
    [[noreturn]] void refuse(std::size_t offset, const std::string& message, const std::string& hint = {});

private:
    void check_characters();
    [[nodiscard]] std::size_t line_of(std::size_t offset) const;

    std::string_view text_;
    std::string file_;
    std::vector<std::size_t> lines_;
    // The last place that was asked for. The next one is near it, so columns are counted from there: a long line would
    // otherwise be counted again for each of its values.
    std::size_t known_line_ = 0;
    std::size_t known_offset_ = 0;
    int known_column_ = 1;
    std::size_t tab_line_ = static_cast<std::size_t>(-1);
    std::size_t tab_indent_ = 0;
};

}  // namespace flowlet::yaml
