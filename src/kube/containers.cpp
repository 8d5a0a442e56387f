#include "kube/containers.h"

#include <algorithm>

#include "kube/json_path.h"

namespace flowlet::kube::verdict {

namespace {

std::optional<Ending> ending_at(const nlohmann::json& status, std::string_view state) {
    const auto& ended = value_at(status, {state, "terminated"});
    if (!ended.is_object()) return std::nullopt;
    Ending ending;
    ending.code = number_at(ended, {"exitCode"});
    ending.reason = text_at(ended, {"reason"});
    ending.message = text_at(ended, {"message"});
    const auto start = time_at(ended, {"startedAt"});
    const auto end = time_at(ended, {"finishedAt"});
    if (start && end) ending.lifetime = std::chrono::duration_cast<Millis>(*end - *start);
    ending.id = text_at(ended, {"containerID"});
    if (ending.id.empty()) ending.id = text_at(ended, {"startedAt"}) + "/" + text_at(ended, {"finishedAt"});
    return ending;
}

/// A process that could not be started has an ending, but never ran.
bool ran(const std::optional<Ending>& ending) {
    return ending && ending->reason != "StartError" && ending->reason != "ContainerCannotRun";
}

void collect(std::vector<Container>& found, const nlohmann::json& pod, std::string_view list,
             std::string_view statuses) {
    for (const auto& spec : list_at(pod, {"spec", list})) {
        Container container;
        container.name = text_at(spec, {"name"});
        if (list == "initContainers") {
            container.role = text_at(spec, {"restartPolicy"}) == "Always" ? Role::sidecar : Role::init;
        }
        container.spec = &spec;
        container.status = &named(list_at(pod, {"status", statuses}), container.name);
        found.push_back(container);
    }
}

}  // namespace

std::string Container::image() const {
    return text_at(*spec, {"image"});
}

std::string Container::waiting_reason() const {
    return text_at(*status, {"state", "waiting", "reason"});
}

std::string Container::waiting_message() const {
    return text_at(*status, {"state", "waiting", "message"});
}

bool Container::is_running() const {
    return value_at(*status, {"state", "running"}).is_object();
}

bool Container::is_ready() const {
    return is_true_at(*status, {"ready"});
}

std::int64_t Container::restarts() const {
    return number_at(*status, {"restartCount"});
}

std::optional<Time> Container::running_since() const {
    return time_at(*status, {"state", "running", "startedAt"});
}

std::optional<Ending> Container::ended() const {
    return ending_at(*status, "state");
}

std::optional<Ending> Container::ended_before() const {
    return ending_at(*status, "lastState");
}

std::optional<Ending> Container::last_ending() const {
    auto now = ended();
    return now ? now : ended_before();
}

bool Container::has_log() const {
    return is_running() || ran(ended()) || ran(ended_before());
}

bool Container::has_only_previous_log() const {
    return !is_running() && !ran(ended()) && ran(ended_before());
}

std::vector<Container> containers_of(const nlohmann::json& pod) {
    std::vector<Container> found;
    collect(found, pod, "initContainers", "initContainerStatuses");
    collect(found, pod, "containers", "containerStatuses");
    return found;
}

std::string render_container(const Container& container) {
    const std::string kind = container.role == Role::init      ? "init container "
                             : container.role == Role::sidecar ? "sidecar "
                                                               : "container ";
    return kind + container.name;
}

}  // namespace flowlet::kube::verdict
