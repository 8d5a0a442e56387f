#include <algorithm>

#include "kube/json_path.h"
#include "kube/readiness.h"

// The kinds of apps/v1: counts in the status, as their controllers keep them.
namespace flowlet::kube::verdict {

namespace {

std::int64_t status(const nlohmann::json& object, std::string_view field) {
    return number_at(object, {"status", field});
}

std::int64_t wanted(const nlohmann::json& object) {
    return std::max<std::int64_t>(0, number_at(object, {"spec", "replicas"}, 1));
}

Readiness waiting(std::int64_t part, std::int64_t whole, std::string_view what) {
    return {false, render_count(part, whole, what)};
}

bool is_on_delete(const nlohmann::json& set) {
    return text_at(set, {"spec", "updateStrategy", "type"}) == "OnDelete";
}

Readiness on_delete(std::int64_t old) {
    return {false, "its update strategy is OnDelete: " + std::to_string(old) + (old == 1 ? " pod is" : " pods are") +
                       " on the old revision until deleted by hand"};
}

}  // namespace

Readiness deployment_readiness(const nlohmann::json& deployment) {
    if (is_true_at(deployment, {"spec", "paused"})) return {false, "paused"};
    const auto replicas = wanted(deployment);
    const auto updated = status(deployment, "updatedReplicas");
    const auto all = status(deployment, "replicas");
    if (updated < replicas) return waiting(updated, replicas, "updated");
    if (all > updated) {
        return {false, render_count(updated, replicas, "updated") + ", " + std::to_string(all - updated) +
                           " of the old revision left"};
    }
    const auto able = std::min(status(deployment, "readyReplicas"), status(deployment, "availableReplicas"));
    if (able < replicas) {
        const bool settles = status(deployment, "readyReplicas") >= replicas;
        return waiting(able, replicas, settles ? "available (minReadySeconds)" : "ready");
    }
    if (all < replicas) return waiting(all, replicas, "created");
    // Without a progress deadline the controller keeps no such condition.
    const auto progress = text_at(condition_of(deployment, "Progressing"), {"reason"});
    if (!progress.empty() && progress != "NewReplicaSetAvailable") {
        return {false, render_count(able, replicas, "ready") + ", the controller has yet to complete the rollout"};
    }
    return {true, render_count(able, replicas, "ready")};
}

Readiness replica_set_readiness(const nlohmann::json& set) {
    const auto replicas = wanted(set);
    const auto ready = status(set, "readyReplicas");
    if (ready < replicas) return waiting(ready, replicas, "ready");
    const auto able = std::min(status(set, "availableReplicas"), status(set, "fullyLabeledReplicas"));
    if (able < replicas) return waiting(able, replicas, "available");
    if (status(set, "replicas") != replicas) return waiting(status(set, "replicas"), replicas, "left");
    return {true, render_count(ready, replicas, "ready")};
}

Readiness stateful_set_readiness(const nlohmann::json& set) {
    const auto replicas = wanted(set);
    const auto updated = status(set, "updatedReplicas");
    const auto ready = status(set, "readyReplicas");
    const bool same_revision =
        text_at(set, {"status", "currentRevision"}) == text_at(set, {"status", "updateRevision"});
    if (is_on_delete(set) && !same_revision && updated < replicas) return on_delete(replicas - updated);
    const auto partition =
        std::clamp<std::int64_t>(number_at(set, {"spec", "updateStrategy", "rollingUpdate", "partition"}), 0, replicas);
    if (!same_revision && updated < replicas - partition) return waiting(updated, replicas - partition, "updated");
    if (ready < replicas) return waiting(ready, replicas, "ready");
    if (status(set, "replicas") != replicas) return waiting(status(set, "replicas"), replicas, "left");
    const bool has_patience = number_at(set, {"spec", "minReadySeconds"}) > 0;
    const auto available = status(set, "availableReplicas");
    if (has_patience && available < replicas) return waiting(available, replicas, "available (minReadySeconds)");
    if (!is_on_delete(set) && partition == 0 && !same_revision) {
        return {false, render_count(ready, replicas, "ready") + ", the controller has yet to complete the rollout"};
    }
    return {true, render_count(ready, replicas, "ready")};
}

Readiness daemon_set_readiness(const nlohmann::json& set) {
    const auto desired = status(set, "desiredNumberScheduled");
    if (desired == 0) return {true, "no node matches: 0 pods"};
    const auto updated = status(set, "updatedNumberScheduled");
    if (is_on_delete(set) && updated < desired) return on_delete(desired - updated);
    if (updated < desired) return waiting(updated, desired, "updated");
    const auto ready = status(set, "numberReady");
    if (ready < desired) return waiting(ready, desired, "ready");
    const auto able = std::min(status(set, "numberAvailable"), status(set, "currentNumberScheduled"));
    if (able < desired) return waiting(able, desired, "available");
    return {true, render_count(ready, desired, "ready")};
}

}  // namespace flowlet::kube::verdict
