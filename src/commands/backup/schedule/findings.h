// What will be missing when nobody is there: told while somebody still is.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "commands/backup/schedule/schedule.h"

namespace flowlet::commands::backup::schedule {

/// The programs that a backup is made of, as `tools` calls them.
inline constexpr auto run_programs =
    std::to_array<const char*>({"pg_dump", "pg_dumpall", "pg_restore", "age", "age-keygen"});

/// Programs that are not there, and values, variables and secrets that only this person's environment has.
std::vector<plan::Finding> find_gaps(const Session& session);

/// Said when another of the three ways has not been taken away.
std::string other_way(const Wanted& wanted, Via other);

}  // namespace flowlet::commands::backup::schedule
