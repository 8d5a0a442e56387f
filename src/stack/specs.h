// What a plan of services asks of the machine, and what is to be told of each.
#pragma once

#include <vector>

#include "flowlet/plan.h"
#include "flowlet/run.h"
#include "stack/machine.h"

namespace flowlet::stack {

/// All three in the order of the plan's Keep steps.
std::vector<const plan::Keep*> keeps_of(const plan::Plan& plan);
std::vector<Spec> specs_of(const plan::Plan& plan);
std::vector<run::StepReport> reports_of(const plan::Plan& plan);

}  // namespace flowlet::stack
