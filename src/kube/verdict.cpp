#include "kube/verdict.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "kube/event_text.h"
#include "kube/json_path.h"
#include "kube/stuck.h"

namespace flowlet::kube::verdict {

namespace {

constexpr std::size_t most_warnings = 8;

std::int64_t count_pods(const std::vector<Signal>& signals, const auto& counts) {
    std::set<std::string> pods;
    for (const auto& signal : signals) {
        if (!signal.pod_uid.empty() && counts(signal)) pods.insert(signal.pod_uid);
    }
    return static_cast<std::int64_t>(pods.size());
}

Time due_of(const Signal& signal, bool stuck, Notebook& notes, Time now) {
    const auto since = notes.since(signal.key);
    const bool skips = stuck && signal.hold == Hold::confirm && signal.certainty == Certainty::permanent;
    return skips ? now : signal.from.value_or(since) + signal.window;
}

/// The most certain first, then what speaks of a pod, then by name.
auto rank(const Signal& signal) {
    return std::tuple(-static_cast<int>(signal.certainty), signal.pod.empty(), signal.pod, signal.container,
                      signal.reason);
}

bool is_about_the_whole(const Signal& signal) {
    return signal.reason == "ProgressDeadlineExceeded";
}

/// A deadline says that it failed, not why: what a pod says is told with it.
void explain(Signal& whole, const std::vector<Signal>& signals) {
    const auto cause =
        std::find_if(signals.begin(), signals.end(), [](const Signal& signal) { return !is_about_the_whole(signal); });
    if (cause == signals.end()) return;
    whole.message += "; " + cause->reason + ": " + cause->message;
    whole.pod = cause->pod;
    whole.pod_uid = cause->pod_uid;
    whole.container = cause->container;
    whole.has_log = cause->has_log;
    whole.previous_log = cause->previous_log;
    whole.next = cause->next;
}

void add_events(std::vector<Json>& events, const Snapshot& snapshot, const nlohmann::json& object) {
    for (const auto& event : snapshot.events(text_at(object, {"metadata", "uid"}))) {
        if (text_at(*event, {"type"}) == "Warning") events.push_back(event);
    }
}

void add_pod_events(std::vector<Json>& events, const Snapshot& snapshot, const nlohmann::json& pod) {
    add_events(events, snapshot, pod);
    for (const auto& volume : list_at(pod, {"spec", "volumes"})) {
        const auto name = text_at(volume, {"persistentVolumeClaim", "claimName"});
        const auto claim =
            snapshot.find({"v1", "PersistentVolumeClaim", text_at(pod, {"metadata", "namespace"}), name});
        if (claim != nullptr) add_events(events, snapshot, *claim);
    }
}

}  // namespace

Verdict decide(const nlohmann::json& workload, const Members& members, std::vector<Signal> signals, Notebook& notes,
               Time now) {
    std::sort(signals.begin(), signals.end(), [](const Signal& a, const Signal& b) { return rank(a) < rank(b); });
    const auto doomed =
        count_pods(signals, [](const Signal& signal) { return signal.certainty == Certainty::permanent; });
    const bool stuck = is_workload_stuck(workload, members.wanted, doomed);
    Verdict verdict;
    for (const auto& signal : signals) {
        const auto due = due_of(signal, stuck, notes, now);
        if (due > now) {
            verdict.recheck = std::min(verdict.recheck.value_or(due), due);
        } else if (!verdict.signal ||
                   (is_about_the_whole(*verdict.signal) && signal.certainty == Certainty::permanent)) {
            verdict.signal = signal;
        }
    }
    if (!verdict.signal) return verdict;
    verdict.recheck.reset();
    if (is_about_the_whole(*verdict.signal)) explain(*verdict.signal, signals);
    verdict.affected =
        count_pods(signals, [&](const Signal& signal) { return signal.reason == verdict.signal->reason; });
    return verdict;
}

std::vector<std::string> warnings_of(const Snapshot& snapshot, const Json& workload, const Members& members,
                                     const Signal& signal) {
    std::vector<Json> events;
    for (const auto& maker : members.makers)
        add_events(events, snapshot, *maker);
    if (members.makers.empty()) add_pod_events(events, snapshot, *workload);
    const auto space = text_at(*workload, {"metadata", "namespace"});
    const auto pod = snapshot.find({"v1", "Pod", space, signal.pod});
    if (pod != nullptr && !members.makers.empty()) add_pod_events(events, snapshot, *pod);
    sort_events(events);
    if (events.size() > most_warnings) {
        events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(most_warnings));
    }
    std::vector<std::string> lines;
    lines.reserve(events.size());
    for (const auto& event : events)
        lines.push_back(render_event(*event));
    return lines;
}

}  // namespace flowlet::kube::verdict
