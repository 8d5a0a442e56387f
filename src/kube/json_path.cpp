#include "kube/json_path.h"

#include <algorithm>

namespace flowlet::kube::verdict {

namespace {

constexpr std::int64_t number_limit = 1'000'000'000'000'000;

const nlohmann::json& nothing() {
    static const nlohmann::json value;
    return value;
}

const nlohmann::json& entry_with(const nlohmann::json& list, const char* key, std::string_view wanted) {
    if (!list.is_array()) return nothing();
    for (const auto& entry : list) {
        const auto& found = value_at(entry, {key});
        if (found.is_string() && found.get_ref<const std::string&>() == wanted) return entry;
    }
    return nothing();
}

}  // namespace

const nlohmann::json& value_at(const nlohmann::json& from, Path path) {
    const nlohmann::json* at = &from;
    for (const auto step : path) {
        if (!at->is_object()) return nothing();
        const auto found = at->find(step);
        if (found == at->end()) return nothing();
        at = &*found;
    }
    return *at;
}

const nlohmann::json& list_at(const nlohmann::json& from, Path path) {
    static const nlohmann::json empty = nlohmann::json::array();
    const auto& found = value_at(from, path);
    return found.is_array() ? found : empty;
}

std::string text_at(const nlohmann::json& from, Path path) {
    const auto& found = value_at(from, path);
    return found.is_string() ? found.get<std::string>() : std::string{};
}

std::int64_t number_at(const nlohmann::json& from, Path path, std::int64_t otherwise) {
    const auto& found = value_at(from, path);
    if (found.is_number_unsigned()) {
        return static_cast<std::int64_t>(std::min<std::uint64_t>(found.get<std::uint64_t>(), number_limit));
    }
    if (!found.is_number_integer()) return otherwise;
    return std::clamp(found.get<std::int64_t>(), -number_limit, number_limit);
}

bool is_true_at(const nlohmann::json& from, Path path) {
    const auto& found = value_at(from, path);
    return found.is_boolean() && found.get<bool>();
}

std::optional<Time> time_at(const nlohmann::json& from, Path path) {
    return parse_time(text_at(from, path));
}

const nlohmann::json& condition_of(const nlohmann::json& object, std::string_view type) {
    return entry_with(value_at(object, {"status", "conditions"}), "type", type);
}

bool has_condition(const nlohmann::json& object, std::string_view type, std::string_view status) {
    return text_at(condition_of(object, type), {"status"}) == status;
}

const nlohmann::json& named(const nlohmann::json& list, std::string_view name) {
    return entry_with(list, "name", name);
}

}  // namespace flowlet::kube::verdict
