#include "kube/remedy.h"

#include <set>

#include "kube/json_path.h"

namespace flowlet::kube::verdict {

namespace {

struct Words {
    std::string_view env;     // in env.valueFrom
    std::string_view volume;  // in volumes
    std::string_view name;    // of the name within the volume
};

Words words_of(std::string_view kind) {
    return kind == "Secret" ? Words{"secretKeyRef", "secret", "secretName"}
                            : Words{"configMapKeyRef", "configMap", "name"};
}

void add_env_keys(std::set<std::string>& keys, const nlohmann::json& container, const Words& words,
                  std::string_view name) {
    for (const auto& variable : list_at(container, {"env"})) {
        const auto& from = value_at(variable, {"valueFrom", words.env});
        if (text_at(from, {"name"}) == name && !is_true_at(from, {"optional"})) keys.insert(text_at(from, {"key"}));
    }
}

void add_item_keys(std::set<std::string>& keys, const nlohmann::json& source) {
    if (is_true_at(source, {"optional"})) return;
    for (const auto& item : list_at(source, {"items"}))
        keys.insert(text_at(item, {"key"}));
}

void add_volume_keys(std::set<std::string>& keys, const nlohmann::json& volume, const Words& words,
                     std::string_view name) {
    const auto& whole = value_at(volume, {words.volume});
    if (text_at(whole, {words.name}) == name) add_item_keys(keys, whole);
    for (const auto& source : list_at(volume, {"projected", "sources"})) {
        const auto& part = value_at(source, {words.volume});
        if (text_at(part, {"name"}) == name) add_item_keys(keys, part);
    }
}

std::string create_command(const Missing& missing, const std::vector<std::string>& keys, const std::string& space) {
    const bool is_secret = missing.kind == "Secret";
    std::string command =
        "kubectl -n " + space + " create " + (is_secret ? "secret generic " : "configmap ") + missing.name;
    for (const auto& key : keys)
        command += " --from-file=" + key + "=FILE";
    return command;
}

bool has(std::string_view text, std::string_view word) {
    return text.find(word) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> keys_referred_to(const nlohmann::json& pod, std::string_view kind, std::string_view name) {
    const auto words = words_of(kind);
    std::set<std::string> keys;
    for (const auto* list : {"initContainers", "containers"}) {
        for (const auto& container : list_at(pod, {"spec", list}))
            add_env_keys(keys, container, words, name);
    }
    for (const auto& volume : list_at(pod, {"spec", "volumes"}))
        add_volume_keys(keys, volume, words, name);
    keys.erase(std::string{});
    return {keys.begin(), keys.end()};
}

std::string remedy_for_missing(const Missing& missing, const nlohmann::json& pod, const std::string& space) {
    const bool has_keys = missing.kind == "Secret" || missing.kind == "ConfigMap";
    if (has_keys && !missing.key.empty()) {
        return "add the key " + missing.key + ": kubectl -n " + space + " edit " +
               (missing.kind == "Secret" ? "secret " : "configmap ") + missing.name;
    }
    if (has_keys) {
        const auto keys = keys_referred_to(pod, missing.kind, missing.name);
        auto text = "create the " + missing.kind + ": " + create_command(missing, keys, space);
        if (keys.empty()) text += " --from-file=KEY=FILE, with the keys that the program reads";
        return text;
    }
    if (missing.kind == "ServiceAccount") {
        return "create the ServiceAccount: kubectl -n " + space + " create serviceaccount " + missing.name;
    }
    return "create the " + missing.kind + " " + missing.name + " in " + space +
           ", or mend the name in the pod's volumes";
}

std::string remedy_for_pull(std::string_view message, const std::string& image) {
    if (has(message, "unauthorized") || has(message, "denied") || has(message, "uthentication required")) {
        return "check the name of the image " + image + " and the registry's credentials (imagePullSecrets)";
    }
    if (has(message, "no such host")) return "check the name of the registry in " + image + " and the nodes' DNS";
    if (has(message, "no match for platform")) return "build " + image + " for the nodes' architecture";
    if (has(message, "not found") || has(message, "unknown") || has(message, "not exist")) {
        return "check the name and the tag of the image " + image + ": the registry does not have it";
    }
    return "check that the nodes can reach the registry of " + image;
}

std::string remedy_for_config(const std::string& message, const nlohmann::json& pod, const std::string& space) {
    if (const auto missing = missing_in(message)) return remedy_for_missing(*missing, pod, space);
    if (has(message, "runAsNonRoot") || has(message, "non-root")) {
        return "set securityContext.runAsUser to a user other than 0, or build the image with a numeric USER";
    }
    return "mend the container's configuration: " + describe_command(space, "pod", text_at(pod, {"metadata", "name"}));
}

std::string remedy_for_create(const std::string& message, const std::string& space) {
    if (has(message, "exceeded quota")) {
        return "raise the ResourceQuota or ask for less: kubectl -n " + space + " describe resourcequota";
    }
    if (has(message, "violates PodSecurity")) {
        return "mend the pod's securityContext as the message says, or the pod-security label of the namespace " +
               space;
    }
    if (const auto missing = missing_in(message)) return remedy_for_missing(*missing, {}, space);
    if (has(message, "PriorityClass")) return "create the PriorityClass, or mend priorityClassName";
    if (has(message, "imum") && has(message, "limit")) {
        return "mend the container's resources: kubectl -n " + space + " describe limitrange";
    }
    if (has(message, "webhook")) return "ask the owner of the admission webhook that the message names";
    return "mend the pod's template as the message says";
}

std::string remedy_for_scheduling(const std::string& message, const nlohmann::json& pod, const std::string& space) {
    if (const auto missing = missing_in(message)) return remedy_for_missing(*missing, pod, space);
    if (has(message, "unbound immediate PersistentVolumeClaims")) {
        return "see why the volume is not provisioned: kubectl -n " + space + " describe pvc";
    }
    if (has(message, "Insufficient")) return "ask for less or add a node: kubectl describe nodes";
    return "mend nodeSelector, affinity or tolerations, or label a node: kubectl get nodes --show-labels";
}

std::string log_command(const std::string& space, const std::string& pod, const std::string& container, Run run) {
    return "kubectl -n " + space + " logs " + pod + " -c " + container + (run == Run::previous ? " --previous" : "");
}

std::string describe_command(const std::string& space, std::string_view kind, const std::string& name) {
    return "kubectl " + (space.empty() ? std::string{} : "-n " + space + " ") + "describe " + std::string{kind} + " " +
           name;
}

}  // namespace flowlet::kube::verdict
