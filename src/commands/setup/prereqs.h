// What has to be here before anything else: programs, the machine, the cluster.
#pragma once

#include <cstdint>
#include <map>
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
    /// Programs that install others; empty: not there, or not asked for.
    std::string sudo;
    std::string apt_get;
    std::string env;
    std::string go;
    std::string npm;
    std::string python;
    std::string tools;                             ///< flowletctl's own folder for programs
    bool venv_there = false;                       ///< the one in it
    std::map<std::string, std::string> variables;  ///< what go, npm and pip are told of registries
};

enum class Sudo { no, yes };
/// Looks at the programs, at this machine, and at the cluster if the configuration names one. Throws Error{denied} if
/// sudo is wanted and asks for a password.
Prerequisites observe_prerequisites(const Session& session, Sudo sudo);
/// What the cluster's nodes, storage classes and kinds come to.
std::vector<Measured> measure_cluster(const Session& session, const Cluster& cluster);
/// A Plan, where something is missing that can be installed right away; else a View of what is here.
Answer answer_prerequisites(const Prerequisites& found);

}  // namespace flowlet::commands::setup
