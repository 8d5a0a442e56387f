#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

#include "flowlet/base.h"

// What a container's probes promise and what they have said.
namespace flowlet::kube::verdict {

/// How long after its start a running container may be not ready before it counts as stalled: the whole budget of its
/// startup probe, then initialDelay + 2 × failureThreshold × period of its readiness probe, the latter at least 10 s.
/// Without a readiness probe nothing stalls: 0.
Millis readiness_budget(const nlohmann::json& container);

/// "GET :8080/health/ready", "TCP :5432", "gRPC :9090", "exec pg_isready"; empty if there is no such probe.
std::string render_probe(const nlohmann::json& probe);

/// The gist of an Unhealthy event: "HTTP 503" of "Readiness probe failed: HTTP probe failed with statuscode: 503".
std::string probe_complaint(std::string_view message);

}  // namespace flowlet::kube::verdict
