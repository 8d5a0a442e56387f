#pragma once

#include <string>
#include <vector>

#include "kube/signals.h"

// From signals to a verdict.
namespace flowlet::kube::verdict {

struct Verdict {
    std::optional<Signal> signal;  ///< the most certain of those whose time has come
    std::int64_t affected = 0;     ///< pods with the same reason
    std::optional<Time> recheck;   ///< when the next one's time comes, if none has
};

/// `signals` in any order; equal ones are decided by the pods' names, so that the order of arrival does not matter.
Verdict decide(const nlohmann::json& workload, const Members& members, std::vector<Signal> signals, Notebook& notes,
               Time now);

/// The Warning events of the pod, its claims, its makers and the workload: oldest first, the last eight.
std::vector<std::string> warnings_of(const Snapshot& snapshot, const Json& workload, const Members& members,
                                     const Signal& signal);

}  // namespace flowlet::kube::verdict
