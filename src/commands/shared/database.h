// The databases of the configuration.
#pragma once

#include <string>
#include <vector>

#include "flowlet/commands.h"

namespace flowlet::commands {

/// Where databases.NAME is and who logs in, without the password. Throws Error{config} for what is not set.
host::Database read_database(const Session& session, const std::string& name);

/// The same with its password, if it has one. Throws like resolve(), too.
host::Database read_login(const Session& session, const std::string& name);

/// What may stand for a DATABASE on the command line: the names of `databases`.
std::vector<Candidate> offer_databases(const Session& session);

}  // namespace flowlet::commands
