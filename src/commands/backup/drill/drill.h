// A drill: a backup restored into a server that is made for it and thrown away, and how long that took.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/backup/backup.h"
#include "commands/backup/drill/server.h"

namespace flowlet::commands::backup {

struct DrillOptions {
    std::string id;        ///< empty: the newest
    std::string database;  ///< empty: the only one that the backup holds
    std::string identity;
    From from = From::folder;
    unsigned jobs = 1;  ///< how many programs load it side by side
};

struct DrillFacts {
    VerifyFacts backup;
    DatabaseRecord record;
    Artifact dump;
    std::optional<Artifact> globals;
    DialectPtr dialect;
    std::vector<Shift> shifts;  ///< what is loaded after what; none: everything at once
    DrillServerPtr server;
    std::string folder;              ///< of the throw-away server
    std::vector<std::string> dead;   ///< such folders of drills of this job that were killed
    std::string records;             ///< where the evidence is kept
    std::vector<std::string> names;  ///< what is there
    std::string user;                ///< who runs it, when root calls; else empty
    std::string setpriv;
    std::string install;
    std::string env;
    std::vector<std::string> checks;  ///< SQL, each must give true
    Millis rpo{0};
    Millis rto{0};
    std::uint64_t free_space = 0;
    Time now{};
};
/// Throws like observe_restore.
DrillFacts observe_drill(const Session& session, const DrillOptions& options);
/// Fails as `unhealthy` (exit 12) when a target is missed; the evidence is written before.
plan::Plan plan_drill(const Session& session, const DrillFacts& facts);

/// The newest one of a job's folder; nothing if there is none that can be read.
std::optional<DrillRecord> find_last_drill(const Session& session, const std::string& job_folder);

/// A measured restore, and what it says of larger ones.
struct Course {
    Millis fixed{0};    ///< what does not grow with the data
    Millis growing{0};  ///< what does
    std::uint64_t bytes = 0;
};
/// The size at which a restore takes as long as `most`, if what grows goes on growing in proportion (bytes of the
/// dump).
std::uint64_t largest_in_time(const Course& course, Millis most);

}  // namespace flowlet::commands::backup
