#include "kube/json_path.h"
#include "kube/readiness.h"

// What the cluster itself has to accept: definitions, aggregated APIs, namespaces.
namespace flowlet::kube::verdict {

namespace {

std::string reason_of(const nlohmann::json& object, std::string_view type) {
    const auto& condition = condition_of(object, type);
    const auto message = text_at(condition, {"message"});
    return message.empty() ? text_at(condition, {"reason"}) : message;
}

Readiness waiting_for(const nlohmann::json& object, std::string_view type, const std::string& text) {
    const auto reason = reason_of(object, type);
    return {false, reason.empty() ? text : text + ": " + reason};
}

}  // namespace

Readiness definition_readiness(const nlohmann::json& definition) {
    if (!has_condition(definition, "NamesAccepted", "True")) {
        return waiting_for(definition, "NamesAccepted", "its names are not accepted");
    }
    if (!has_condition(definition, "Established", "True")) {
        return waiting_for(definition, "Established", "not established");
    }
    return {true, "established"};
}

Readiness api_service_readiness(const nlohmann::json& service) {
    if (has_condition(service, "Available", "True")) return {true, "available"};
    return waiting_for(service, "Available", "not available");
}

Readiness namespace_readiness(const nlohmann::json& space) {
    if (text_at(space, {"status", "phase"}) == "Active") return {true, "active"};
    if (text_at(space, {"status", "phase"}) != "Terminating") return {false, "not active yet"};
    for (const auto* type : {"NamespaceContentRemaining", "NamespaceFinalizersRemaining"}) {
        if (has_condition(space, type, "True")) return waiting_for(space, type, "it is being deleted");
    }
    return {false, "it is being deleted"};
}

}  // namespace flowlet::kube::verdict
