// Programs that go on by themselves.
#pragma once

#include "flowlet/host.h"

namespace flowlet::host {

void start_apart(const Command& command, const std::string& log, const std::string& socket, Millis wait,
                 const Interrupt* interrupt);

}  // namespace flowlet::host
