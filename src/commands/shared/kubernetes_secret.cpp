#include "commands/shared/kubernetes_secret.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "flowlet/kube.h"
#include "flowlet/stream.h"

namespace flowlet::commands {
namespace {

constexpr Millis answer_wait{30000};
constexpr const char* merge_patch = "application/merge-patch+json";

std::string folder_of(const std::string& space) {
    return "/api/v1/namespaces/" + space + "/secrets";
}

std::string path_of(const SecretKey& key) {
    return folder_of(key.space) + "/" + key.name;
}

std::string text_of(const nlohmann::json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

nlohmann::json encode(const std::map<std::string, Secret>& data) {
    nlohmann::json encoded = nlohmann::json::object();
    for (const auto& [name, value] : data)
        encoded[name] = stream::base64_encode(value.reveal());
    return encoded;
}

plan::Send send(const Cluster& cluster, std::string method, std::string path, const nlohmann::json& body,
                const char* type) {
    plan::Send send;
    send.endpoint = cluster.endpoint;
    send.request.method = std::move(method);
    send.request.path = std::move(path);
    if (!body.is_null()) send.request.body = body.dump();
    send.request.content_type = type;
    send.body = plan::Send::Body::secret;
    return send;
}

std::string managed(const std::string& path) {
    return path + "?fieldManager=flowletctl-secrets";
}

}  // namespace

bool is_secret(std::string_view key) {
    static constexpr auto open =
        std::to_array<std::string_view>({"user", "username", "login", "email", "database", "dbname", "db", "name",
                                         "host", "hostname", "port", "type", "region", "namespace", "scheme"});
    const std::string last = lower_case(key.substr(key.find_last_of("-_.") + 1));
    return std::find(open.begin(), open.end(), last) == open.end();
}

KubernetesSecret parse_secret(const nlohmann::json& body, stream::Scrubber* scrubber) {
    KubernetesSecret secret;
    const nlohmann::json metadata = body.value("metadata", nlohmann::json::object());
    secret.space = text_of(metadata, "namespace");
    secret.name = text_of(metadata, "name");
    secret.resource_version = text_of(metadata, "resourceVersion");
    secret.type = text_of(body, "type");
    if (const auto notes = metadata.find("annotations"); notes != metadata.end() && notes->is_object()) {
        for (const auto& note : notes->items()) {
            if (note.value().is_string()) secret.annotations[note.key()] = note.value().get<std::string>();
        }
    }
    const auto data = body.find("data");
    if (data == body.end() || !data->is_object()) return secret;
    for (const auto& entry : data->items()) {
        if (!entry.value().is_string()) continue;
        Secret value(stream::base64_decode(entry.value().get_ref<const std::string&>()));
        if (scrubber != nullptr && is_secret(entry.key())) scrubber->add(value);
        secret.data.emplace(entry.key(), std::move(value));
    }
    return secret;
}

SecretKey parse_secret_key(const std::string& text, const std::string& space) {
    const std::vector<std::string> parts = split(text, '/');
    if (parts.size() == 3) return {parts[0], parts[1], parts[2]};
    if (parts.size() == 2 && !space.empty()) return {space, parts[0], parts[1]};
    throw Error(Kind::config, printable(text) + " is not NAMESPACE/NAME/KEY" +
                                  (parts.size() == 2 ? ", and `namespace` is not set" : ""));
}

std::string render(const SecretKey& key) {
    return "Secret/" + key.name + " in " + key.space;
}

std::optional<KubernetesSecret> observe_secret(const Session& session, const Cluster& cluster, const SecretKey& key) {
    const host::Response answer = ask_one(session, cluster, read_path(path_of(key)));
    if (!answer.ok()) return std::nullopt;
    const nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
    if (!body.is_object()) throw Error(Kind::failed, "reading " + render(key) + ": the answer is no object");
    return parse_secret(body, session.scrubber);
}

std::optional<std::vector<KubernetesSecret>> observe_all_secrets(const Session& session, const Cluster& cluster) {
    const host::Request request = read_path("/api/v1/secrets");
    const host::Response answer = session.probe.ask(cluster.endpoint, std::span(&request, 1), answer_wait).front();
    constexpr int forbidden = 403;
    if (answer.status == forbidden) return std::nullopt;
    check_answer(request, answer);
    const nlohmann::json list = nlohmann::json::parse(answer.body, nullptr, false);
    std::vector<KubernetesSecret> secrets;
    if (!list.is_object()) return secrets;
    for (const nlohmann::json& item : list.value("items", nlohmann::json::array()))
        secrets.push_back(parse_secret(item, session.scrubber));
    return secrets;
}

plan::Send write_secret(const Cluster& cluster, const SecretKey& key, const std::map<std::string, Secret>& data,
                        const std::string& resource_version) {
    nlohmann::json body = {{"data", encode(data)}};
    if (!resource_version.empty()) body["metadata"]["resourceVersion"] = resource_version;
    plan::Send write = send(cluster, "PATCH", managed(path_of(key)), body, merge_patch);
    write.accept = {200};
    return write;
}

plan::Send create_secret(const Cluster& cluster, const SecretKey& key, const std::map<std::string, Secret>& data,
                         const std::map<std::string, std::string>& annotations) {
    const nlohmann::json body = {
        {"apiVersion", "v1"},
        {"kind", "Secret"},
        {"metadata", {{"name", key.name}, {"namespace", key.space}, {"annotations", annotations}}},
        {"type", "Opaque"},
        {"data", encode(data)},
    };
    plan::Send create = send(cluster, "POST", managed(folder_of(key.space)), body, "application/json");
    create.accept = {201};
    create.refused = Kind::conflict;
    return create;
}

plan::Send remove_secret(const Cluster& cluster, const SecretKey& key) {
    plan::Send remove = send(cluster, "DELETE", path_of(key), nullptr, "");
    remove.accept = {200, 202, 404};
    return remove;
}

plan::Send remove_key(const Cluster& cluster, const SecretKey& key) {
    plan::Send remove = send(cluster, "PATCH", managed(path_of(key)), {{"data", {{key.key, nullptr}}}}, merge_patch);
    remove.accept = {200, 404};
    return remove;
}

}  // namespace flowlet::commands
