// The values of secrets, from wherever the configuration says they are. Resolved only by the command that needs them.
#pragma once

#include <string>
#include <string_view>

#include "flowlet/commands.h"

namespace flowlet::commands {

/// Like resolve() of a key; `what` names it in errors.
Secret resolve(const Session& session, const config::Reference& reference, const std::string& what);

/// Where the secret is, for people: "file /run/secrets/db".
std::string render(const config::Reference& reference);

}  // namespace flowlet::commands
