// A database that was made of a backup, and whether it holds what the backup held.
#pragma once

#include <string>

#include "commands/backup/dialect.h"
#include "commands/backup/manifest.h"
#include "flowlet/commands.h"
#include "flowlet/plan.h"

namespace flowlet::commands::backup {

/// Throws Error{usage} for a name that would need thought in SQL, in an argument or in a file's name.
void check_copy_name(const std::string& name);
/// The one of that name; of the only one if `wanted` is empty. Throws Error{usage} or Error{precondition}.
const DatabaseRecord& find_record(const Manifest& manifest, const std::string& wanted);
/// The database `name` on the server of databases.<database>, with the password of that.
host::Database find_copy(const Session& session, const std::string& database, const std::string& name);
/// Fails with the tables that differ.
plan::Survey compare_copy(const Dialect& dialect, const host::Database& copy, const DatabaseRecord& record);

}  // namespace flowlet::commands::backup
