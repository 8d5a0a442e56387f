#include "kube/readiness.h"

#include <algorithm>
#include <set>

#include "kube/json_path.h"

namespace flowlet::kube::verdict {

std::string render_count(std::int64_t part, std::int64_t whole, std::string_view what) {
    return std::to_string(part) + " of " + std::to_string(whole) + " " + std::string{what};
}

std::string generation_lag(const nlohmann::json& object, std::int64_t wanted) {
    static const std::set<std::string> observers = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"};
    const auto generation = number_at(object, {"metadata", "generation"});
    if (generation != 0 && generation < wanted) {
        return "waiting to see generation " + std::to_string(wanted) + ", this is " + std::to_string(generation);
    }
    const auto& seen = value_at(object, {"status", "observedGeneration"});
    if (seen.is_null() && !observers.contains(text_at(object, {"kind"}))) return {};
    const auto observed = number_at(object, {"status", "observedGeneration"});
    const auto needed = std::max(generation, wanted);
    if (observed >= needed) return {};
    return "waiting for its controller to take up generation " + std::to_string(needed) + ", it is at " +
           std::to_string(observed);
}

Readiness readiness_of(const Snapshot& snapshot, const nlohmann::json& object) {
    const auto kind = text_at(object, {"kind"});
    if (kind == "Deployment") return deployment_readiness(object);
    if (kind == "ReplicaSet") return replica_set_readiness(object);
    if (kind == "StatefulSet") return stateful_set_readiness(object);
    if (kind == "DaemonSet") return daemon_set_readiness(object);
    if (kind == "Job") return job_readiness(object);
    if (kind == "Pod") return pod_readiness(object);
    if (kind == "PersistentVolumeClaim") return claim_readiness(snapshot, object);
    if (kind == "CustomResourceDefinition") return definition_readiness(object);
    if (kind == "APIService") return api_service_readiness(object);
    if (kind == "Namespace") return namespace_readiness(object);
    return {true, "exists"};
}

}  // namespace flowlet::kube::verdict
