#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "kube/event_text.h"
#include "kube/json_path.h"
#include "kube/probes.h"
#include "kube/remedy.h"
#include "kube/signals.h"

// Signals of a container that runs, but not well: it ends, is killed, or never becomes ready.
namespace flowlet::kube::verdict {

namespace {

constexpr std::int64_t restarts_allowed = 3;
constexpr std::int64_t same_restarts_allowed = 2;
constexpr Millis quick{5'000};
constexpr Millis settles_after_crash{10'000};

struct Past {
    std::int64_t code = 0;
    std::string reason;
    bool was_quick = false;
};

std::string render_past(const std::optional<Ending>& ending) {
    if (!ending) return {};
    const std::string pace = ending->lifetime <= quick ? "quick" : "slow";
    return ending->id + "\t" + std::to_string(ending->code) + "\t" + ending->reason + "\t" + pace;
}

/// Every end of a run seen so far: a status holds two at most.
std::vector<Past> past_of(const PodSight& sight, const Container& container, Notebook& notes) {
    const auto key = sight.uid + "/" + container.name + "/ends";
    notes.collect(key, render_past(container.ended_before()));
    std::vector<Past> past;
    for (const auto& line : notes.collect(key, render_past(container.ended()))) {
        const auto fields = split(line, '\t');
        if (fields.size() != 4) continue;
        Past end;
        std::from_chars(fields[1].data(), fields[1].data() + fields[1].size(), end.code);
        end.reason = fields[2];
        end.was_quick = fields[3] == "quick";
        past.push_back(end);
    }
    return past;
}

bool restarts_after_success(const PodSight& sight, const Container& container) {
    if (container.role == Role::init) return false;
    const auto policy = text_at(*sight.pod, {"spec", "restartPolicy"});
    return policy.empty() || policy == "Always";
}

bool is_down(const PodSight& sight, const Container& container) {
    if (container.waiting_reason() == "CrashLoopBackOff") return true;
    const auto ending = container.ended();
    return ending && (ending->code != 0 || restarts_after_success(sight, container));
}

bool ends_alike(const std::vector<Past>& past) {
    return past.size() >= 2 && std::all_of(past.begin(), past.end(), [&](const Past& end) {
               return end.code != 0 && end.code == past.front().code && end.was_quick;
           });
}

std::string code_text(const Ending& ending) {
    auto text = "exit code " + std::to_string(ending.code);
    if (ending.code > 128 && ending.code < 160) text += " (signal " + std::to_string(ending.code - 128) + ")";
    const auto said = last_lines(ending.message, 1);
    if (!said.empty()) text += ": " + said.front();
    return text;
}

std::string times(std::int64_t count) {
    return count == 1 ? "once" : std::to_string(count) + " times";
}

std::int64_t kills_of(const PodSight& sight, const Container& container, std::string_view probe) {
    std::int64_t count = 0;
    for (const auto& event : sight.events) {
        const bool counts = event_reason(*event) == "Killing" && is_about_container(*event, container.name) &&
                            event_message(*event).find(probe) != std::string::npos;
        if (counts) count += event_count(*event);
    }
    return count;
}

std::string last_complaint(const PodSight& sight, const Container& container, std::string_view probe) {
    const auto found = std::find_if(sight.events.rbegin(), sight.events.rend(), [&](const Json& event) {
        return event_reason(*event) == "Unhealthy" && is_about_container(*event, container.name) &&
               event_message(*event).starts_with(probe);
    });
    return found == sight.events.rend() ? std::string{} : probe_complaint(event_message(**found));
}

Signal spent(const PodSight& sight, const Container& container, std::string reason) {
    auto signal = signal_of(sight, container, std::move(reason));
    signal.certainty = Certainty::budget_spent;
    signal.next = "see its last lines: " + log_command(sight.space, sight.name, container.name,
                                                       container.ended() ? Run::present : Run::previous);
    signal.previous_log = !container.ended() && container.ended_before().has_value();
    return signal;
}

std::optional<Signal> killed_signal(const PodSight& sight, const Container& container) {
    if (container.restarts() < same_restarts_allowed) return std::nullopt;
    const auto by_liveness = kills_of(sight, container, "failed liveness probe");
    const auto by_startup = kills_of(sight, container, "failed startup probe");
    if (std::max(by_liveness, by_startup) < same_restarts_allowed) return std::nullopt;
    const bool startup = by_startup > by_liveness;
    const std::string name = startup ? "startup" : "liveness";
    auto signal = spent(sight, container, startup ? "StartupProbeFailed" : "LivenessProbeFailed");
    const auto probe = render_probe(value_at(*container.spec, {startup ? "startupProbe" : "livenessProbe"}));
    const auto complaint = last_complaint(sight, container, startup ? "Startup probe failed" : "Liveness probe failed");
    signal.message = "the kubelet has killed it " + times(std::max(by_liveness, by_startup)) + " because its " + name +
                     " probe" + (probe.empty() ? "" : " (" + probe + ")") + " failed" +
                     (complaint.empty() ? "" : ": " + complaint);
    signal.next = "mend what the " + name + " probe asks, or give it more time: " +
                  log_command(sight.space, sight.name, container.name, Run::previous);
    return signal;
}

std::optional<Signal> memory_signal(const PodSight& sight, const Container& container, const std::vector<Past>& past) {
    const auto kills =
        std::count_if(past.begin(), past.end(), [](const Past& end) { return end.reason == "OOMKilled"; });
    if (kills < 2) return std::nullopt;
    auto signal = spent(sight, container, "OOMKilled");
    const auto limit = text_at(*container.spec, {"resources", "limits", "memory"});
    signal.message = "killed for its memory " + times(kills) + (limit.empty() ? "" : ", the limit is " + limit);
    signal.next = "raise resources.limits.memory of " + render_container(container) + ", or make it use less";
    return signal;
}

Time latest(const PodSight& sight, const Container& container) {
    const auto start = container.running_since().value_or(sight.now);
    // A container that was ready and is no longer counts from then on.
    const auto change = time_at(condition_of(*sight.pod, "Ready"), {"lastTransitionTime"});
    return std::max(start, change.value_or(start));
}

}  // namespace

std::optional<Signal> crash_signal(const PodSight& sight, const Container& container, Notebook& notes) {
    const auto past = past_of(sight, container, notes);
    if (sight.retries == Retries::job) return std::nullopt;
    const bool down = is_down(sight, container);
    if (down || !container.is_ready()) {
        if (auto signal = killed_signal(sight, container)) return signal;
    }
    const auto ending = container.last_ending();
    if (!down || !ending) return std::nullopt;
    if (auto signal = memory_signal(sight, container, past)) return signal;
    const auto restarts = container.restarts();
    if (restarts < restarts_allowed && (restarts < same_restarts_allowed || !ends_alike(past))) return std::nullopt;
    auto signal = spent(sight, container, "CrashLoopBackOff");
    signal.message = code_text(*ending) + ", restarted " + times(restarts);
    if (ending->code == 0) signal.message += "; a container of a service must not end";
    return signal;
}

std::optional<Signal> stall_signal(const PodSight& sight, const Container& container, Notebook& notes) {
    const auto& status = *container.status;
    if (container.role == Role::init || !container.is_running() || container.is_ready()) return std::nullopt;
    // While the startup probe has not passed, it is the kubelet that ends it.
    const bool starts_up = value_at(status, {"started"}).is_boolean() && !is_true_at(status, {"started"});
    const auto budget = readiness_budget(*container.spec);
    if (starts_up || budget == Millis{0}) return std::nullopt;
    auto signal = signal_of(sight, container, "ReadinessProbeFailed");
    signal.certainty = Certainty::stalled;
    signal.window = budget;
    signal.from = latest(sight, container);
    // A node's clock that is ahead must not put it off for ever.
    if (*signal.from > sight.now) signal.from = notes.since(signal.key);
    const auto probe = render_probe(value_at(*container.spec, {"readinessProbe"}));
    const auto complaint = last_complaint(sight, container, "Readiness probe failed");
    signal.message = "runs, but is not ready after " + render_duration(budget) + ": readiness probe" +
                     (probe.empty() ? "" : " (" + probe + ")") + (complaint.empty() ? "" : ": " + complaint);
    signal.next = "see what it waits for: " + log_command(sight.space, sight.name, container.name, Run::present);
    return signal;
}

std::optional<Time> settles_at(const Container& container) {
    const auto start = container.running_since();
    if (container.role == Role::init || !start) return std::nullopt;
    if (container.ended_before()) return *start + settles_after_crash;
    const bool has_probe = value_at(*container.spec, {"readinessProbe"}).is_object();
    return has_probe ? *start : *start + quick;
}

}  // namespace flowlet::kube::verdict
