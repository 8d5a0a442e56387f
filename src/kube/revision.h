#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flowlet/kube.h"

// Which pods belong to the revision that is being rolled out.
namespace flowlet::kube::verdict {

struct Members {
    std::vector<Json>
        makers;               ///< what creates the pods and reports when it cannot: the new ReplicaSet, or the workload
    std::vector<Json> pods;   ///< of the new revision, not on their way out
    std::int64_t wanted = 0;  ///< how many pods there are to be
    std::string blocker;  ///< a pod of a StatefulSet's old revision that is not ready: it is replaced only once it is
    std::int64_t leaving = 0;  ///< pods of any revision that are ending and still hold what they were given
};

/// Pods are found by their controlling owner's UID, so it does not matter which arrived first.
Members members_of(const Snapshot& snapshot, const Json& workload);

}  // namespace flowlet::kube::verdict
