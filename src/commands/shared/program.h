// Programs of this machine: where Debian keeps them, and which version they say they are.
#pragma once

#include <optional>
#include <string>

#include "flowlet/commands.h"

namespace flowlet::commands {

/// The version in what a program prints of itself: "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "1.1.1",
/// "Client Version: v1.34.4", "mariadb-dump  Ver 10.19 Distrib 10.11.19-MariaDB, for debian-linux-gnu": of MariaDB's
/// the first is that of a protocol.
std::optional<Version> find_version(const std::string& said);

/// The folder of PostgreSQL's server programs of the nearest major version that is not older than `major`. Debian keeps
/// them out of PATH, in a folder for each. Empty: there is none.
std::string find_postgres_folder(const host::Probe& probe, int major);

}  // namespace flowlet::commands
