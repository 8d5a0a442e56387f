#include "kube/revision.h"

#include <algorithm>
#include <set>

#include "kube/json_path.h"

namespace flowlet::kube::verdict {

namespace {

constexpr std::string_view revision_note = "deployment.kubernetes.io/revision";

std::string uid_of(const nlohmann::json& object) {
    return text_at(object, {"metadata", "uid"});
}

std::string label(const nlohmann::json& object, std::string_view name) {
    return text_at(object, {"metadata", "labels", name});
}

bool is_leaving(const nlohmann::json& pod) {
    return !text_at(pod, {"metadata", "deletionTimestamp"}).empty();
}

/// Ended through no fault of its own, or ended for good: its controller replaces it, it says nothing of the new
/// revision.
bool is_spent(const nlohmann::json& pod) {
    static const std::set<std::string> transient = {
        "Evicted",  "Preempting",   "NodeLost",   "NodeAffinity",
        "Shutdown", "NodeShutdown", "Terminated", "UnexpectedAdmissionError",
        "OutOfcpu", "OutOfmemory",  "OutOfpods"};
    return is_leaving(pod) || transient.contains(text_at(pod, {"status", "reason"})) ||
           has_condition(pod, "DisruptionTarget", "True");
}

/// The ReplicaSet of the Deployment's revision; while the annotations disagree or are missing, the youngest.
Json new_replica_set(const Snapshot& snapshot, const nlohmann::json& deployment) {
    const auto sets = snapshot.owned("ReplicaSet", uid_of(deployment));
    const auto revision = text_at(deployment, {"metadata", "annotations", revision_note});
    const auto same = std::find_if(sets.begin(), sets.end(), [&](const Json& set) {
        return !revision.empty() && text_at(*set, {"metadata", "annotations", revision_note}) == revision;
    });
    if (same != sets.end()) return *same;
    const auto youngest = std::max_element(sets.begin(), sets.end(), [](const Json& a, const Json& b) {
        return text_at(*a, {"metadata", "creationTimestamp"}) < text_at(*b, {"metadata", "creationTimestamp"});
    });
    return youngest == sets.end() ? nullptr : *youngest;
}

void take(Members& members, const std::vector<Json>& pods, const auto& is_new) {
    for (const auto& pod : pods) {
        if (is_leaving(*pod)) ++members.leaving;
        if (!is_spent(*pod) && is_new(*pod)) members.pods.push_back(pod);
    }
}

void take_of_deployment(Members& members, const Snapshot& snapshot, const nlohmann::json& deployment) {
    const auto newest = new_replica_set(snapshot, deployment);
    if (newest != nullptr) members.makers.push_back(newest);
    for (const auto& set : snapshot.owned("ReplicaSet", uid_of(deployment))) {
        take(members, snapshot.owned("Pod", uid_of(*set)),
             [&](const nlohmann::json&) { return newest != nullptr && uid_of(*set) == uid_of(*newest); });
    }
}

void take_of_stateful_set(Members& members, const Snapshot& snapshot, const nlohmann::json& set) {
    const auto revision = text_at(set, {"status", "updateRevision"});
    const auto is_new = [&](const nlohmann::json& pod) {
        const auto its = label(pod, "controller-revision-hash");
        return revision.empty() || its.empty() || its == revision;
    };
    const auto pods = snapshot.owned("Pod", uid_of(set));
    take(members, pods, is_new);
    const auto blocker = std::find_if(pods.begin(), pods.end(), [&](const Json& pod) {
        return !is_new(*pod) && !is_leaving(*pod) && !has_condition(*pod, "Ready", "True");
    });
    if (blocker != pods.end()) members.blocker = text_at(**blocker, {"metadata", "name"});
}

void take_of_daemon_set(Members& members, const Snapshot& snapshot, const nlohmann::json& set) {
    // The annotation counts changes of the template, which is what the label is made of; the generation counts all
    // changes.
    auto generation = text_at(set, {"metadata", "annotations", "deprecated.daemonset.template.generation"});
    if (generation.empty()) generation = std::to_string(number_at(set, {"metadata", "generation"}));
    take(members, snapshot.owned("Pod", uid_of(set)), [&](const nlohmann::json& pod) {
        const auto its = label(pod, "pod-template-generation");
        return its.empty() || its == generation;
    });
}

bool has_ended(const nlohmann::json& pod) {
    const auto phase = text_at(pod, {"status", "phase"});
    return phase == "Failed" || phase == "Succeeded";
}

}  // namespace

Members members_of(const Snapshot& snapshot, const Json& workload) {
    Members members;
    const auto kind = text_at(*workload, {"kind"});
    members.wanted = number_at(*workload, {"spec", "replicas"}, 1);
    if (kind == "Deployment") {
        take_of_deployment(members, snapshot, *workload);
    } else if (kind == "Pod") {
        members.wanted = 1;
        if (!is_leaving(*workload)) members.pods.push_back(workload);
        return members;
    } else if (kind == "StatefulSet") {
        take_of_stateful_set(members, snapshot, *workload);
    } else if (kind == "DaemonSet") {
        members.wanted = number_at(*workload, {"status", "desiredNumberScheduled"});
        take_of_daemon_set(members, snapshot, *workload);
    } else if (kind == "ReplicaSet") {
        take(members, snapshot.owned("Pod", uid_of(*workload)), [](const nlohmann::json&) { return true; });
    } else if (kind == "Job") {
        members.wanted = std::max<std::int64_t>(1, number_at(*workload, {"spec", "parallelism"}, 1));
        take(members, snapshot.owned("Pod", uid_of(*workload)),
             [](const nlohmann::json& pod) { return !has_ended(pod); });
    }
    members.makers.push_back(workload);
    return members;
}

}  // namespace flowlet::kube::verdict
