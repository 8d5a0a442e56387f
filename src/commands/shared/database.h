// The databases of the configuration.
#pragma once

#include <string>
#include <vector>

#include "flowlet/commands.h"

namespace flowlet::commands {

/// Where databases.NAME is and who logs in, without the password. Throws Error{config} for what is not set.
host::Database read_database(const Session& session, const std::string& name);

/// Opens the way to a database that is reached through the cluster, until this process ends; the others are as near as
/// they are. Throws like observe_cluster(), and Error{precondition} if there is no such way.
void reach_database(const Session& session, const std::string& name, host::Database& database);

/// Reached, with its password, if it has one. Throws like resolve(), too.
host::Database read_login(const Session& session, const std::string& name);

/// What may stand for a DATABASE on the command line: the names of `databases`.
std::vector<Candidate> offer_databases(const Session& session);

}  // namespace flowlet::commands
