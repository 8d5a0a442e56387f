#include <algorithm>

#include "kube/event_text.h"
#include "kube/json_path.h"
#include "kube/readiness.h"

// What runs to an end or is bound once: Jobs, bare Pods, claims.
namespace flowlet::kube::verdict {

namespace {

bool waits_for_consumer(const Snapshot& snapshot, const nlohmann::json& claim) {
    const auto name = text_at(claim, {"spec", "storageClassName"});
    const auto storage_class = snapshot.find({"storage.k8s.io/v1", "StorageClass", {}, name});
    if (storage_class != nullptr) return text_at(*storage_class, {"volumeBindingMode"}) == "WaitForFirstConsumer";
    const auto events = snapshot.events(text_at(claim, {"metadata", "uid"}));
    return last_event(events, "WaitForFirstConsumer") != nullptr ||
           last_event(events, "WaitForPodScheduled") != nullptr;
}

}  // namespace

Readiness job_readiness(const nlohmann::json& job) {
    if (has_condition(job, "Complete", "True")) return {true, "complete"};
    // Only as long as the condition is True: a resumed Job keeps it as False.
    if (has_condition(job, "Suspended", "True")) return {false, "suspended"};
    const auto completions = std::max<std::int64_t>(1, number_at(job, {"spec", "completions"}, 1));
    auto text = render_count(number_at(job, {"status", "succeeded"}), completions, "complete");
    const auto failed = number_at(job, {"status", "failed"});
    const auto limit = number_at(job, {"spec", "backoffLimit"}, 6);
    if (failed > 0) text += ", " + std::to_string(failed) + " failed (backoffLimit " + std::to_string(limit) + ")";
    return {false, text};
}

Readiness pod_readiness(const nlohmann::json& pod) {
    if (text_at(pod, {"status", "phase"}) == "Succeeded") return {true, "succeeded"};
    if (text_at(pod, {"status", "phase"}) == "Failed") return {false, "failed"};
    if (has_condition(pod, "Ready", "True")) return {true, "ready"};
    return {false, render_count(0, 1, "ready")};
}

Readiness claim_readiness(const Snapshot& snapshot, const nlohmann::json& claim) {
    const auto phase = text_at(claim, {"status", "phase"});
    if (phase == "Bound") return {true, "bound"};
    if (phase == "Lost") return {false, "its volume is lost"};
    if (waits_for_consumer(snapshot, claim)) return {true, "pending until a pod uses it"};
    return {false, "waiting for a volume"};
}

}  // namespace flowlet::kube::verdict
