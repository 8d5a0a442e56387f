#include <nlohmann/json.hpp>

#include "yaml/scalar.h"

namespace flowlet::yaml {

nlohmann::json to_json(const Node& node) {
    if (node.type == Type::list) {
        nlohmann::json list = nlohmann::json::array();
        for (const Node& item : node.items)
            list.push_back(to_json(item));
        return list;
    }
    if (node.type == Type::map) {
        nlohmann::json map = nlohmann::json::object();
        for (const auto& [key, value] : node.entries)
            map.emplace(key, to_json(value));
        return map;
    }
    return scalar_to_json(node.type, node.scalar);
}

}  // namespace flowlet::yaml
