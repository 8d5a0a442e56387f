// Steps one after another.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "flowlet/plan.h"

namespace flowlet::commands {

/// Adds a step that begins once the last one has succeeded. Valid until the next is added.
inline plan::Step& add_after_last(plan::Plan& plan, const std::string& id, const std::string& what,
                                  plan::Action action) {
    std::vector<std::string> after;
    if (!plan.steps.empty()) after.push_back(plan.steps.back().id);
    plan.steps.push_back({id, what, std::move(action), std::move(after), {}, false});
    return plan.steps.back();
}

}  // namespace flowlet::commands
