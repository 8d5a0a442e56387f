#include <algorithm>
#include <array>
#include <utility>

#include "kube/causes.h"
#include "kube/event_text.h"
#include "kube/json_path.h"
#include "kube/remedy.h"
#include "kube/signals.h"

// Signals of a container that does not come to run: its image, its configuration, its process.
namespace flowlet::kube::verdict {

namespace {

constexpr Millis confirm_window{3'000};
constexpr std::int64_t attempts_allowed = 3;

bool is_failed_pull(const nlohmann::json& event, const Container& container) {
    return event_reason(event) == "Failed" && is_about_container(event, container.name) &&
           event_message(event).starts_with("Failed to pull image");
}

struct Pulls {
    std::vector<std::string> messages;  // oldest first
    std::int64_t attempts = 0;
};

/// Both the statuses seen and the events tell of attempts; either may have missed some.
Pulls pulls_of(const PodSight& sight, const Container& container, Notebook& notes) {
    const auto key = sight.uid + "/" + container.name;
    const auto reason = container.waiting_reason();
    const bool pulls = reason == "ErrImagePull" || reason == "ImagePullBackOff";
    Pulls result;
    result.messages = notes.collect(key + "/pull", pulls ? container.waiting_message() : std::string{});
    const auto& turns = notes.follow(key + "/turns", pulls ? reason : std::string{});
    result.attempts = std::count(turns.begin(), turns.end(), "ErrImagePull");
    if (!turns.empty() && turns.front() == "ImagePullBackOff") ++result.attempts;
    std::int64_t told = 0;
    for (const auto& event : sight.events) {
        if (!is_failed_pull(*event, container)) continue;
        told += event_count(*event);
        result.messages.push_back(event_message(*event));
    }
    result.attempts = std::max(result.attempts, told);
    return result;
}

/// The message that tells most: the first with a lasting cause, else the first that names a cause at all.
std::pair<std::string, Cause> telling(const std::vector<std::string>& messages, const std::string& image) {
    for (const auto& message : messages) {
        if (cause_of_pull(message, image) == Cause::permanent) return {message, Cause::permanent};
    }
    for (const auto& message : messages) {
        if (!is_bare_back_off(message)) return {message, Cause::transient};
    }
    return {messages.empty() ? std::string{} : messages.front(), Cause::transient};
}

Signal confirmed(Signal signal, Hold hold) {
    signal.certainty = Certainty::permanent;
    signal.hold = hold;
    signal.window = confirm_window;
    return signal;
}

std::optional<Signal> config_signal(const PodSight& sight, const Container& container) {
    const auto message = container.waiting_message();
    if (cause_of_config(message) == Cause::wait) return std::nullopt;
    auto signal = confirmed(signal_of(sight, container, "CreateContainerConfigError"), Hold::grace);
    signal.message = message;
    signal.next = remedy_for_config(message, *sight.pod, sight.space);
    return signal;
}

/// The words of a process that could not be started, from the present state or from the run before.
std::pair<std::string, std::string> start_failure(const Container& container) {
    constexpr std::array<std::string_view, 4> reasons{"CreateContainerError", "RunContainerError", "StartError",
                                                      "ContainerCannotRun"};
    const auto is_one = [&](const std::string& reason) {
        return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
    };
    if (is_one(container.waiting_reason())) return {container.waiting_reason(), container.waiting_message()};
    if (container.is_running()) return {};
    const auto ending = container.last_ending();
    if (ending && is_one(ending->reason)) return {ending->reason, ending->message};
    return {};
}

std::int64_t failed_starts(const PodSight& sight, const Container& container) {
    std::int64_t count = 0;
    for (const auto& event : sight.events) {
        const bool counts = event_reason(*event) == "Failed" && is_about_container(*event, container.name) &&
                            event_message(*event).starts_with("Error: ") &&
                            event_message(*event).find("ImagePull") == std::string::npos;
        if (counts) count += event_count(*event);
    }
    return std::max(count, container.restarts());
}

}  // namespace

Signal signal_of(const PodSight& sight, const Container& container, std::string reason) {
    Signal signal;
    signal.key = sight.uid + "/" + container.name + "/" + reason;
    signal.pod = sight.name;
    signal.pod_uid = sight.uid;
    signal.container = container.name;
    signal.reason = std::move(reason);
    signal.has_log = container.has_log();
    signal.previous_log = container.has_only_previous_log();
    return signal;
}

std::optional<Signal> pull_signal(const PodSight& sight, const Container& container, Notebook& notes) {
    const auto pulls = pulls_of(sight, container, notes);
    const auto reason = container.waiting_reason();
    const auto image = container.image();
    if (reason == "InvalidImageName" || reason == "ErrImageNeverPull") {
        auto signal = confirmed(signal_of(sight, container, reason), Hold::confirm);
        signal.message = container.waiting_message();
        signal.next = reason == "InvalidImageName" ? "mend the name of the image " + image
                                                   : "load the image " + image + " onto the nodes, or let it be pulled";
        return signal;
    }
    if (reason != "ErrImagePull" && reason != "ImagePullBackOff") return std::nullopt;
    const auto [message, cause] = telling(pulls.messages, image);
    auto signal = signal_of(sight, container, "ErrImagePull");
    signal.message = without_credentials(message);
    signal.next = remedy_for_pull(message, image);
    if (cause == Cause::permanent) return confirmed(std::move(signal), Hold::confirm);
    if (pulls.attempts < attempts_allowed) return std::nullopt;
    signal.certainty = Certainty::budget_spent;
    signal.message = std::to_string(pulls.attempts) + " attempts failed: " + signal.message;
    return signal;
}

std::optional<Signal> start_signal(const PodSight& sight, const Container& container) {
    if (container.waiting_reason() == "CreateContainerConfigError") return config_signal(sight, container);
    const auto [reason, message] = start_failure(container);
    if (reason.empty()) return std::nullopt;
    // RunContainerError and StartError take turns: one reason, or the window would start anew each time.
    auto signal = signal_of(sight, container, reason == "CreateContainerError" ? reason : "StartError");
    signal.message = message;
    signal.next = "mend the command, the image or the volume mounts of " + render_container(container);
    if (cause_of_start(message) == Cause::permanent) return confirmed(std::move(signal), Hold::confirm);
    const auto attempts = failed_starts(sight, container);
    if (attempts < attempts_allowed) return std::nullopt;
    signal.certainty = Certainty::budget_spent;
    signal.message = std::to_string(attempts) + " attempts failed: " + message;
    return signal;
}

}  // namespace flowlet::kube::verdict
