// managedFields: which manager owns which fields, in the FieldsV1 notation (structured-merge-diff).
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace flowlet::kube {

/// FieldsV1 as a tree: members are "f:<name>", "k:<json of keys>", "v:<json>", "i:<index>", and "." for the thing
/// itself; an empty object is a leaf.
struct Ownership {
    nlohmann::json own = nlohmann::json::object();     ///< what the manager has applied
    nlohmann::json others = nlohmann::json::object();  ///< what anyone else holds, or the manager in another way
};

/// An entry of the manager counts as applied if its operation is Apply and it speaks of no subresource.
Ownership parse_ownership(const nlohmann::json& live, std::string_view manager);

}  // namespace flowlet::kube
