// Folders that are backed up as they lie there: configuration, manifests, the application. tar packs them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "commands/backup/manifest.h"
#include "commands/shared/cluster.h"
#include "flowlet/commands.h"

namespace flowlet::commands::backup {

/// One of backup.files.
struct Folder {
    std::string name;
    std::string path;
    std::vector<std::string> exclude;  ///< names, or patterns of them, wherever they are in it
};

struct FolderFacts {
    std::optional<Tool> tar;  ///< set if there are folders
    std::vector<Folder> folders;
};
/// Throws Error{config} for a folder that is none, Error{tool_missing}. The store itself is never packed.
FolderFacts observe_folders(const Session& session);

/// The archive of a folder, to its output. Fails if a file changes while it is read.
host::Command pack(const Tool& tar, const Folder& folder, Millis timeout);
/// Reads an archive to its end and does nothing with it.
host::Command read_packed(const Tool& tar, Millis timeout);
/// What keeps the bytes from being a whole archive. Empty: nothing.
std::string packed_fault(const Measured& plain);

}  // namespace flowlet::commands::backup
