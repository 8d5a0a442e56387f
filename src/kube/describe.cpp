#include "kube/describe.h"

#include "kube/event_text.h"
#include "kube/json_path.h"
#include "kube/probes.h"

namespace flowlet::kube::verdict {

namespace {

enum Weight { ready, creating, running, unready, unscheduled, broken };

std::string last_unhealthy(const PodSight& sight, const Container& container, std::string_view probe) {
    std::string text;
    for (const auto& event : sight.events) {
        const bool fits = event_reason(*event) == "Unhealthy" && is_about_container(*event, container.name) &&
                          event_message(*event).starts_with(probe);
        if (fits) text = probe_complaint(event_message(*event));
    }
    return text;
}

Activity waiting_activity(const PodSight& sight, const Container& container) {
    const auto reason = container.waiting_reason();
    const auto who = render_container(container);
    if (reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing") {
        if (container.role == Role::main && reason == "PodInitializing")
            return {creating, who + " waits for the init containers"};
        const auto pulling = last_event(sight.events, "Pulling");
        const bool pulls = pulling != nullptr && is_about_container(*pulling, container.name) &&
                           count_events(sight.events, "Pulled") == 0;
        return {creating, pulls ? "pulling image " + container.image() : who + " is being created"};
    }
    auto text = who + ": " + reason;
    const auto ending = container.ended_before();
    if (reason == "CrashLoopBackOff" && ending) {
        text += " after exit code " + std::to_string(ending->code) + ", restarted " +
                std::to_string(container.restarts()) + (container.restarts() == 1 ? " time" : " times");
    } else if (!container.waiting_message().empty()) {
        text += ": " + container.waiting_message();
    }
    return {broken, text};
}

Activity running_activity(const PodSight& sight, const Container& container) {
    const auto who = render_container(container);
    if (container.role == Role::init) return {running, who + " is running"};
    if (container.is_ready()) return {};
    const bool starts_up = value_at(*container.status, {"started"}).is_boolean() &&
                           !is_true_at(*container.status, {"started"}) &&
                           value_at(*container.spec, {"startupProbe"}).is_object();
    const std::string name = starts_up ? "startup" : "readiness";
    const auto complaint = last_unhealthy(sight, container, starts_up ? "Startup" : "Readiness");
    auto text = who + " is running, not " + (starts_up ? "started" : "ready");
    if (!complaint.empty()) text += " (" + name + " probe: " + complaint + ")";
    return {unready, text};
}

Activity container_activity(const PodSight& sight, const Container& container) {
    if (container.is_running()) return running_activity(sight, container);
    if (const auto ended = container.ended()) {
        if (container.role == Role::init && ended->code == 0) return {};
        return {broken, render_container(container) + " has ended with exit code " + std::to_string(ended->code)};
    }
    return waiting_activity(sight, container);
}

}  // namespace

Activity activity_of(const PodSight& sight) {
    const auto pod = "pod " + sight.name + " ";
    const auto& scheduled = condition_of(*sight.pod, "PodScheduled");
    if (text_at(scheduled, {"status"}) == "False") {
        if (last_event(sight.events, "TriggeredScaleUp") != nullptr) {
            return {unscheduled, pod + "waits for a node that the autoscaler is adding"};
        }
        return {unscheduled, pod + "waits for a node: " + text_at(scheduled, {"message"})};
    }
    if (scheduled.is_null() && text_at(*sight.pod, {"spec", "nodeName"}).empty()) {
        return {creating, "waiting for the scheduler"};
    }
    Activity heaviest;
    for (const auto& container : containers_of(*sight.pod)) {
        const auto activity = container_activity(sight, container);
        if (activity.weight > heaviest.weight) heaviest = {activity.weight, pod + activity.text};
    }
    if (heaviest.weight == ready && !has_condition(*sight.pod, "Ready", "True")) {
        return {running, pod + "has running containers, but is not Ready"};
    }
    return heaviest;
}

}  // namespace flowlet::kube::verdict
