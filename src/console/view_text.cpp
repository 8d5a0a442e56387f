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

}  // namespace

std::string render(const plan::View& view, const Look& look) {
    Page page(look);
    const std::vector<std::size_t> widths = column_widths(view);
    write_row(page, view.columns, widths, Ink::bold);
    for (const Row& row : view.rows)
        write_row(page, row, widths, Ink::plain);
    if (!view.notes.empty()) page.gap();
    for (const std::string& note : view.notes)
        page.lines({}, note);
    return page.take();
}

}  // namespace flowlet::console
