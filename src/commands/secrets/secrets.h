// secrets: put a Secret into the cluster, check that every one that is referred to is there, change the password of a
// database everywhere. options.cpp reads flags, *_facts.cpp look, *_plan.cpp decide.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "commands/shared/cluster.h"
#include "commands/shared/consumers.h"
#include "commands/shared/kubernetes_secret.h"
#include "commands/shared/lock.h"
#include "flowlet/commands.h"

namespace flowlet::commands::secrets {

void declare(CLI::App& part, Invocation& invocation);

// ---- set -------------------------------------------------------------------------------------------------------

struct SetOptions {
    std::string name;  ///< a name below `secrets`, NAME, NAME/KEY or NAMESPACE/NAME/KEY
    std::string key;   ///< --key
    std::string file;  ///< -f; empty: standard input, or the person at the terminal
};

struct SetFacts {
    Cluster cluster;
    SecretKey key;
    Secret value;
    std::optional<KubernetesSecret> live;
    std::vector<Consumer> consumers;
};

SetFacts observe_set(const Session& session, const SetOptions& options);
plan::Plan plan_set(const Session& session, const SetFacts& facts);

// ---- check -----------------------------------------------------------------------------------------------------

/// Does every Secret exist that the manifests and the chart refer to? Error{precondition} as the verdict if one does
/// not.
plan::View view_check(const Session& session);

// ---- rotate ----------------------------------------------------------------------------------------------------

struct RotateOptions {
    std::string database;  ///< a name below `databases`
};

/// A key of a Secret that holds the password, alone or inside an address.
struct Copy {
    SecretKey key;
    std::string resource_version;
    Secret now;
    Secret next;
};

/// The Secret that keeps the new password from before the first change to after the last: a killed rotation is finished
/// from it.
struct Staged {
    Secret password;
    std::string mark;  ///< names the rotation
};

struct RotateFacts {
    Cluster cluster;
    host::Database database;  ///< with the password that is accepted now
    Secret old_password;      ///< empty: not known any more, all copies have the new one
    Secret new_password;
    std::string mark;
    std::string verifier;      ///< of the new password
    std::string old_verifier;  ///< of the old one, for the way back
    bool altered = false;      ///< the database has the new password already
    std::optional<Staged> staged;
    std::vector<Copy> copies;
    std::vector<SecretKey> strangers;  ///< hold the password too, and are not listed
    bool all_seen = false;             ///< every Secret of the cluster could be looked at
    std::vector<Consumer> consumers;   ///< without the database itself
    std::optional<Lock> lock;
    Time now{};
};

/// The Secret that stages the password of a database.
SecretKey staging_of(const std::string& database, const std::string& space);

RotateFacts observe_rotation(const Session& session, const RotateOptions& options);
plan::Plan plan_rotation(const Session& session, const RotateOptions& options, const RotateFacts& facts);

}  // namespace flowlet::commands::secrets
