#include "commands/shared/consumers.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace flowlet::commands {
namespace {

const nlohmann::json& template_notes(const nlohmann::json& object) {
    static const nlohmann::json none = nlohmann::json::object();
    static const nlohmann::json::json_pointer path("/spec/template/metadata/annotations");
    return object.contains(path) && object[path].is_object() ? object[path] : none;
}

std::string path_of(const Consumer& consumer) {
    return kube::get(consumer.resource, consumer.ref).path;
}

plan::Send patch(const Cluster& cluster, const Consumer& consumer, const nlohmann::json& body, const char* type) {
    plan::Send send;
    send.endpoint = cluster.endpoint;
    send.request.method = "PATCH";
    send.request.path = path_of(consumer) + "?fieldManager=flowletctl-restart";
    send.request.body = body.dump();
    send.request.content_type = type;
    send.accept = {200};
    return send;
}

}  // namespace

std::vector<Consumer> observe_consumers(const Session& session, const Cluster& cluster,
                                        const std::set<SecretName>& secrets) {
    static const std::array<const char*, 3> kinds = {"Deployment", "StatefulSet", "DaemonSet"};
    std::set<std::string> spaces;
    for (const SecretName& secret : secrets)
        spaces.insert(secret.first);
    std::vector<Consumer> consumers;
    for (const std::string& space : spaces) {
        for (const char* const kind : kinds) {
            const kube::Resource resource = kube::find_resource("apps/v1", kind).value();
            const host::Response answer = ask_one(session, cluster, kube::list(resource, space));
            const nlohmann::json list = nlohmann::json::parse(answer.body, nullptr, false);
            if (!answer.ok() || !list.is_object()) continue;
            for (nlohmann::json item : list.value("items", nlohmann::json::array())) {
                item["kind"] = kind;
                item["apiVersion"] = "apps/v1";
                std::vector<kube::SecretUse> uses = kube::secret_uses(item);
                std::erase_if(uses, [&](const kube::SecretUse& use) {
                    return !secrets.contains({space, use.name}) || !use.lasting;
                });
                if (uses.empty()) continue;
                const kube::Ref ref{"apps/v1", kind, space, item["metadata"].value("name", "")};
                consumers.push_back({ref, resource, std::make_shared<const nlohmann::json>(std::move(item)), uses});
            }
        }
    }
    std::sort(consumers.begin(), consumers.end(),
              [](const Consumer& one, const Consumer& other) { return one.ref < other.ref; });
    return consumers;
}

std::string find_mark(const Consumer& consumer) {
    return template_notes(*consumer.live).value(restart_mark, "");
}

plan::Send restart(const Cluster& cluster, const Consumer& consumer, const std::string& mark) {
    const nlohmann::json notes = {{"annotations", {{restart_mark, mark}}}};
    return patch(cluster, consumer, {{"spec", {{"template", {{"metadata", notes}}}}}}, "application/merge-patch+json");
}

plan::Send take_back_restart(const Cluster& cluster, const Consumer& consumer, const std::string& mark) {
    const std::string path = "/spec/template/metadata/annotations/flowletctl.io~1restarted-for";
    const std::string before = find_mark(consumer);
    nlohmann::json back = {{"op", "remove"}, {"path", path}};
    if (!before.empty()) back = {{"op", "replace"}, {"path", path}, {"value", before}};
    const nlohmann::json body = {{{"op", "test"}, {"path", path}, {"value", mark}}, back};
    plan::Send send = patch(cluster, consumer, body, "application/json-patch+json");
    send.accept = {200, 404, 422};
    return send;
}

}  // namespace flowlet::commands
