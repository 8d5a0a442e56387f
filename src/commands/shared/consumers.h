// Which workloads read a Secret, and restarting them so that they read it again.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "commands/shared/cluster.h"
#include "flowlet/kube.h"

namespace flowlet::commands {

/// A Secret by namespace and name.
using SecretName = std::pair<std::string, std::string>;

struct Consumer {
    kube::Ref ref;
    kube::Resource resource;
    kube::Json live;
    std::vector<kube::SecretUse> uses;  ///< of these Secrets only
};

/// Deployments, StatefulSets and DaemonSets of the Secrets' namespaces that read one of them, in the order of their
/// names.
std::vector<Consumer> observe_consumers(const Session& session, const Cluster& cluster,
                                        const std::set<SecretName>& secrets);

/// The annotation of a pod template that a restart writes; its value names the reason.
inline constexpr const char* restart_mark = "flowletctl.io/restarted-for";
/// The mark that a workload's template has now; empty if none.
std::string find_mark(const Consumer& consumer);
/// Writes the mark, so that all its pods are replaced as in any rollout.
plan::Send restart(const Cluster& cluster, const Consumer& consumer, const std::string& mark);
/// Puts the template back as it was if it has exactly `mark`, else changes nothing (422): pods that were not replaced
/// yet stay, the others are replaced by the ones before.
plan::Send take_back_restart(const Cluster& cluster, const Consumer& consumer, const std::string& mark);

}  // namespace flowlet::commands
