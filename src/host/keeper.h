// The loop that keeps processes: see flowlet/host/keeper.h.
#pragma once

#include "flowlet/host.h"

namespace flowlet::host {

void keep_household(const std::string& folder, Household& household, Interrupt* interrupt);

}  // namespace flowlet::host
