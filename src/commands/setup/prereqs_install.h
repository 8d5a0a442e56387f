// What is missing is installed: by apt, or into a folder of flowletctl's own by go, npm and pip.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/setup/prereqs.h"

namespace flowlet::commands::setup {

/// What apt is to be asked for, once each, whoever may ask it.
std::vector<std::string> debian_packages(const Prerequisites& found);
/// Nothing, if nothing that is missing can be installed by who is here.
std::optional<plan::Plan> plan_install(const Prerequisites& found);

}  // namespace flowlet::commands::setup
