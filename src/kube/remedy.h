#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "kube/causes.h"

// The one command or change that mends a failure. Commands never hold a value that is to be secret.
namespace flowlet::kube::verdict {

/// The keys of that Secret or ConfigMap that a pod refers to and cannot do without, sorted.
std::vector<std::string> keys_referred_to(const nlohmann::json& pod, std::string_view kind, std::string_view name);

/// "create the Secret: kubectl -n flowlet-data create secret generic postgres-credentials --from-file=password=FILE".
std::string remedy_for_missing(const Missing& missing, const nlohmann::json& pod, const std::string& space);

std::string remedy_for_pull(std::string_view message, const std::string& image);
std::string remedy_for_config(const std::string& message, const nlohmann::json& pod, const std::string& space);
std::string remedy_for_create(const std::string& message, const std::string& space);
std::string remedy_for_scheduling(const std::string& message, const nlohmann::json& pod, const std::string& space);

/// "kubectl -n flowlet-core logs wallet-7d9f -c wallet --previous".
enum class Run { present, previous };
std::string log_command(const std::string& space, const std::string& pod, const std::string& container, Run run);
std::string describe_command(const std::string& space, std::string_view kind, const std::string& name);

}  // namespace flowlet::kube::verdict
