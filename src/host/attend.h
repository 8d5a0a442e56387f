// A child from its start to its end.
#pragma once

#include "flowlet/host.h"

namespace flowlet::host {

/// A change is ended gently, so that the program can put its own house in order.
enum class Purpose { look, change };

/// Runs it and keeps what it writes. Not started at all when the Interrupt is raised already.
Exit attend(const Command& command, Purpose purpose, const Interrupt* interrupt);

}  // namespace flowlet::host
