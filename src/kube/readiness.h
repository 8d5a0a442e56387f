#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

#include "flowlet/kube.h"

// When an object is ready. The table is in docs/readiness.md.
namespace flowlet::kube::verdict {

/// `summary` is a count ("1 of 3 ready") or a whole reason ("paused").
struct Readiness {
    bool ready = false;
    std::string summary;
};

Readiness readiness_of(const Snapshot& snapshot, const nlohmann::json& object);

/// Empty once the status speaks of this generation and of `wanted`, else what is waited for.
std::string generation_lag(const nlohmann::json& object, std::int64_t wanted);

Readiness deployment_readiness(const nlohmann::json& deployment);
Readiness replica_set_readiness(const nlohmann::json& set);
Readiness stateful_set_readiness(const nlohmann::json& set);
Readiness daemon_set_readiness(const nlohmann::json& set);
Readiness job_readiness(const nlohmann::json& job);
Readiness pod_readiness(const nlohmann::json& pod);
Readiness claim_readiness(const Snapshot& snapshot, const nlohmann::json& claim);
Readiness definition_readiness(const nlohmann::json& definition);
Readiness api_service_readiness(const nlohmann::json& service);
Readiness namespace_readiness(const nlohmann::json& space);

/// "1 of 3 ready".
std::string render_count(std::int64_t part, std::int64_t whole, std::string_view what);

}  // namespace flowlet::kube::verdict
