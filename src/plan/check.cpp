#include <algorithm>
#include <map>
#include <set>

#include "flowlet/plan.h"

namespace flowlet::plan {
namespace {

using Edges = std::map<std::string, const Step*>;

Edges index(const std::vector<Step>& steps) {
    Edges found;
    for (const Step& step : steps) {
        if (!found.emplace(step.id, &step).second) {
            throw Error(Kind::bug, "the plan has two steps named " + step.id);
        }
    }
    for (const Step& step : steps) {
        for (const std::string& before : step.after) {
            if (found.count(before) == 0) {
                throw Error(Kind::bug, "step " + step.id + " comes after " + before + ", which is not in the plan");
            }
        }
    }
    return found;
}

void check_graph(const std::vector<Step>& steps) {
    const Edges by_id = index(steps);
    std::set<std::string> done;
    bool moved = true;
    while (moved) {
        moved = false;
        for (const Step& step : steps) {
            const bool free = std::all_of(step.after.begin(), step.after.end(),
                                          [&](const std::string& id) { return done.count(id) != 0; });
            if (free && done.insert(step.id).second) {
                moved = true;
            }
        }
    }
    for (const Step& step : steps) {
        if (done.count(step.id) == 0) {
            throw Error(Kind::bug, "the plan's steps wait for each other in a circle: " + step.id);
        }
    }
}

}  // namespace

void check(const Plan& plan) {
    check_graph(plan.steps);
    check_graph(plan.settle);
}

Cause Waiter::conclude(std::span<const host::Response> evidence) const {
    (void)evidence;
    return failure().value_or(Cause{});
}

}  // namespace flowlet::plan
