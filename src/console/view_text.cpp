#include <algorithm>

#include "console/page.h"
#include "console/text.h"

namespace flowlet::console {
namespace {

using Row = std::vector<std::string>;

std::vector<std::size_t> column_widths(const plan::View& view) {
    std::vector<std::size_t> widths;
    const auto widen = [&](const Row& row) {
        if (row.size() > widths.size()) widths.resize(row.size(), 0);
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(one_line(row[i])));
        }
    };
    widen(view.columns);
    for (const Row& row : view.rows)
        widen(row);
    return widths;
}

void write_row(Page& page, const Row& row, const std::vector<std::size_t>& widths, Ink ink) {
    if (row.empty()) return;
    std::string before;
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
        before += pad(one_line(row[i]), widths[i]) + "  ";
    page.line({0, before, ink}, row.back(), ink);
}

/// Whether a terminal would have to break the columns, so that nobody could read them.
bool is_too_wide(const std::vector<std::size_t>& widths, const Look& look) {
    constexpr std::size_t readable = 16;
    if (!look.terminal || widths.empty()) return false;
    std::size_t needed = std::min(widths.back(), readable);
    for (std::size_t i = 0; i + 1 < widths.size(); ++i)
        needed += widths[i] + 2;
    return needed > static_cast<std::size_t>(look.width);
}

bool fits(const std::string& value, std::size_t columns) {
    const std::vector<std::string> lines = wrap(value, columns);
    return std::all_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return display_width(line) <= columns; });
}

/// A row as a few lines, each the name of a column and the value; below the name, if a word is too long to stand
/// beside.
void write_record(Page& page, const Row& columns, const Row& row) {
    std::size_t widest = 0;
    for (const std::string& column : columns)
        widest = std::max(widest, display_width(one_line(column)));
    const auto width = static_cast<std::size_t>(page.look().width);
    page.gap();
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i].empty()) continue;
        const std::string column = i < columns.size() ? one_line(columns[i]) : "";
        if (column.empty() || (width > widest + 2 && fits(one_line(row[i]), width - widest - 2))) {
            page.line({0, column.empty() ? "" : pad(column, widest) + "  ", Ink::bold}, row[i]);
        } else {
            page.line({}, column, Ink::bold);
            page.line({2}, row[i]);
        }
    }
}

}  // namespace

std::string render(const plan::View& view, const Look& look) {
    Page page(look);
    const std::vector<std::size_t> widths = column_widths(view);
    const bool as_records = is_too_wide(widths, look);
    if (!as_records) write_row(page, view.columns, widths, Ink::bold);
    for (const Row& row : view.rows) {
        if (as_records) {
            write_record(page, view.columns, row);
        } else {
            write_row(page, row, widths, Ink::plain);
        }
    }
    if (!view.notes.empty()) page.gap();
    for (const std::string& note : view.notes)
        page.lines({}, note);
    std::string text = page.take();
    for (const plan::Said& said : view.said)
        text += render(said, look);
    return text;
}

}  // namespace flowlet::console
