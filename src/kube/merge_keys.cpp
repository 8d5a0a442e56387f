#include "kube/merge_keys.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "flowlet/base.h"
#include "kube/json_read.h"
#include "kube/render_value.h"

namespace flowlet::kube {

namespace {

/// The keys of the API's own schema first (a volume may be mounted twice, a port is no name), then the usual ones.
std::vector<MergeKey> candidates(std::string_view field) {
    std::vector<MergeKey> keys;
    if (field == "ports") keys = {{"containerPort", "protocol"}, {"containerPort"}, {"port", "protocol"}, {"port"}};
    if (field == "volumeMounts") keys = {{"mountPath"}};
    if (field == "volumeDevices") keys = {{"devicePath"}};
    if (field == "volumeClaimTemplates") keys = {{"metadata.name"}};
    if (field == "topologySpreadConstraints") keys = {{"topologyKey", "whenUnsatisfiable"}};
    const std::vector<MergeKey> usual = {{"name"},         {"kind", "name", "namespace"},
                                         {"kind", "name"}, {"mountPath"},
                                         {"topologyKey"},  {"key"},
                                         {"type"},         {"ip"},
                                         {"uid"},          {"path"}};
    keys.insert(keys.end(), usual.begin(), usual.end());
    return keys;
}

const nlohmann::json* member_of(const nlohmann::json& item, const std::string& path) {
    const nlohmann::json* value = &item;
    for (const std::string& member : split(path, '.')) {
        if (value != nullptr) value = find(*value, member);
    }
    return value != nullptr && value->is_primitive() && !value->is_null() ? value : nullptr;
}

bool tells_apart(const MergeKey& key, const nlohmann::json& items) {
    std::set<std::string> seen;
    return std::all_of(items.begin(), items.end(), [&](const nlohmann::json& item) {
        const bool complete = std::all_of(
            key.begin(), key.end(), [&item](const std::string& member) { return member_of(item, member) != nullptr; });
        return complete && seen.insert(render_key(key, item)).second;
    });
}

}  // namespace

std::optional<MergeKey> find_merge_key(std::string_view field, const nlohmann::json& before,
                                       const nlohmann::json& after) {
    for (const MergeKey& key : candidates(field)) {
        if (tells_apart(key, before) && tells_apart(key, after)) return key;
    }
    return std::nullopt;
}

std::string render_key(const MergeKey& key, const nlohmann::json& item) {
    std::string text;
    for (const std::string& member : key) {
        const nlohmann::json* const value = member_of(item, member);
        if (!text.empty()) text += ',';
        text += member + "=" + (value == nullptr ? std::string() : render_value(*value));
    }
    return text;
}

}  // namespace flowlet::kube
