#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flowlet/kube.h"
#include "kube/containers.h"
#include "kube/notebook.h"
#include "kube/revision.h"

// What pods and workloads say that speaks against success. The table is in docs/readiness.md.
namespace flowlet::kube::verdict {

/// What has to pass before a signal becomes a verdict.
enum class Hold {
    none,     ///< nothing
    confirm,  ///< a window against flicker; not needed once the workload provably cannot go on
    grace,    ///< time in which the cause may legitimately go away
};

struct Signal {
    std::string key;  ///< of the time it was first seen
    std::string pod;
    std::string pod_uid;
    std::string container;
    std::string reason;
    std::string message;
    std::string next;
    Certainty certainty = Certainty::permanent;
    Hold hold = Hold::none;
    Millis window{0};
    std::optional<Time> from;  ///< the window is counted from here, not from when it was first seen
    bool has_log = false;
    bool previous_log = false;
};

/// Who starts a container again, and so whose budget of attempts it is.
enum class Retries { kubelet, job };

struct PodSight {
    Json pod;
    std::vector<Json> events;
    std::string space;
    std::string name;
    std::string uid;
    Retries retries = Retries::kubelet;
    std::int64_t leaving = 0;
    Time now;
};

/// A signal with the pod's and the container's names filled in.
Signal signal_of(const PodSight& sight, const Container& container, std::string reason);

std::optional<Signal> pull_signal(const PodSight& sight, const Container& container, Notebook& notes);
std::optional<Signal> start_signal(const PodSight& sight, const Container& container);
std::optional<Signal> crash_signal(const PodSight& sight, const Container& container, Notebook& notes);
std::optional<Signal> stall_signal(const PodSight& sight, const Container& container, Notebook& notes);

std::vector<Signal> signals_of_pod(const PodSight& sight, Notebook& notes);

/// Of what makes the pods (FailedCreate), of the rollout as a whole, and of kinds without pods.
std::vector<Signal> signals_of_workload(const Snapshot& snapshot, const Json& workload, const Members& members);

/// Until when a container that runs now may yet turn out to crash; see docs/readiness.md, "settling".
std::optional<Time> settles_at(const Container& container);

}  // namespace flowlet::kube::verdict
