#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>

// When a rolling update provably cannot go on.
namespace flowlet::kube::verdict {

enum class Rounding { up, down };

/// A number or a percentage ("25%") of `replicas`; `otherwise` when it is neither.
std::int64_t resolve(const nlohmann::json& number_or_percentage, std::int64_t replicas, Rounding rounding,
                     std::int64_t otherwise);

/// A rolling update of a Deployment, its percentages resolved.
struct Rollout {
    std::int64_t replicas = 1;
    std::int64_t max_surge = 1;
    std::int64_t max_unavailable = 0;
};
Rollout rollout_of(const nlohmann::json& deployment);

/// Whether no further pod can ever be made: the old ones may only shrink to replicas − max_unavailable − good, all pods
/// together may only grow to replicas + max_surge, so max_surge + max_unavailable doomed pods fill all the room there
/// is. Or every pod is doomed already.
bool is_stuck(const Rollout& rollout, std::int64_t doomed);

/// The same for any workload: Recreate, a StatefulSet in order and a bare Pod are stuck with the first doomed pod.
bool is_workload_stuck(const nlohmann::json& workload, std::int64_t wanted, std::int64_t doomed);

}  // namespace flowlet::kube::verdict
