// What stands beside the backups of a job: why one is held, and what is left of those that were pruned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flowlet/commands.h"

namespace flowlet::commands::backup {

inline constexpr std::string_view tombstones_folder = "tombstones";
inline constexpr std::string_view holds_folder = "holds";

/// The ids of backups that records of these names are about.
std::vector<std::string> ids_among(const std::vector<std::string>& names);

/// A backup that may not go, whatever the retention says: <job>/holds/<id>.json.
struct Hold {
    std::string id;
    std::string reason;
    std::string by;
    Time since{};
    std::string run = {};
    std::string content = {};  ///< the file as it was read
};
std::string render_hold(const Hold& hold);
/// One that cannot be read holds all the same.
Hold parse_hold(const std::string& id, const std::string& content);
std::vector<Hold> observe_holds(const Session& session, const std::string& job);
std::string hold_path(const std::string& job, const std::string& id);

/// What is left of a backup that was pruned: <job>/tombstones/<id>.json. It is written before anything is removed.
struct Tombstone {
    std::string id;
    unsigned serial = 0;
    std::string manifest_sha256;
    Time started{};
    std::uint64_t bytes = 0;
    Time removed{};
    std::string by;
    std::string run;
    std::vector<std::string> why;
};
std::string render_tombstone(const Tombstone& tombstone);
/// Of which backup it is; nothing if it is no tombstone.
std::optional<std::string> digest_in(const std::string& content);
/// Their ids, unread: there may be very many.
std::vector<std::string> observe_tombstones(const Session& session, const std::string& job);
std::string tombstone_path(const std::string& job, const std::string& id);

}  // namespace flowlet::commands::backup
