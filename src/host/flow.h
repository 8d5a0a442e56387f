// A Flow from its start to its end: programs, and the stretches between them.
#pragma once

#include "flowlet/host.h"

namespace flowlet::host {

/// Throws Error{bug} for stages that make no flow, Error{tool_missing} if a program cannot be started; everything else
/// is told by the FlowEnd. Whatever happens, no program of it is left when this returns.
FlowEnd run_flow(const Flow& flow, const Interrupt* interrupt);

/// Probe::query of a flow.
Exit look_through(const Flow& flow, const Interrupt* interrupt);

}  // namespace flowlet::host
