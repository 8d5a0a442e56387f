#include "config/findings.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace flowlet::config {

std::string one_line(std::string_view text) {
    return join(split(printable(text), '\n'), "\\n");
}

void Findings::add(Place place, std::string message, std::string hint) {
    found_.push_back({std::move(place), std::move(message), std::move(hint)});
}

void Findings::throw_if_any() const {
    if (found_.empty()) return;
    std::vector<Finding> sorted = found_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Finding& left, const Finding& right) {
        // Places in a file have a line and come first; variables and flags have none.
        const auto rank = [](const Place& place) {
            return std::tuple(place.line == 0, std::string_view(place.file), place.line, place.column);
        };
        return rank(left.place) < rank(right.place);
    });
    std::vector<std::string> lines;
    std::vector<std::string> hints;
    for (const Finding& finding : sorted) {
        const std::string place = render_place(finding.place);
        lines.push_back(one_line(place + (place.empty() ? "" : ": ") + finding.message));
        const std::string hint = one_line(finding.hint);
        if (!hint.empty() && std::find(hints.begin(), hints.end(), hint) == hints.end()) hints.push_back(hint);
    }
    throw Error(Kind::config, join(lines, "\n"), join(hints, "\n"));
}

}  // namespace flowlet::config
