// By which members the items of a list are told apart.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::kube {

/// Names of members, for example {"containerPort", "protocol"}; "metadata.name" is a member of a member.
using MergeKey = std::vector<std::string>;

/// The first key that every item of both lists has and that is unique in each; nothing if there is none, so that the
/// items can only be told by their positions. `field` is the name of the list's own field.
std::optional<MergeKey> find_merge_key(std::string_view field, const nlohmann::json& before,
                                       const nlohmann::json& after);

/// "name=wallet" or "containerPort=8080,protocol=TCP": an item that has that key.
std::string render_key(const MergeKey& key, const nlohmann::json& item);

}  // namespace flowlet::kube
