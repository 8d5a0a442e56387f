// The program that runs.
#pragma once

#include <string>

#include "flowlet/host.h"

namespace flowlet::commands {

/// The path that this very program was called by, so that what a package updates is what is run. Throws
/// Error{precondition} with that hint if it cannot be told.
std::string own_program(const host::Probe& probe, const std::string& hint);

}  // namespace flowlet::commands
