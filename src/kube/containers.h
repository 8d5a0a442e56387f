#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flowlet/base.h"

// A pod's containers as its status tells of them.
namespace flowlet::kube::verdict {

enum class Role { init, sidecar, main };

/// How a run of a container ended.
struct Ending {
    std::string id;
    std::int64_t code = 0;
    std::string reason;
    std::string message;
    Millis lifetime{0};
};

/// Points into the pod it was read from.
struct Container {
    std::string name;
    Role role = Role::main;
    const nlohmann::json* spec = nullptr;
    const nlohmann::json* status = nullptr;

    [[nodiscard]] std::string image() const;
    [[nodiscard]] std::string waiting_reason() const;
    [[nodiscard]] std::string waiting_message() const;
    [[nodiscard]] bool is_running() const;
    [[nodiscard]] bool is_ready() const;
    [[nodiscard]] std::int64_t restarts() const;
    [[nodiscard]] std::optional<Time> running_since() const;
    /// The run that has just ended and was not followed by another yet.
    [[nodiscard]] std::optional<Ending> ended() const;
    /// The run before the present state.
    [[nodiscard]] std::optional<Ending> ended_before() const;
    /// The latest run that ended.
    [[nodiscard]] std::optional<Ending> last_ending() const;
    /// Whether it ran at all, so that there are lines to show, and whether those are of the run before.
    [[nodiscard]] bool has_log() const;
    [[nodiscard]] bool has_only_previous_log() const;
};

/// Init containers first. Containers without a status (not seen by a kubelet yet) have an empty one.
std::vector<Container> containers_of(const nlohmann::json& pod);

/// "container wallet", "init container migrate".
std::string render_container(const Container& container);

}  // namespace flowlet::kube::verdict
