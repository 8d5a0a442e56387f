#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "flowlet/kube.h"
#include "kube/json_read.h"
#include "kube/masking.h"
#include "kube/merge_keys.h"
#include "kube/render_value.h"

namespace flowlet::kube {

namespace {

enum class Shown { plainly, as_data, as_string_data, as_bytes };

/// A position in both objects at once. `field` is the name of the last map member passed.
struct Spot {
    std::string path;
    std::string field;
    Shown shown = Shown::plainly;
};

bool is_simple(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
               byte == '-' || byte == '_' || byte == '$';
    });
}

/// What a walk over two values finds.
class Walk {
public:
    explicit Walk(bool secret) : secret_(secret) {}
    void compare(const Spot& spot, const nlohmann::json* before, const nlohmann::json* after);
    std::vector<Difference> take() { return std::move(found_); }

private:
    void compare_maps(const Spot& spot, const nlohmann::json* before, const nlohmann::json* after);
    void compare_lists(const Spot& spot, const nlohmann::json* before, const nlohmann::json* after);
    void compare_by_key(const Spot& spot, const MergeKey& key, const nlohmann::json& before,
                        const nlohmann::json& after);
    void compare_by_index(const Spot& spot, const nlohmann::json& before, const nlohmann::json& after);
    [[nodiscard]] Spot below(const Spot& spot, const std::string& member) const;
    void add(const Spot& spot, const nlohmann::json* before, const nlohmann::json* after);
    std::string show(const Spot& spot, const nlohmann::json* value);

    bool secret_;
    Masking masking_;
    std::vector<Difference> found_;
};

Spot Walk::below(const Spot& spot, const std::string& member) const {
    Spot next = spot;
    next.field = member;
    if (is_simple(member)) {
        next.path += (spot.path.empty() ? "" : ".") + member;
    } else {
        next.path += "[" + render_value(nlohmann::json(member)) + "]";
    }
    if (!secret_ || spot.shown != Shown::plainly) return next;
    if (spot.path.empty() && member == "data") next.shown = Shown::as_data;
    if (spot.path.empty() && member == "stringData") next.shown = Shown::as_string_data;
    // A whole Secret is copied into this one by client-side `kubectl apply`.
    if (member == "kubectl.kubernetes.io/last-applied-configuration") next.shown = Shown::as_bytes;
    return next;
}

std::string Walk::show(const Spot& spot, const nlohmann::json* value) {
    if (value == nullptr) return {};
    const bool secret = spot.shown != Shown::plainly;
    if (!secret || (value->is_structured() && value->empty())) return render_value(*value);
    return spot.shown == Shown::as_data ? masking_.mask_data(*value) : masking_.mask_string_data(*value);
}

void Walk::add(const Spot& spot, const nlohmann::json* before, const nlohmann::json* after) {
    std::string old_text = show(spot, before);
    std::string new_text = show(spot, after);
    found_.push_back({spot.path, std::move(old_text), std::move(new_text)});
}

bool is_filled(const nlohmann::json* value, nlohmann::json::value_t type) {
    return value != nullptr && value->type() == type && !value->empty();
}

void Walk::compare(const Spot& spot, const nlohmann::json* before, const nlohmann::json* after) {
    using Type = nlohmann::json::value_t;
    const bool both = before != nullptr && after != nullptr;
    if (both && *before == *after) return;
    const bool maps = is_filled(before, Type::object) || is_filled(after, Type::object);
    const bool lists = is_filled(before, Type::array) || is_filled(after, Type::array);
    if (!maps && !lists) {
        add(spot, before, after);
        return;
    }
    if (both && before->type() != after->type()) {
        compare(spot, before, nullptr);
        compare(spot, nullptr, after);
        return;
    }
    if (maps) compare_maps(spot, before, after);
    if (lists) compare_lists(spot, before, after);
}

void Walk::compare_maps(const Spot& spot, const nlohmann::json* before, const nlohmann::json* after) {
    std::set<std::string> members;
    for (const nlohmann::json* const side : {before, after}) {
        if (side == nullptr) continue;
        for (const auto& entry : side->items())
            members.insert(entry.key());
    }
    for (const std::string& member : members) {
        const nlohmann::json* const old_value = before == nullptr ? nullptr : find(*before, member);
        const nlohmann::json* const new_value = after == nullptr ? nullptr : find(*after, member);
        compare(below(spot, member), old_value, new_value);
    }
}

void Walk::compare_lists(const Spot& spot, const nlohmann::json* before, const nlohmann::json* after) {
    const nlohmann::json none = nlohmann::json::array();
    const nlohmann::json& old_items = before == nullptr ? none : *before;
    const nlohmann::json& new_items = after == nullptr ? none : *after;
    // In a secret the key itself would be a value to hide.
    const auto key = spot.shown == Shown::plainly ? find_merge_key(spot.field, old_items, new_items) : std::nullopt;
    if (key) {
        compare_by_key(spot, *key, old_items, new_items);
    } else {
        compare_by_index(spot, old_items, new_items);
    }
}

using Keyed = std::vector<std::pair<std::string, const nlohmann::json*>>;

Keyed keyed(const MergeKey& key, const nlohmann::json& items) {
    Keyed result;
    for (const nlohmann::json& item : items)
        result.emplace_back(render_key(key, item), &item);
    return result;
}

std::map<std::string, const nlohmann::json*> indexed(const Keyed& items) {
    return {items.begin(), items.end()};
}

/// The keys that both lists have, in the order of the first.
std::vector<std::string> common(const Keyed& items, const std::map<std::string, const nlohmann::json*>& others) {
    std::vector<std::string> keys;
    for (const auto& [key, item] : items) {
        if (others.contains(key)) keys.push_back(key);
    }
    return keys;
}

void Walk::compare_by_key(const Spot& spot, const MergeKey& key, const nlohmann::json& before,
                          const nlohmann::json& after) {
    const Keyed old_items = keyed(key, before);
    const Keyed new_items = keyed(key, after);
    const auto old_index = indexed(old_items);
    const auto new_index = indexed(new_items);
    const auto at = [&spot](const std::string& item) {
        Spot next = spot;
        next.path += "[" + item + "]";
        return next;
    };
    for (const auto& [item, value] : old_items) {
        const auto other = new_index.find(item);
        compare(at(item), value, other == new_index.end() ? nullptr : other->second);
    }
    for (const auto& [item, value] : new_items) {
        if (!old_index.contains(item)) compare(at(item), nullptr, value);
    }
    // The order of init containers and of variables that refer to each other means something.
    const auto old_order = common(old_items, new_index);
    const auto new_order = common(new_items, old_index);
    if (old_order != new_order) {
        found_.push_back({spot.path, "[" + join(old_order, "] [") + "]", "[" + join(new_order, "] [") + "]"});
    }
}

void Walk::compare_by_index(const Spot& spot, const nlohmann::json& before, const nlohmann::json& after) {
    for (std::size_t index = 0; index < std::max(before.size(), after.size()); ++index) {
        Spot next = spot;
        next.path += "[" + std::to_string(index) + "]";
        compare(next, index < before.size() ? &before[index] : nullptr, index < after.size() ? &after[index] : nullptr);
    }
}

}  // namespace

std::vector<Difference> differences(const nlohmann::json& before, const nlohmann::json& after) {
    const bool secret = text_at(before, "kind") == "Secret" || text_at(after, "kind") == "Secret";
    Walk walk(secret);
    walk.compare({}, &before, &after);
    return walk.take();
}

}  // namespace flowlet::kube
