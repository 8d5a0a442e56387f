// The databases of the configuration.
#pragma once

#include <string>

#include "flowlet/commands.h"

namespace flowlet::commands {

/// Where databases.NAME is and who logs in, without the password. Throws Error{config} for what is not set.
host::Database read_database(const Session& session, const std::string& name);

/// "db.internal:5432/flowlet".
std::string render(const host::Database& database);

}  // namespace flowlet::commands
