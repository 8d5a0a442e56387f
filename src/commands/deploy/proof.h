// The proof after a rollback: every touched object is read again and compared with what was found before.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "flowlet/kube.h"
#include "flowlet/plan.h"

namespace flowlet::commands::deploy {

/// Controllers need a moment to let go of what was removed; then a difference is a fact.
inline constexpr Millis proof_timeout{30000};

struct Expected {
    host::Request get;
    std::string object;
    kube::Json before;  ///< nullptr: it was not there
};

/// Content once every object is as expected: equal in canonical form, or gone (or on its way: it has a
/// deletionTimestamp).
std::unique_ptr<plan::Waiter> make_proof(std::vector<Expected> expected, Time start);

/// What differs, one line a field: empty when it is as before. `replicas` that a HorizontalPodAutoscaler may have moved
/// is no difference of ours only if the manifest leaves it out, so nothing is excused here.
std::vector<std::string> compare_before(const Expected& expected, const host::Response& now);

}  // namespace flowlet::commands::deploy
