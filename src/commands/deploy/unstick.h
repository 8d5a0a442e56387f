// A StatefulSet whose new pod never became ready does not go back by itself when its template does: the controller
// waits for that very pod (kubernetes#67250). The pod has to be removed.
#pragma once

#include <string>
#include <vector>

#include "commands/deploy/deploy.h"

namespace flowlet::commands::deploy {

/// Removes the pods of this StatefulSet that are of another revision than the live one was and not ready; ready ones
/// are left to the controller, one after another. `item` has been live.
plan::Step plan_unstick(const Shared& shared, const Item& item);

/// The requests for such pods in a list of the set's pods.
std::vector<host::Request> choose_stuck(const host::Response& pods, const std::string& good_revision);

}  // namespace flowlet::commands::deploy
