// The programs that a backup is made of, and how each is called. Passwords and identities are handed over in memory.
#pragma once

#include <string>
#include <vector>

#include "commands/shared/cluster.h"
#include "flowlet/commands.h"

namespace flowlet::commands::backup {

/// Throws Error{tool_missing}, with the Debian package that holds it. The path is that of tools.NAME, if set.
Tool find_tool(const Session& session, const std::string& name);

/// `age -e`, to every recipient.
host::Command encrypt(const Tool& age, const std::vector<std::string>& recipients, Millis timeout);
/// `age -d`, with an identity handed over in memory.
host::Command decrypt(const Tool& age, const Secret& identity, Millis timeout);
/// What the programs said on their standard error, line by line, at most the last twenty of each.
std::vector<std::string> words_of(const host::FlowEnd& end);

}  // namespace flowlet::commands::backup
