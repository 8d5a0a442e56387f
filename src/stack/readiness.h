// Is a service ready, and is it the service that answers?
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "flowlet/host.h"
#include "flowlet/plan.h"

namespace flowlet::stack {

/// Looks at all that can be looked at; what it returns says what is not so. Empty: ready. To be called in any thread;
/// `host` outlives it.
std::function<std::string()> make_look(host::Host& host, const plan::Keep& keep);
bool has_look(const plan::Ready& ready);

/// Who accepts on the service's ports and is none of its own; empty if nobody does. Pure.
std::string find_stranger(const plan::Keep& keep, std::span<const host::Listener> listeners,
                          std::span<const host::ProcessInfo> members);

}  // namespace flowlet::stack
