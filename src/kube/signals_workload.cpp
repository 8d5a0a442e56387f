#include <algorithm>
#include <iterator>

#include "kube/causes.h"
#include "kube/event_text.h"
#include "kube/json_path.h"
#include "kube/remedy.h"
#include "kube/signals.h"

// Signals of a workload: pods that cannot be created, rollouts and Jobs that were given up, claims that are lost.
namespace flowlet::kube::verdict {

namespace {

constexpr Millis create_window{5'000};
constexpr Millis deadline_window{3'000};
constexpr Millis provision_grace{15'000};
constexpr std::int64_t attempts_allowed = 3;

std::string space_of(const nlohmann::json& object) {
    return text_at(object, {"metadata", "namespace"});
}

std::string name_of(const nlohmann::json& object) {
    return text_at(object, {"metadata", "name"});
}

Signal workload_signal(const nlohmann::json& object, const std::string& reason, std::string message) {
    Signal signal;
    signal.key = text_at(object, {"metadata", "uid"}) + "/" + reason;
    signal.reason = reason;
    signal.message = std::move(message);
    return signal;
}

bool lacks_pods(const nlohmann::json& maker) {
    const auto kind = text_at(maker, {"kind"});
    if (kind == "ReplicaSet" || kind == "StatefulSet") {
        return number_at(maker, {"status", "replicas"}) < number_at(maker, {"spec", "replicas"}, 1);
    }
    if (kind == "DaemonSet") {
        return number_at(maker, {"status", "currentNumberScheduled"}) <
               number_at(maker, {"status", "desiredNumberScheduled"});
    }
    return kind == "Job" && number_at(maker, {"status", "active"}) < number_at(maker, {"spec", "parallelism"}, 1);
}

/// What the maker last said of a pod that it could not create, unless it has created one since.
std::string create_failure(const Snapshot& snapshot, const nlohmann::json& maker) {
    const auto& condition = condition_of(maker, "ReplicaFailure");
    if (text_at(condition, {"status"}) == "True") return text_at(condition, {"message"});
    if (!lacks_pods(maker)) return {};
    const auto events = snapshot.events(text_at(maker, {"metadata", "uid"}));
    const auto failure = last_event(events, "FailedCreate");
    if (failure == nullptr) return {};
    const auto success = last_event(events, "SuccessfulCreate");
    if (success != nullptr && event_time(*success) > event_time(*failure)) return {};
    return event_message(*failure);
}

std::optional<Signal> create_signal(const Snapshot& snapshot, const nlohmann::json& maker, std::int64_t leaving) {
    const auto message = create_failure(snapshot, maker);
    if (message.empty()) return std::nullopt;
    // Pods on their way out give back what they hold of a quota.
    if (leaving > 0 && message.find("exceeded quota") != std::string::npos) return std::nullopt;
    auto signal = workload_signal(maker, "FailedCreate", message);
    signal.next = remedy_for_create(message, space_of(maker));
    if (cause_of_create(message) == Cause::permanent) {
        signal.hold = Hold::grace;
        signal.window = create_window;
        return signal;
    }
    const auto events = snapshot.events(text_at(maker, {"metadata", "uid"}));
    const auto attempts = count_events(events, "FailedCreate");
    if (attempts < attempts_allowed) return std::nullopt;
    signal.certainty = Certainty::budget_spent;
    signal.message = std::to_string(attempts) + " attempts failed: " + message;
    return signal;
}

std::optional<Signal> deadline_signal(const nlohmann::json& deployment) {
    const auto& condition = condition_of(deployment, "Progressing");
    if (text_at(condition, {"reason"}) != "ProgressDeadlineExceeded") return std::nullopt;
    auto signal = workload_signal(deployment, "ProgressDeadlineExceeded", text_at(condition, {"message"}));
    // After a return to an older revision the condition of the one before stands for a moment.
    signal.hold = Hold::grace;
    signal.window = deadline_window;
    signal.next =
        "see what the pods wait for: " + describe_command(space_of(deployment), "deployment", name_of(deployment));
    return signal;
}

Json last_failed_pod(const Snapshot& snapshot, const nlohmann::json& job) {
    Json last;
    for (const auto& pod : snapshot.owned("Pod", text_at(job, {"metadata", "uid"}))) {
        if (text_at(*pod, {"status", "phase"}) != "Failed") continue;
        const auto born = text_at(*pod, {"metadata", "creationTimestamp"});
        if (last == nullptr || text_at(*last, {"metadata", "creationTimestamp"}) <= born) last = pod;
    }
    return last;
}

/// Names the container that failed the pod, with how it ended.
void blame_container(Signal& signal, const nlohmann::json& pod) {
    signal.pod = name_of(pod);
    signal.pod_uid = text_at(pod, {"metadata", "uid"});
    for (const auto& container : containers_of(pod)) {
        const auto ending = container.ended();
        if (!ending || ending->code == 0) continue;
        signal.container = container.name;
        signal.has_log = container.has_log();
        signal.message += (signal.message.empty() ? "" : "; ") + render_container(container) + " of pod " + signal.pod +
                          " ended with exit code " + std::to_string(ending->code);
        signal.next = "see its last lines: " + log_command(space_of(pod), signal.pod, container.name, Run::present);
        return;
    }
    if (signal.next.empty()) signal.next = describe_command(space_of(pod), "pod", signal.pod);
}

std::optional<Signal> job_signal(const Snapshot& snapshot, const nlohmann::json& job) {
    const auto* type = has_condition(job, "Failed", "True") ? "Failed" : "FailureTarget";
    if (!has_condition(job, type, "True")) return std::nullopt;
    const auto& condition = condition_of(job, type);
    const auto reason = text_at(condition, {"reason"});
    auto signal = workload_signal(job, reason.empty() ? "JobFailed" : reason, text_at(condition, {"message"}));
    signal.next = describe_command(space_of(job), "job", name_of(job));
    if (const auto pod = last_failed_pod(snapshot, job)) blame_container(signal, *pod);
    return signal;
}

std::optional<Signal> failed_pod_signal(const nlohmann::json& pod) {
    if (text_at(pod, {"status", "phase"}) != "Failed") return std::nullopt;
    const auto reason = text_at(pod, {"status", "reason"});
    auto signal = workload_signal(pod, reason.empty() ? "PodFailed" : reason, text_at(pod, {"status", "message"}));
    blame_container(signal, pod);
    return signal;
}

std::optional<Signal> claim_signal(const Snapshot& snapshot, const nlohmann::json& claim) {
    const auto phase = text_at(claim, {"status", "phase"});
    const auto describe = describe_command(space_of(claim), "pvc", name_of(claim));
    if (phase == "Lost") {
        auto signal =
            workload_signal(claim, "ClaimLost",
                            "the volume " + text_at(claim, {"spec", "volumeName"}) + " that it was bound to is gone");
        signal.next = "bring the volume back from its backup: " + describe;
        return signal;
    }
    if (phase == "Bound") return std::nullopt;
    const auto events = snapshot.events(text_at(claim, {"metadata", "uid"}));
    const auto failure = last_event(events, "ProvisioningFailed");
    if (failure == nullptr) return std::nullopt;
    auto signal = workload_signal(claim, "ProvisioningFailed", event_message(*failure));
    const auto name = text_at(claim, {"spec", "storageClassName"});
    signal.next = "mend the claim or its StorageClass " + name + ": " + describe;
    if (signal.message.find("not found") != std::string::npos) {
        signal.hold = Hold::grace;
        signal.window = provision_grace;
        return signal;
    }
    const auto attempts = count_events(events, "ProvisioningFailed");
    if (attempts < attempts_allowed) return std::nullopt;
    signal.certainty = Certainty::budget_spent;
    return signal;
}

std::optional<Signal> names_signal(const nlohmann::json& definition) {
    if (!has_condition(definition, "NamesAccepted", "False")) return std::nullopt;
    const auto& condition = condition_of(definition, "NamesAccepted");
    auto signal = workload_signal(definition, "NamesNotAccepted", text_at(condition, {"message"}));
    signal.hold = Hold::confirm;
    signal.window = deadline_window;
    signal.next = "give it names that no other CustomResourceDefinition has";
    return signal;
}

std::optional<Signal> own_signal(const Snapshot& snapshot, const nlohmann::json& object) {
    const auto kind = text_at(object, {"kind"});
    if (kind == "Deployment") return deadline_signal(object);
    if (kind == "Job") return job_signal(snapshot, object);
    if (kind == "Pod") return failed_pod_signal(object);
    if (kind == "PersistentVolumeClaim") return claim_signal(snapshot, object);
    if (kind == "CustomResourceDefinition") return names_signal(object);
    return std::nullopt;
}

}  // namespace

std::vector<Signal> signals_of_workload(const Snapshot& snapshot, const Json& workload, const Members& members) {
    std::vector<Signal> signals;
    if (auto signal = own_signal(snapshot, *workload)) signals.push_back(*signal);
    for (const auto& maker : members.makers) {
        if (auto signal = create_signal(snapshot, *maker, members.leaving)) {
            signals.push_back(*signal);
            break;
        }
    }
    return signals;
}

}  // namespace flowlet::kube::verdict
