// Waiting for workloads, and judging them once: what deploy, rollback and the rotation of a password share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "commands/shared/cluster.h"
#include "flowlet/kube.h"

namespace flowlet::commands {

/// Watches workloads until all are ready or one cannot become so. To explain a failure it reads the Secrets of the pod
/// that failed and tells them to the scrubber, for the container's last words may hold them.
std::unique_ptr<plan::Waiter> make_rollout(std::vector<kube::Goal> goals, Time start, Millis timeout,
                                           stream::Scrubber* scrubber = nullptr);
plan::Step plan_wait(const Target& target, const std::string& id, const std::vector<kube::Goal>& goals, Millis timeout);
/// How these workloads are right now.
std::vector<kube::State> observe_states(const Session& session, const Cluster& cluster,
                                        const std::vector<kube::Goal>& goals);

}  // namespace flowlet::commands
