#include "config/findings.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace flowlet::config {

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
        lines.push_back(render_place(finding.place) + ": " + finding.message);
        if (!finding.hint.empty() && std::find(hints.begin(), hints.end(), finding.hint) == hints.end()) {
            hints.push_back(finding.hint);
        }
    }
    throw Error(Kind::config, join(lines, "\n"), join(hints, "\n"));
}

}  // namespace flowlet::config
