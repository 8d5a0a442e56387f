// backup prune, backup hold, backup release: what goes, and what keeps one from going.
#pragma once

#include <string>
#include <vector>

#include "commands/backup/catalogue.h"
#include "commands/backup/retention.h"
#include "flowlet/plan.h"

namespace flowlet::commands::backup {

/// backup.retention and backup.class. Throws Error{config} if it would keep nothing.
Policy read_policy(const config::Config& config);
/// What the retention has to know of each backup of the store.
std::vector<Point> points_of(const Store& store);

// ---- prune -----------------------------------------------------------------------------------------------------

struct PruneFacts {
    Store store;
    Policy policy;
    Judgement judgement;                  ///< what holds something that no backup wrote stays, too
    std::vector<std::string> hold_names;  ///< what is in the folder of the holds
    /// Tombstones of backups that are still there: a prune was ended between two steps.
    struct Begun {
        std::string id;
        std::string content;
    };
    std::vector<Begun> begun;
    enum class Folder { missing, there, strange } tombstones = Folder::missing;  ///< strange: a file, or a link
    std::string guarded;  ///< the name of the environment, if it is protected: it has to be typed
    Time now{};
};
PruneFacts observe_prune(const Session& session);
/// A tombstone, then the folder loses its name, then it is removed: whatever moment it is killed at, a backup is
/// whole or has a tombstone, and the next one ends it.
plan::Plan plan_prune(const Session& session, const PruneFacts& facts);

// ---- holds -----------------------------------------------------------------------------------------------------

struct HoldOptions {
    std::string id;
    std::string reason;
};
struct HoldFacts {
    Store store;
    std::string id;
    std::string reason;
    std::optional<Hold> held;
    Time now{};
};
/// Throws Error{precondition} if there is no such backup, Error{conflict} if it is held for another reason.
HoldFacts observe_hold(const Session& session, const HoldOptions& options);
/// Throws Error{precondition} if it is not held.
HoldFacts observe_release(const Session& session, const HoldOptions& options);
plan::Plan plan_hold(const Session& session, const HoldFacts& facts);
plan::Plan plan_release(const Session& session, const HoldFacts& facts);

/// The lock of the holds: prune takes it, too, so that no hold comes while it works. A backup does not need it, so a
/// hold need not wait for one.
std::string hold_lock(const Store& store);

}  // namespace flowlet::commands::backup
