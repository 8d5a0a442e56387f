#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "flowlet/kube.h"
#include "kube/describe.h"
#include "kube/json_path.h"
#include "kube/readiness.h"
#include "kube/verdict.h"

namespace flowlet::kube {

namespace {

using namespace verdict;

constexpr std::size_t longest_summary = 400;

/// One line, and not a long one: the whole text is in the failure.
std::string summary_of(std::string_view text) {
    auto line = printable(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    if (line.size() <= longest_summary) return line;
    std::size_t end = longest_summary;
    const auto is_inside_letter = [&] { return (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U; };
    while (end > 0 && is_inside_letter())
        --end;
    return line.substr(0, end) + "…";
}

std::string being_deleted(const nlohmann::json& object) {
    std::vector<std::string> finalizers;
    for (const auto& name : list_at(object, {"metadata", "finalizers"})) {
        if (name.is_string()) finalizers.push_back(name.get<std::string>());
    }
    return finalizers.empty() ? "it is being deleted" : "it is being deleted, held by " + join(finalizers, ", ");
}

std::vector<PodSight> sights_of(const Snapshot& snapshot, const nlohmann::json& workload, const Members& members,
                                Time now) {
    std::vector<PodSight> sights;
    for (const auto& pod : members.pods) {
        PodSight sight;
        sight.pod = pod;
        sight.name = text_at(*pod, {"metadata", "name"});
        sight.space = text_at(*pod, {"metadata", "namespace"});
        sight.uid = text_at(*pod, {"metadata", "uid"});
        sight.events = snapshot.events(sight.uid);
        sight.retries = text_at(workload, {"kind"}) == "Job" ? Retries::job : Retries::kubelet;
        sight.leaving = members.leaving;
        sight.now = now;
        sights.push_back(std::move(sight));
    }
    return sights;
}

/// A container that has just started can look ready for the moment before it crashes.
struct Settling {
    std::optional<Time> until;
    std::string text;
};

std::string settling_text(const PodSight& sight, const Container& container) {
    return "pod " + sight.name + " " + render_container(container) +
           (container.ended_before() ? " has ended before" : " has just started") + ", watching that it stays up";
}

Settling settling_of_pod(const PodSight& sight, Notebook& notes, Time now) {
    Settling settling;
    for (const auto& container : containers_of(*sight.pod)) {
        auto until = settles_at(container);
        if (!until) continue;
        const auto start = *container.running_since();
        // Counted from here when the node's clock is ahead of this one.
        if (start > now) until = notes.since(sight.uid + "/" + container.name + "/settling") + (*until - start);
        if (*until > now && until > settling.until) settling = {until, settling_text(sight, container)};
    }
    return settling;
}

Settling settling_of(const std::vector<PodSight>& sights, Notebook& notes, Time now) {
    Settling longest;
    for (const auto& sight : sights) {
        auto settling = settling_of_pod(sight, notes, now);
        if (settling.until > longest.until) longest = std::move(settling);
    }
    return longest;
}

std::string waiting_text(const Readiness& readiness, const Members& members, const std::vector<PodSight>& sights) {
    Activity heaviest;
    for (const auto& sight : sights) {
        auto activity = activity_of(sight);
        if (activity.weight > heaviest.weight) heaviest = std::move(activity);
    }
    if (!heaviest.text.empty()) return readiness.summary + ": " + heaviest.text;
    if (!members.blocker.empty()) {
        return readiness.summary + ": pod " + members.blocker +
               " of the old revision is not ready, and is only replaced once it is; delete it to go on";
    }
    if (members.leaving > 0) {
        return readiness.summary + ": " + std::to_string(members.leaving) +
               (members.leaving == 1 ? " pod is ending" : " pods are ending");
    }
    const auto exist = static_cast<std::int64_t>(members.pods.size());
    if (exist < members.wanted) return readiness.summary + ": " + render_count(exist, members.wanted, "pods created");
    return readiness.summary;
}

Failure failure_of(const Snapshot& snapshot, const Json& workload, const Members& members, const Verdict& verdict,
                   const Goal& goal) {
    const auto& signal = *verdict.signal;
    Failure failure;
    failure.object = printable(render(goal.ref));
    failure.space = printable(goal.ref.space);
    failure.pod = printable(signal.pod);
    failure.container = printable(signal.container);
    failure.reason = printable(signal.reason);
    failure.message = signal.message.empty() ? "no message" : printable(trim(signal.message));
    if (verdict.affected > 0) {
        const auto whole = std::max(members.wanted, verdict.affected);
        failure.message += " (" + render_count(verdict.affected, whole, whole == 1 ? "pod" : "pods") + ")";
    }
    failure.certainty = signal.certainty;
    failure.has_log = signal.has_log;
    failure.previous_log = signal.previous_log && signal.has_log;
    failure.next = printable(signal.next);
    failure.events = warnings_of(snapshot, workload, members, signal);
    return failure;
}

bool has_pods(const nlohmann::json& object) {
    const auto kind = text_at(object, {"kind"});
    return kind == "Deployment" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "ReplicaSet" ||
           kind == "Job" || kind == "Pod";
}

/// Whose end is not its crash.
bool is_to_end(const nlohmann::json& object) {
    return text_at(object, {"kind"}) == "Job" || text_at(object, {"status", "phase"}) == "Succeeded";
}

/// A pod that the workload's counts have yet to catch up with.
bool has_unready_pod(const Members& members) {
    return std::any_of(members.pods.begin(), members.pods.end(), [](const Json& pod) {
        const auto phase = text_at(*pod, {"status", "phase"});
        return phase != "Failed" && phase != "Succeeded" && !has_condition(*pod, "Ready", "True");
    });
}

bool waits_for_a_person(const nlohmann::json& object) {
    return is_true_at(object, {"spec", "paused"}) || has_condition(object, "Suspended", "True");
}

State judge_status(const Snapshot& snapshot, const Json& object, const Goal& goal, Notebook& notes, Time now) {
    State state;
    state.ref = goal.ref;
    const auto readiness = readiness_of(snapshot, *object);
    const auto members = has_pods(*object) ? members_of(snapshot, object) : Members{};
    const auto sights = sights_of(snapshot, *object, members, now);
    // Also when it is ready: what containers did before they settle is remembered here.
    auto signals = signals_of_workload(snapshot, object, members);
    for (const auto& sight : sights) {
        for (auto& signal : signals_of_pod(sight, notes))
            signals.push_back(std::move(signal));
    }
    if (readiness.ready && (is_to_end(*object) || !has_unready_pod(members))) {
        const auto settling = is_to_end(*object) ? Settling{} : settling_of(sights, notes, now);
        state.ready = !settling.until;
        state.recheck = settling.until;
        state.summary = summary_of(state.ready ? readiness.summary : readiness.summary + ": " + settling.text);
        return state;
    }
    if (waits_for_a_person(*object)) {
        state.summary = summary_of(readiness.summary);
        return state;
    }
    const auto verdict = decide(*object, members, std::move(signals), notes, now);
    state.recheck = verdict.recheck;
    if (!verdict.signal) {
        state.summary = summary_of(waiting_text(readiness, members, sights));
        return state;
    }
    state.failure = failure_of(snapshot, object, members, verdict, goal);
    state.summary = summary_of(state.failure->reason + ": " + state.failure->message);
    return state;
}

}  // namespace

State Judge::judge(const Snapshot& snapshot, const Goal& goal, Time now) {
    State state;
    state.ref = goal.ref;
    const auto object = snapshot.find(goal.ref);
    if (object == nullptr) {
        state.summary = "does not exist yet";
        return state;
    }
    if (!text_at(*object, {"metadata", "deletionTimestamp"}).empty()) {
        state.summary = summary_of(being_deleted(*object));
        return state;
    }
    if (const auto lag = generation_lag(*object, goal.generation); !lag.empty()) {
        state.summary = lag;
        return state;
    }
    Notebook notes(first_seen_, told_, goal.ref.api_version + " " + render(goal.ref), now);
    state = judge_status(snapshot, object, goal, notes, now);
    notes.forget_the_rest();
    return state;
}

}  // namespace flowlet::kube
