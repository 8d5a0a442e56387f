// Is anybody at home? Nobody logs in, nothing is said.
#pragma once

#include "flowlet/host.h"

namespace flowlet::host {

std::string knock_at(const std::string& address, int port, Millis timeout);
std::string knock_at_postgres(const Database& database, Millis timeout);

}  // namespace flowlet::host
