// One service, as flowlet.yaml and the files that it names describe it.
#pragma once

#include "commands/stack/stack.h"

namespace flowlet::commands::stack {

/// What is wrong goes to the findings; the service is then of no use, but the others are looked at, too.
Service read_service(const Session& session, const std::string& name, const std::string& mark,
                     std::vector<plan::Finding>& findings);

}  // namespace flowlet::commands::stack
