#include <nlohmann/json.hpp>

#include "flowlet/kube.h"
#include "kube/json_path.h"

namespace flowlet::kube {
namespace {

using namespace verdict;

bool is_optional(const nlohmann::json& reference) {
    return is_true_at(reference, {"optional"});
}

void add(std::vector<SecretUse>& uses, SecretUse use) {
    if (!use.name.empty()) uses.push_back(std::move(use));
}

void add_container(const nlohmann::json& container, std::vector<SecretUse>& uses) {
    const std::string name = text_at(container, {"name"});
    for (const auto& variable : list_at(container, {"env"})) {
        const auto& reference = value_at(variable, {"valueFrom", "secretKeyRef"});
        add(uses, {text_at(reference, {"name"}), text_at(reference, {"key"}),
                   "env " + text_at(variable, {"name"}) + " of container " + name, is_optional(reference), true});
    }
    for (const auto& source : list_at(container, {"envFrom"})) {
        const auto& reference = value_at(source, {"secretRef"});
        add(uses, {text_at(reference, {"name"}), "", "envFrom of container " + name, is_optional(reference), true});
    }
}

/// A volume without items holds every key.
void add_items(const nlohmann::json& source, const SecretUse& use, std::vector<SecretUse>& uses) {
    const auto& items = list_at(source, {"items"});
    if (items.empty()) add(uses, use);
    for (const auto& item : items) {
        SecretUse one = use;
        one.key = text_at(item, {"key"});
        add(uses, one);
    }
}

void add_volume(const nlohmann::json& volume, std::vector<SecretUse>& uses) {
    const std::string how = "volume " + text_at(volume, {"name"});
    // Most programs read a file once, so a mounted Secret asks for a restart too.
    const auto& secret = value_at(volume, {"secret"});
    add_items(secret, {text_at(secret, {"secretName"}), "", how, is_optional(secret), true}, uses);
    for (const auto& source : list_at(volume, {"projected", "sources"})) {
        const auto& part = value_at(source, {"secret"});
        add_items(part, {text_at(part, {"name"}), "", how, is_optional(part), true}, uses);
    }
}

void add_pod(const nlohmann::json& spec, std::vector<SecretUse>& uses) {
    for (const char* const list : {"initContainers", "containers"}) {
        for (const auto& container : list_at(spec, {list}))
            add_container(container, uses);
    }
    for (const auto& volume : list_at(spec, {"volumes"}))
        add_volume(volume, uses);
    for (const auto& pull : list_at(spec, {"imagePullSecrets"}))
        add(uses, {text_at(pull, {"name"}), "", "imagePullSecrets", false, false});
}

}  // namespace

std::vector<SecretUse> secret_uses(const nlohmann::json& object) {
    std::vector<SecretUse> uses;
    const std::string kind = text_at(object, {"kind"});
    if (kind == "Pod") {
        add_pod(value_at(object, {"spec"}), uses);
    } else if (kind == "CronJob") {
        add_pod(value_at(object, {"spec", "jobTemplate", "spec", "template", "spec"}), uses);
    } else if (kind == "Ingress") {
        for (const auto& entry : list_at(object, {"spec", "tls"}))
            add(uses, {text_at(entry, {"secretName"}), "", "tls", false, false});
    } else if (kind == "ServiceAccount") {
        for (const auto& pull : list_at(object, {"imagePullSecrets"}))
            add(uses, {text_at(pull, {"name"}), "", "imagePullSecrets", false, false});
    } else {
        add_pod(value_at(object, {"spec", "template", "spec"}), uses);
    }
    return uses;
}

}  // namespace flowlet::kube
