// One run of flowletctl: from the parsed line to the exit code.
#pragma once

#include <string>
#include <vector>

#include "app/line.h"
#include "flowlet/host.h"

namespace flowlet::app {

/// Everything between argv and the exit code. Prints; never throws.
int run(const std::vector<std::string>& args, host::Host& host, host::Interrupt* interrupt);

/// Arguments as they may be logged: the value of a secret key given by --set is masked.
std::vector<std::string> mask_args(std::vector<std::string> args);

}  // namespace flowlet::app
