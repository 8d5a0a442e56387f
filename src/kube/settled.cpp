#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::kube {

bool is_applied(const nlohmann::json& live, const nlohmann::json& wanted, std::string_view manager) {
    return owned_by(live, manager) == wanted;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the documents are, and those come out of a parser with a limit.
bool contains(const nlohmann::json& whole, const nlohmann::json& part) {
    if (part.is_object() && whole.is_object()) {
        for (const auto& [key, value] : part.items()) {
            const auto found = whole.find(key);
            if (found == whole.end() || !contains(*found, value)) {
                return false;
            }
        }
        return true;
    }
    if (part.is_array() && whole.is_array()) {
        bool same = part.size() == whole.size();
        for (std::size_t i = 0; same && i < part.size(); ++i) {
            same = contains(whole[i], part[i]);
        }
        return same;
    }
    return whole == part;
}

}  // namespace flowlet::kube
