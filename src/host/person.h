// What a person, or a pipe in a person's place, is asked for.
#pragma once

#include "flowlet/host.h"

namespace flowlet::host {

Secret read_standard_input(std::size_t limit, const Interrupt* interrupt);
Secret ask_terminal(const std::string& question, Probe::Echo echo, const Interrupt* interrupt);

}  // namespace flowlet::host
