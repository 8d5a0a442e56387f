// What programs that fetch packages are told of where to fetch them.
#pragma once

#include <map>
#include <string>

#include "flowlet/commands.h"

namespace flowlet::commands::setup {

/// The variables that pip, uv, npm and go read of registries, proxies and certificates. Passwords in them are told to
/// the session's scrubber.
std::map<std::string, std::string> registry_variables(const Session& session);

}  // namespace flowlet::commands::setup
