#include <algorithm>
#include <array>

#include "kube/causes.h"
#include "kube/event_text.h"
#include "kube/json_path.h"
#include "kube/remedy.h"
#include "kube/signals.h"

// Signals of a pod as a whole: no node for it, no volume for it.
namespace flowlet::kube::verdict {

namespace {

constexpr Millis scheduling_grace{15'000};
constexpr Millis mount_grace{15'000};

Signal pod_signal(const PodSight& sight, const std::string& reason, Millis grace) {
    Signal signal;
    signal.key = sight.uid + "/" + reason;
    signal.pod = sight.name;
    signal.pod_uid = sight.uid;
    signal.reason = reason;
    signal.hold = Hold::grace;
    signal.window = grace;
    return signal;
}

std::optional<Signal> scheduling_signal(const PodSight& sight) {
    const auto& condition = condition_of(*sight.pod, "PodScheduled");
    const bool is_refused =
        text_at(condition, {"status"}) == "False" && text_at(condition, {"reason"}) == "Unschedulable";
    if (!is_refused) return std::nullopt;
    // Room is being made: by an autoscaler, by preemption, or by pods of this workload that are still ending.
    const bool room_comes = last_event(sight.events, "TriggeredScaleUp") != nullptr ||
                            !text_at(*sight.pod, {"status", "nominatedNodeName"}).empty() || sight.leaving > 0;
    if (room_comes) return std::nullopt;
    auto signal = pod_signal(sight, "Unschedulable", scheduling_grace);
    signal.message = text_at(condition, {"message"});
    signal.next = remedy_for_scheduling(signal.message, *sight.pod, sight.space);
    return signal;
}

/// The kubelet mounts before it pulls: what it did afterwards proves that the volumes are there.
bool is_mounted(const PodSight& sight) {
    constexpr std::array<std::string_view, 4> later{"Pulling", "Pulled", "Created", "Started"};
    return has_condition(*sight.pod, "PodReadyToStartContainers", "True") ||
           std::any_of(later.begin(), later.end(),
                       [&](std::string_view reason) { return last_event(sight.events, reason) != nullptr; });
}

std::optional<Signal> mount_signal(const PodSight& sight) {
    if (text_at(*sight.pod, {"status", "phase"}) != "Pending" || is_mounted(sight)) return std::nullopt;
    Json last;
    for (const auto& event : sight.events) {
        const bool counts =
            event_reason(*event) == "FailedMount" && cause_of_mount(event_message(*event)) == Cause::permanent;
        if (counts) last = event;
    }
    if (last == nullptr) return std::nullopt;
    auto signal = pod_signal(sight, "FailedMount", mount_grace);
    signal.message = event_message(*last);
    const auto missing = missing_in(signal.message);
    signal.next = missing ? remedy_for_missing(*missing, *sight.pod, sight.space)
                          : "mend the volume: " + describe_command(sight.space, "pod", sight.name);
    return signal;
}

/// One signal of a container: the cause before its consequences.
std::optional<Signal> container_signal(const PodSight& sight, const Container& container, Notebook& notes) {
    // All three remember, so each is asked.
    auto pull = pull_signal(sight, container, notes);
    auto crash = crash_signal(sight, container, notes);
    auto stall = stall_signal(sight, container, notes);
    if (pull) return pull;
    if (auto start = start_signal(sight, container)) return start;
    return crash ? crash : stall;
}

}  // namespace

std::vector<Signal> signals_of_pod(const PodSight& sight, Notebook& notes) {
    std::vector<Signal> signals;
    const auto phase = text_at(*sight.pod, {"status", "phase"});
    if (phase == "Failed" || phase == "Succeeded") return signals;
    if (auto signal = scheduling_signal(sight)) signals.push_back(*signal);
    if (auto signal = mount_signal(sight)) signals.push_back(*signal);
    for (const auto& container : containers_of(*sight.pod)) {
        if (auto signal = container_signal(sight, container, notes)) signals.push_back(*signal);
    }
    return signals;
}

}  // namespace flowlet::kube::verdict
