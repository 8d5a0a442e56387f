#include <nlohmann/json.hpp>

#include "flowlet/kube.h"
#include "kube/json_read.h"
#include "kube/percent.h"

namespace flowlet::kube {

namespace {

std::optional<Resource> parse_resource(const std::string& api_version, const nlohmann::json& entry) {
    const std::string plural = text_at(entry, "name");
    const std::string kind = text_at(entry, "kind");
    const nlohmann::json* const namespaced = find(entry, "namespaced");
    const bool subresource = plural.find('/') != std::string::npos;
    if (plural.empty() || kind.empty() || subresource || namespaced == nullptr || !namespaced->is_boolean()) {
        return std::nullopt;
    }
    return Resource{api_version, kind, plural, namespaced->get<bool>()};
}

}  // namespace

host::Request discovery(const std::string& api_version) {
    host::Request request;
    const bool core = api_version.find('/') == std::string::npos;
    request.path = core ? "/api" : "/apis";
    for (const std::string& part : split(api_version, '/'))
        request.path += "/" + percent_encode(part);
    return request;
}

std::vector<Resource> parse_discovery(const std::string& api_version, std::string_view body) {
    const nlohmann::json answer = nlohmann::json::parse(body, nullptr, false);
    const nlohmann::json* const entries = find(answer, "resources");
    if (entries == nullptr || !entries->is_array()) {
        throw Error(Kind::failed,
                    "the API server's list of the kinds of " + printable(api_version) + " is no APIResourceList");
    }
    std::vector<Resource> resources;
    for (const nlohmann::json& entry : *entries) {
        if (auto resource = parse_resource(api_version, entry)) resources.push_back(std::move(*resource));
    }
    return resources;
}

}  // namespace flowlet::kube
