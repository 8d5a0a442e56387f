#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "flowlet/kube.h"
#include "kube/base64.h"
#include "kube/fields.h"
#include "kube/json_read.h"

namespace flowlet::kube {

namespace {

using nlohmann::json;

/// The other managers' fields at the same position, or nullptr.
const json* below(const json* others, const std::string& element) {
    return others == nullptr ? nullptr : find(*others, element);
}

bool goes_deeper(const json* others) {
    if (others == nullptr || !others->is_object()) return false;
    return others->size() > (others->contains(".") ? 1U : 0U);
}

std::optional<json> pick(const json& live, const json& fields, const json* others);

/// A leaf owns the whole value, except where others own parts of it: then what was applied was an empty map or list.
json pick_leaf(const json& live, const json* others) {
    if (!goes_deeper(others)) return live;
    if (live.is_object()) return json::object();
    return live.is_array() ? json::array() : live;
}

/// The server does not write these fields when they are zero, but remembers who has applied them: owned and gone means
/// zero, because a field that is taken away loses its owners.
std::optional<json> unwritten_zero(const std::string& field) {
    constexpr auto switches = std::to_array<std::string_view>({"globalDefault", "hostIPC", "hostNetwork", "hostPID",
                                                               "paused", "publishNotReadyAddresses", "readOnly",
                                                               "stdin", "stdinOnce", "tty", "unschedulable"});
    if (std::find(switches.begin(), switches.end(), field) != switches.end()) return json(false);
    if (field == "initialDelaySeconds" || field == "minReadySeconds") return json(0);
    // The text of an environment variable.
    if (field == "value") return json("");
    return std::nullopt;
}

std::optional<json> pick_members(const json& live, const json& fields, const json* others) {
    json members = json::object();
    for (const auto& entry : fields.items()) {
        if (!entry.key().starts_with("f:")) continue;
        const std::string name = entry.key().substr(2);
        const auto value = live.find(name);
        auto picked =
            value == live.end() ? unwritten_zero(name) : pick(*value, entry.value(), below(others, entry.key()));
        if (picked) members[name] = std::move(*picked);
    }
    if (members.empty() && !fields.contains(".")) return std::nullopt;
    return members;
}

/// What a path element "k:", "v:" or "i:" asks of a list's item.
struct Element {
    std::string text;
    json wanted;
    const json* fields = nullptr;
    [[nodiscard]] bool finds(const json& item, std::size_t index) const;
};

bool has_keys(const json& item, const json& keys) {
    if (!item.is_object() || !keys.is_object()) return false;
    for (const auto& key : keys.items()) {
        const json* const value = find(item, key.key());
        if (value == nullptr || *value != key.value()) return false;
    }
    return true;
}

bool Element::finds(const json& item, std::size_t index) const {
    if (text.starts_with("k:")) return has_keys(item, wanted);
    if (text.starts_with("v:")) return item == wanted;
    return text.starts_with("i:") && wanted == index;
}

std::vector<Element> parse_elements(const json& fields) {
    std::vector<Element> elements;
    for (const auto& entry : fields.items()) {
        if (entry.key().size() < 3) continue;
        json wanted = json::parse(entry.key().substr(2), nullptr, false);
        if (!wanted.is_discarded()) elements.push_back({entry.key(), std::move(wanted), &entry.value()});
    }
    return elements;
}

/// Without its keys an item is not found again. A protocol that is not owned was not written: the schema's default TCP
/// is part of the key all the same.
void add_keys(json& item, const json& keys) {
    if (!item.is_object() || !keys.is_object()) return;
    for (const auto& key : keys.items()) {
        const bool by_default = key.key() == "protocol" && key.value() == "TCP";
        if (!by_default && !item.contains(key.key())) item[key.key()] = key.value();
    }
}

json pick_item(const json& item, const Element& element, const json* others) {
    auto picked = pick(item, *element.fields, below(others, element.text));
    if (!element.text.starts_with("k:")) return picked ? *picked : item;
    json result = picked ? std::move(*picked) : json::object();
    add_keys(result, element.wanted);
    return result;
}

std::optional<json> pick_items(const json& live, const json& fields, const json* others) {
    const std::vector<Element> elements = parse_elements(fields);
    json items = json::array();
    for (std::size_t index = 0; index < live.size(); ++index) {
        for (const Element& element : elements) {
            if (!element.finds(live[index], index)) continue;
            items.push_back(pick_item(live[index], element, others));
            break;
        }
    }
    if (items.empty() && !fields.contains(".")) return std::nullopt;
    return items;
}

std::optional<json> pick(const json& live, const json& fields, const json* others) {
    if (!fields.is_object() || live.is_null()) return std::nullopt;
    if (fields.empty()) return pick_leaf(live, others);
    if (live.is_object()) return pick_members(live, fields, others);
    if (live.is_array()) return pick_items(live, fields, others);
    return std::nullopt;
}

bool is_utf8(const std::string& bytes) {
    try {
        return !json(bytes).dump().empty();
    } catch (const json::type_error&) {
        return false;
    }
}

/// The server keeps `stringData` as `data` but says of the manager that it owns `stringData`: the values are found
/// there.
void pick_string_data(const json& live, const json& own, json& manifest) {
    const json* const fields = find(own, "f:stringData");
    const json* const data = find(live, "data");
    if (fields == nullptr || data == nullptr || text_at(live, "kind") != "Secret") return;
    for (const auto& entry : fields->items()) {
        if (!entry.key().starts_with("f:")) continue;
        const std::string name = entry.key().substr(2);
        const std::string written = text_at(*data, name);
        const auto bytes = decode_base64(written);
        if (!data->contains(name) || !bytes) continue;
        if (is_utf8(*bytes)) {
            manifest["stringData"][name] = *bytes;
        } else {
            manifest["data"][name] = written;
        }
    }
}

void identify(const json& live, json& manifest) {
    for (const char* const member : {"apiVersion", "kind"})
        manifest[member] = text_at(live, member);
    json& metadata = manifest["metadata"];
    if (!metadata.is_object()) metadata = json::object();
    // Never owned, but each of them would turn the manifest into a condition on what the server has now.
    for (const char* const member :
         {"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"}) {
        metadata.erase(member);
    }
    const json* const identity = find(live, "metadata");
    if (identity == nullptr) return;
    for (const char* const member : {"name", "namespace"}) {
        const std::string text = text_at(*identity, member);
        if (!text.empty()) metadata[member] = text;
    }
}

}  // namespace

nlohmann::json owned_by(const nlohmann::json& live, std::string_view manager) {
    const Ownership ownership = parse_ownership(live, manager);
    json manifest = json::object();
    if (live.is_object()) {
        auto picked = ownership.own.empty() ? std::nullopt : pick(live, ownership.own, &ownership.others);
        if (picked && picked->is_object()) manifest = std::move(*picked);
        pick_string_data(live, ownership.own, manifest);
    }
    identify(live, manifest);
    return manifest;
}

}  // namespace flowlet::kube
