#include "commands/deploy/unstick.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace flowlet::commands::deploy {
namespace {

using Json = nlohmann::json;

const Json& at(const Json& object, const char* key) {
    static const Json nothing;
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() ? *found : nothing;
}

std::string text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : std::string();
}

bool is_ready(const Json& pod) {
    const Json& conditions = at(at(pod, "status"), "conditions");
    return std::any_of(conditions.begin(), conditions.end(), [](const Json& condition) {
        return text(at(condition, "type")) == "Ready" && text(at(condition, "status")) == "True";
    });
}

std::string selector_of(const Json& live) {
    std::vector<std::string> parts;
    const Json& labels = at(at(at(live, "spec"), "selector"), "matchLabels");
    for (const auto& [name, value] : labels.items()) {
        parts.push_back(name + "=" + text(value));
    }
    return join(parts, ",");
}

}  // namespace

std::vector<host::Request> choose_stuck(const host::Response& pods, const std::string& good_revision) {
    std::vector<host::Request> removals;
    const Json list = Json::parse(pods.body, nullptr, false);
    for (const Json& pod : at(list, "items")) {
        const Json& metadata = at(pod, "metadata");
        const std::string revision = text(at(at(metadata, "labels"), "controller-revision-hash"));
        const bool leaving = !at(metadata, "deletionTimestamp").is_null();
        if (!revision.empty() && revision != good_revision && !leaving && !is_ready(pod)) {
            removals.push_back(kube::remove({"v1", "Pod", "pods", true},
                                            {"v1", "Pod", text(at(metadata, "namespace")), text(at(metadata, "name"))},
                                            text(at(metadata, "uid"))));
        }
    }
    return removals;
}

plan::Step plan_unstick(const Shared& shared, const Item& item) {
    const std::string good = text(at(at(*item.live, "status"), "updateRevision"));
    plan::Sweep sweep;
    sweep.endpoint = shared.cluster.endpoint;
    sweep.list = kube::list({"v1", "Pod", "pods", true}, item.object.ref.space, selector_of(*item.live));
    sweep.accept = {200, 202, 404, 409};
    sweep.choose = [good](const host::Response& pods) { return choose_stuck(pods, good); };
    plan::Step step;
    step.id = "unstick/" + kube::render(item.object.ref);
    step.what = "remove the stuck pods of " + kube::render(item.object.ref);
    step.action = std::move(sweep);
    return step;
}

}  // namespace flowlet::commands::deploy
