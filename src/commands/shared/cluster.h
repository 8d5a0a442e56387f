// How a command reaches the cluster: the programs, their versions, and whether it is the cluster that was meant.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "flowlet/commands.h"
#include "flowlet/plan.h"

namespace flowlet::commands {

struct Tool {
    std::string path;
    Version version;
};

/// The cluster that a command talks to, checked: the context exists, it answers, it is the one that was meant.
struct Cluster {
    Tool kubectl;
    host::Endpoint endpoint;
    std::string context;
    std::string uid;  ///< of the namespace kube-system
    Version version;
};

/// Throws Error: tool_missing, precondition (unreachable, unknown context, other cluster, older than 1.24), denied.
Cluster observe_cluster(const Session& session);
Tool observe_helm(const Session& session);

/// One request whose answer has to be there: throws Error{denied} on 401 and 403, Error{precondition} on no answer,
/// Error{failed} on the rest but 404.
host::Response ask_one(const Session& session, const Cluster& cluster, const host::Request& request);
void check_answer(const host::Request& request, const host::Response& response);
host::Request read_path(std::string path);

/// Where a plan works: one release in one namespace of one cluster.
struct Target {
    const Session& session;
    const Cluster& cluster;
    std::string space;
    std::string release;
    Millis timeout{0};
};
plan::Subject plan_subject(const Target& target, const std::string& command, const std::vector<const Tool*>& tools);

}  // namespace flowlet::commands
