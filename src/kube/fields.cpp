#include "kube/fields.h"

#include "kube/json_read.h"

namespace flowlet::kube {

namespace {

/// Adds `more` to `fields`. A leaf that meets members becomes its own member ".".
void unite(nlohmann::json& fields, const nlohmann::json& more) {
    if (!more.is_object()) return;
    for (const auto& entry : more.items()) {
        if (!entry.value().is_object()) continue;
        const auto found = fields.find(entry.key());
        if (found == fields.end()) {
            fields[entry.key()] = entry.value();
            continue;
        }
        if (found->empty() != entry.value().empty()) (*found)["."] = nlohmann::json::object();
        unite(*found, entry.value());
    }
}

bool is_applied_by(const nlohmann::json& entry, std::string_view manager) {
    return text_at(entry, "manager") == manager && text_at(entry, "operation") == "Apply" &&
           text_at(entry, "subresource").empty();
}

}  // namespace

Ownership parse_ownership(const nlohmann::json& live, std::string_view manager) {
    Ownership ownership;
    const nlohmann::json* const metadata = find(live, "metadata");
    const nlohmann::json* const entries = metadata == nullptr ? nullptr : find(*metadata, "managedFields");
    if (entries == nullptr || !entries->is_array()) return ownership;
    for (const nlohmann::json& entry : *entries) {
        const nlohmann::json* const fields = find(entry, "fieldsV1");
        if (fields == nullptr) continue;
        unite(is_applied_by(entry, manager) ? ownership.own : ownership.others, *fields);
    }
    return ownership;
}

}  // namespace flowlet::kube
