// What has to be here before anything else: programs, the machine, the cluster.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/setup/programs.h"
#include "commands/shared/cluster.h"
#include "flowlet/commands.h"

namespace flowlet::commands::setup {

/// Something that was measured, and what is wanted of it.
struct Measured {
    std::string name;
    std::string found;
    std::string wanted;
    enum class Verdict { ok, warning, error } verdict = Verdict::ok;
    std::string hint;
};

struct Prerequisites {
    std::vector<Program> programs;
    std::vector<Measured> measured;  ///< of this machine and of the cluster
    std::optional<Error> cluster;    ///< why it could not be looked at
    bool root = false;
    std::string apt_get;  ///< empty: there is none
    std::string env;
};

/// Looks at the programs, at this machine, and at the cluster if the configuration names one.
Prerequisites observe_prerequisites(const Session& session);
/// What the cluster's nodes, storage classes and kinds come to.
std::vector<Measured> measure_cluster(const Session& session, const Cluster& cluster);
/// A Plan, where something is missing that can be installed right away; else a View of what is here.
Answer answer_prerequisites(const Prerequisites& found);

}  // namespace flowlet::commands::setup
