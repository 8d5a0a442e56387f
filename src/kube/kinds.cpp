#include <algorithm>
#include <array>
#include <utility>

#include "flowlet/kube.h"

// Which kinds are judged by more than their existence, and what has to be watched for it.
namespace flowlet::kube {

namespace {

struct Need {
    std::string_view api_version;
    std::string_view kind;
};

constexpr Need replica_sets{"apps/v1", "ReplicaSet"};
constexpr Need pods{"v1", "Pod"};
constexpr Need claims{"v1", "PersistentVolumeClaim"};
constexpr Need events{"v1", "Event"};

/// What besides the goal itself.
std::vector<Need> needs_of(std::string_view kind) {
    if (kind == "Deployment") return {replica_sets, pods, events};
    if (kind == "StatefulSet") return {pods, events, claims};
    if (kind == "DaemonSet" || kind == "ReplicaSet" || kind == "Job") return {pods, events};
    if (kind == "Pod" || kind == "PersistentVolumeClaim") return {events};
    return {};
}

void add(std::vector<Resource>& kinds, std::string_view api_version, std::string_view kind) {
    const auto resource = find_resource(api_version, kind);
    if (!resource) return;
    const bool is_there = std::any_of(kinds.begin(), kinds.end(), [&](const Resource& known) {
        return known.api_version == resource->api_version && known.kind == resource->kind;
    });
    if (!is_there) kinds.push_back(*resource);
}

}  // namespace

bool is_tracked(std::string_view kind) {
    constexpr std::array<std::string_view, 9> tracked{"Deployment",
                                                      "StatefulSet",
                                                      "DaemonSet",
                                                      "ReplicaSet",
                                                      "Job",
                                                      "Pod",
                                                      "PersistentVolumeClaim",
                                                      "CustomResourceDefinition",
                                                      "APIService"};
    return std::find(tracked.begin(), tracked.end(), kind) != tracked.end();
}

std::vector<Resource> kinds_to_watch(std::span<const Goal> goals) {
    std::vector<Resource> kinds;
    for (const auto& goal : goals) {
        add(kinds, goal.ref.api_version, goal.ref.kind);
        for (const auto& need : needs_of(goal.ref.kind))
            add(kinds, need.api_version, need.kind);
    }
    return kinds;
}

}  // namespace flowlet::kube
