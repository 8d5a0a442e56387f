#include <nlohmann/json.hpp>

#include "flowlet/kube.h"
#include "kube/percent.h"

namespace flowlet::kube {

namespace {

/// The server refuses an apply that brings managedFields along.
nlohmann::json body_to_apply(const Object& object) {
    nlohmann::json body = object.body ? *object.body : nlohmann::json::object();
    if (body.is_object() && body.contains("metadata") && body["metadata"].is_object()) {
        body["metadata"].erase("managedFields");
    }
    return body;
}

}  // namespace

host::Request apply(const Resource& resource, const Object& object, Mode mode, Force force) {
    host::Request request;
    request.method = "PATCH";
    request.path = object_path(resource, object.ref) + "?fieldManager=" + field_manager + "&fieldValidation=Strict";
    if (mode == Mode::rehearse) request.path += "&dryRun=All";
    if (force == Force::yes) request.path += "&force=true";
    // JSON is YAML: the type says which kind of patch it is, and there is none for JSON before Kubernetes 1.33.
    request.content_type = "application/apply-patch+yaml";
    request.body = body_to_apply(object).dump();
    return request;
}

host::Request get(const Resource& resource, const Ref& ref) {
    host::Request request;
    request.path = object_path(resource, ref);
    return request;
}

host::Request remove(const Resource& resource, const Ref& ref, const std::string& uid) {
    nlohmann::json options = {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}};
    if (!uid.empty()) options["preconditions"] = {{"uid", uid}};
    host::Request request;
    request.method = "DELETE";
    request.path = object_path(resource, ref);
    request.content_type = "application/json";
    request.body = options.dump();
    return request;
}

host::Request list(const Resource& resource, const std::string& space, const std::string& label_selector) {
    host::Request request;
    request.path = list_path(resource, space, label_selector);
    return request;
}

host::Request watch(const Resource& resource, const std::string& space, const std::string& resource_version,
                    int seconds) {
    host::Request request;
    request.path = list_path(resource, space) +
                   "?watch=1&allowWatchBookmarks=true&resourceVersion=" + percent_encode(resource_version) +
                   "&timeoutSeconds=" + std::to_string(seconds);
    return request;
}

host::Request log(const Ref& pod, const std::string& container, bool previous, int lines) {
    const Resource pods{"v1", "Pod", "pods", true};
    host::Request request;
    request.path = object_path(pods, pod) + "/log?";
    if (!container.empty()) request.path += "container=" + percent_encode(container) + "&";
    if (previous) request.path += "previous=true&";
    request.path += "tailLines=" + std::to_string(lines);
    request.accept = "*/*";
    return request;
}

}  // namespace flowlet::kube
