#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flowlet/kube.h"

// Core v1 Events as a verdict reads them.
namespace flowlet::kube::verdict {

/// The UID of the object an event is about: involvedObject, or `regarding` of events.k8s.io.
std::string event_subject(const nlohmann::json& event);
std::string event_reason(const nlohmann::json& event);
std::string event_message(const nlohmann::json& event);
/// How often it has happened, at least 1.
std::int64_t event_count(const nlohmann::json& event);
/// When it happened last, nothing if it does not say.
std::optional<Time> event_time(const nlohmann::json& event);
/// Whether it speaks of that container: involvedObject.fieldPath is spec.containers{name} or spec.initContainers{name}.
bool is_about_container(const nlohmann::json& event, std::string_view container);
/// Oldest first; equal moments in the order of their names, so that the order of arrival does not matter.
void sort_events(std::vector<Json>& events);
/// "BackOff: Back-off restarting failed container (x5)".
std::string render_event(const nlohmann::json& event);

/// The last of these with that reason, or null.
Json last_event(const std::vector<Json>& events, std::string_view reason);
/// How often the events with that reason have happened in all.
std::int64_t count_events(const std::vector<Json>& events, std::string_view reason);

}  // namespace flowlet::kube::verdict
