// A folder of a backup, unpacked where nothing is yet.
#pragma once

#include <string>

#include "commands/backup/backup.h"

namespace flowlet::commands::backup {

struct RestoreFilesOptions {
    std::string id;      ///< empty: the newest
    std::string folder;  ///< of backup.files
    std::string into;    ///< a folder that is not there yet
    std::string identity;
    From from = From::folder;
};

struct RestoreFilesFacts {
    VerifyFacts backup;
    Artifact artifact;
    std::string into;
    Tool tar;
};

/// Throws Error{precondition} if there is something at that place.
RestoreFilesFacts observe_restore_files(const Session& session, const RestoreFilesOptions& options);
plan::Plan plan_restore_files(const Session& session, const RestoreFilesFacts& facts);

}  // namespace flowlet::commands::backup
