#pragma once

#include <optional>
#include <string>
#include <string_view>

// What the messages of kubelets, runtimes, registries and the API server mean. Plain substrings, in lower case.
namespace flowlet::kube::verdict {

enum class Cause {
    transient,  ///< may pass by itself: it has a budget of attempts
    permanent,  ///< the next attempt will say the same
    wait,       ///< says nothing about the object: a cache that is not filled yet
};

/// A message about pulling `image`. Names are left out of the reading: an image may be called "not-found/denied".
Cause cause_of_pull(std::string_view message, std::string_view image);
/// A CreateContainerConfigError.
Cause cause_of_config(std::string_view message);
/// A CreateContainerError, RunContainerError, StartError or ContainerCannotRun.
Cause cause_of_start(std::string_view message);
/// A pod that could not be created: FailedCreate, ReplicaFailure.
Cause cause_of_create(std::string_view message);
/// A FailedMount.
Cause cause_of_mount(std::string_view message);

/// Whether it is only "Back-off pulling image …" without the cause.
bool is_bare_back_off(std::string_view message);

/// An object that a message misses.
struct Missing {
    std::string kind;  ///< Secret, ConfigMap, PersistentVolumeClaim, ServiceAccount
    std::string name;
    std::string key;  ///< empty: the whole object is missing
};
std::optional<Missing> missing_in(std::string_view message);

/// The message without the user and password of an address in it.
std::string without_credentials(std::string_view message);

}  // namespace flowlet::kube::verdict
