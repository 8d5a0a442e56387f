// The values of secrets, from wherever the configuration says they are. Resolved only by the command that needs them.
#pragma once

#include <string>
#include <string_view>

#include "flowlet/commands.h"

namespace flowlet::commands {

/// The value of a secret key such as databases.primary.password. It is told to the session's scrubber first. Throws
/// Error{config} if the key is not set, Error{precondition} if the secret is not where it should be, Error{tool_failed}
/// if the program that prints it fails; none of them holds any part of it.
Secret resolve(const Session& session, std::string_view path);
/// `what` names it in errors.
Secret resolve(const Session& session, const config::Reference& reference, const std::string& what);

/// Where the secret is, for people: "file /run/secrets/db".
std::string render(const config::Reference& reference);

}  // namespace flowlet::commands
