// stack: the supervisor, a second engine beside the runner: keeps the services of a plan, tells the same observers.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host.h"
#include "flowlet/plan.h"
#include "flowlet/run.h"

#include <span>

namespace flowlet::stack {

/// Starts each wanted service once those it is after are ready, and keeps them until it is asked to stop by a signal or
/// over the control socket, or one of them fails for good: then all are stopped, those first that nobody is after. A
/// second signal kills. The report's steps are the services. Throws what run::run throws before anything is started,
/// and Error{conflict} if the stack is kept already.
run::Report keep(const plan::Plan& plan, host::Host& host, std::span<run::Observer* const> observers);

}  // namespace flowlet::stack
