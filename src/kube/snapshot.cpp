#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

#include "flowlet/kube.h"
#include "kube/event_text.h"
#include "kube/json_path.h"

namespace flowlet::kube {

namespace {

using namespace verdict;

std::string group_of(std::string_view api_version) {
    const auto slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string{} : std::string{api_version.substr(0, slash)};
}

Ref ref_of(const nlohmann::json& object) {
    return {text_at(object, {"apiVersion"}), text_at(object, {"kind"}), text_at(object, {"metadata", "namespace"}),
            text_at(object, {"metadata", "name"})};
}

std::string controller_of(const nlohmann::json& object) {
    for (const auto& owner : list_at(object, {"metadata", "ownerReferences"})) {
        if (is_true_at(owner, {"controller"})) return text_at(owner, {"uid"});
    }
    return {};
}

/// Where an object stands: one object has one place, whatever its version.
using Slot = std::tuple<std::string, std::string, std::string, std::string>;  // kind, space, name, group

Slot slot_of(const Ref& ref) {
    return {ref.kind, ref.space, ref.name, group_of(ref.api_version)};
}

std::string kind_of_items(const nlohmann::json& list, const std::string& otherwise) {
    constexpr std::string_view suffix = "List";
    const auto kind = text_at(list, {"kind"});
    if (kind.size() <= suffix.size() || !kind.ends_with(suffix)) return otherwise;
    return kind.substr(0, kind.size() - suffix.size());
}

void drop(std::map<std::string, std::set<std::string>>& index, const std::string& key, const std::string& uid) {
    const auto found = index.find(key);
    if (found == index.end()) return;
    found->second.erase(uid);
    if (found->second.empty()) index.erase(found);
}

}  // namespace

struct Snapshot::Data {
    std::map<std::string, Json> objects;                        // by UID
    std::map<Slot, std::string> slots;                          // to UID
    std::map<std::string, std::set<std::string>> by_owner;      // controlling owner's UID to UIDs
    std::map<std::string, std::set<std::string>> events_about;  // involved object's UID to UIDs

    void put(nlohmann::json object);
    void remove(const std::string& uid);
    [[nodiscard]] std::vector<std::string> in(const std::string& kind, const std::string& space) const;
};

namespace {

/// Objects without a UID (written by hand, or foreign) are kept by their name.
std::string uid_of(const nlohmann::json& object) {
    auto uid = text_at(object, {"metadata", "uid"});
    return uid.empty() ? "name:" + render(ref_of(object)) : uid;
}

}  // namespace

void Snapshot::Data::put(nlohmann::json object) {
    const Ref ref = ref_of(object);
    if (ref.kind.empty() || ref.name.empty()) return;
    const auto uid = uid_of(object);
    const auto slot = slot_of(ref);
    remove(uid);
    // Another UID under this name: that object is gone, even if its DELETED has yet to arrive.
    if (const auto former = slots.find(slot); former != slots.end()) remove(std::string{former->second});
    slots[slot] = uid;
    if (const auto owner = controller_of(object); !owner.empty()) by_owner[owner].insert(uid);
    if (ref.kind == "Event") {
        const auto about = event_subject(object);
        if (!about.empty()) events_about[about].insert(uid);
    }
    objects[uid] = std::make_shared<const nlohmann::json>(std::move(object));
}

void Snapshot::Data::remove(const std::string& uid) {
    const auto found = objects.find(uid);
    if (found == objects.end()) return;
    const Json object = found->second;
    objects.erase(found);
    if (const auto slot = slots.find(slot_of(ref_of(*object))); slot != slots.end() && slot->second == uid) {
        slots.erase(slot);
    }
    drop(by_owner, controller_of(*object), uid);
    drop(events_about, event_subject(*object), uid);
}

std::vector<std::string> Snapshot::Data::in(const std::string& kind, const std::string& space) const {
    std::vector<std::string> found;
    for (auto at = slots.lower_bound(Slot{kind, space, {}, {}}); at != slots.end(); ++at) {
        if (std::get<0>(at->first) != kind) break;
        if (!space.empty() && std::get<1>(at->first) != space) break;
        found.push_back(at->second);
    }
    return found;
}

Snapshot::Snapshot() : data_(std::make_unique<Data>()) {}
Snapshot::~Snapshot() = default;
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;

void Snapshot::replace(const std::string& kind, const std::string& space, const nlohmann::json& list) {
    const auto api_version = text_at(list, {"apiVersion"});
    const auto item_kind = kind_of_items(list, kind);
    const bool says_group = text_at(list, {"kind"}) != "List" && !api_version.empty();
    for (const auto& uid : data_->in(kind, space)) {
        const auto& object = *data_->objects.at(uid);
        if (!says_group || group_of(text_at(object, {"apiVersion"})) == group_of(api_version)) data_->remove(uid);
    }
    for (const auto& item : list_at(list, {"items"})) {
        if (!item.is_object()) continue;
        auto object = item;
        if (text_at(object, {"kind"}).empty()) object["kind"] = item_kind;
        if (text_at(object, {"apiVersion"}).empty()) object["apiVersion"] = api_version;
        data_->put(std::move(object));
    }
}

void Snapshot::apply(const nlohmann::json& event) {
    const auto type = text_at(event, {"type"});
    const auto& object = value_at(event, {"object"});
    if (!object.is_object()) return;
    if (type == "DELETED") data_->remove(uid_of(object));
    if (type == "ADDED" || type == "MODIFIED") data_->put(object);
}

Json Snapshot::find(const Ref& ref) const {
    const auto found = data_->slots.find(slot_of(ref));
    return found == data_->slots.end() ? nullptr : data_->objects.at(found->second);
}

std::vector<Json> Snapshot::owned(const std::string& kind, const std::string& owner_uid) const {
    std::vector<Json> found;
    const auto uids = data_->by_owner.find(owner_uid);
    if (uids == data_->by_owner.end()) return found;
    for (const auto& uid : uids->second) {
        const auto& object = data_->objects.at(uid);
        if (text_at(*object, {"kind"}) == kind) found.push_back(object);
    }
    std::sort(found.begin(), found.end(), [](const Json& a, const Json& b) { return ref_of(*a) < ref_of(*b); });
    return found;
}

std::vector<Json> Snapshot::events(const std::string& uid) const {
    std::vector<Json> found;
    const auto uids = data_->events_about.find(uid);
    if (uids == data_->events_about.end()) return found;
    for (const auto& event : uids->second)
        found.push_back(data_->objects.at(event));
    sort_events(found);
    return found;
}

std::vector<Json> Snapshot::all(const std::string& kind, const std::string& space) const {
    std::vector<Json> found;
    for (const auto& uid : data_->in(kind, space))
        found.push_back(data_->objects.at(uid));
    return found;
}

}  // namespace flowlet::kube
