#include "kube/json_read.h"

#include <nlohmann/json.hpp>

namespace flowlet::kube {

const nlohmann::json* find(const nlohmann::json& value, const std::string& member) {
    if (!value.is_object()) return nullptr;
    const auto found = value.find(member);
    return found == value.end() ? nullptr : &*found;
}

std::string text_at(const nlohmann::json& value, const std::string& member) {
    const nlohmann::json* const found = find(value, member);
    return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace flowlet::kube
