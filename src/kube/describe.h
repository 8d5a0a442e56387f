#pragma once

#include <string>

#include "kube/readiness.h"
#include "kube/signals.h"

// What a rollout waits for, in words for the one who watches it.
namespace flowlet::kube::verdict {

/// What one pod is at, and how much that is worth telling.
struct Activity {
    int weight = 0;  ///< the heaviest is told; 0: the pod is ready
    std::string text;
};
Activity activity_of(const PodSight& sight);

}  // namespace flowlet::kube::verdict
