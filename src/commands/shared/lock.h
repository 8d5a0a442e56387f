// The lock on one deployment: a Lease in the cluster that names its holder and the process that holds it.
#pragma once

#include <optional>
#include <string>

#include "commands/shared/cluster.h"

namespace flowlet::commands {

/// Somebody's lock on this deployment.
struct Lock {
    std::string holder;
    std::string resource_version;
    std::optional<Time> expires;
    bool dead = false;  ///< its process ran on this machine and is gone, or its time is up
};

host::Request get_lock(const std::string& space, const std::string& release);
/// Reads the answer to get_lock(). Throws what nlohmann_json throws if it is no Lease.
Lock parse_lock(const host::Probe& probe, const std::string& body);
/// Takes the lock on this deployment, releases it at the end.
plan::Step plan_lock(const Target& target, const std::optional<Lock>& found, Time now);

}  // namespace flowlet::commands
