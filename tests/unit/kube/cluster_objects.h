// Small objects of a cluster for tests: only what a verdict reads. Every function returns plain JSON to be changed.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "flowlet/kube.h"

namespace flowlet::kube::test {

using nlohmann::json;

inline constexpr const char* space = "flowlet-core";

/// A moment `seconds` after the one at which every test starts.
inline Time at(double seconds) {
    return *parse_time("2026-08-22T10:00:00Z") + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

inline std::string stamp(double seconds) {
    return render_time(at(seconds));
}

inline json object(const std::string& api_version, const std::string& kind, const std::string& name) {
    return {{"apiVersion", api_version},
            {"kind", kind},
            {"metadata",
             {{"name", name},
              {"namespace", space},
              {"uid", kind + "-" + name},
              {"generation", 1},
              {"creationTimestamp", stamp(0)}}}};
}

inline json owned(json child, const json& owner) {
    child["metadata"]["ownerReferences"] = {{{"kind", owner.at("kind")},
                                             {"name", owner.at("metadata").at("name")},
                                             {"uid", owner.at("metadata").at("uid")},
                                             {"controller", true}}};
    return child;
}

inline json condition(const std::string& type, const std::string& status, const std::string& reason = {},
                      const std::string& message = {}) {
    return {
        {"type", type}, {"status", status}, {"reason", reason}, {"message", message}, {"lastTransitionTime", stamp(0)}};
}

/// A Deployment on its way: its controller has taken it up and made one pod of the new revision.
inline json deployment(int replicas = 1) {
    auto made = object("apps/v1", "Deployment", "wallet");
    made["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", "2"}};
    made["spec"] = {{"replicas", replicas}};
    made["status"] = {{"observedGeneration", 1}, {"replicas", replicas}, {"updatedReplicas", replicas}};
    return made;
}

inline json replica_set(const json& owner, const std::string& name = "wallet-new", const std::string& revision = "2") {
    auto made = owned(object("apps/v1", "ReplicaSet", name), owner);
    made["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", revision}};
    made["spec"] = {{"replicas", 1}};
    made["status"] = {{"observedGeneration", 1}, {"replicas", 1}};
    return made;
}

inline json container(const std::string& name = "wallet") {
    return {{"name", name}, {"image", "registry.example/flowlet/wallet:1.0.0"}};
}

/// A pod with one container, scheduled and not ready; `state` is the container's, as in its status.
inline json pod(const json& owner, const json& state, const std::string& name = "wallet-new-abcde") {
    auto made = owned(object("v1", "Pod", name), owner);
    made["spec"] = {{"nodeName", "node-1"}, {"restartPolicy", "Always"}, {"containers", {container()}}};
    made["status"] = {
        {"phase", "Pending"},
        {"conditions", {condition("PodScheduled", "True"), condition("Ready", "False")}},
        {"containerStatuses", {{{"name", "wallet"}, {"ready", false}, {"restartCount", 0}, {"state", state}}}}};
    return made;
}

inline json& status_of(json& made) {
    return made["status"]["containerStatuses"][0];
}

inline json waiting(const std::string& reason, const std::string& message = {}) {
    return {{"waiting", {{"reason", reason}, {"message", message}}}};
}

inline json running(double since) {
    return {{"running", {{"startedAt", stamp(since)}}}};
}

inline json terminated(int code, double from, double to, const std::string& reason = "Error",
                       const std::string& message = {}) {
    return {{"terminated",
             {{"exitCode", code},
              {"reason", reason},
              {"message", message},
              {"startedAt", stamp(from)},
              {"finishedAt", stamp(to)}}}};
}

inline json ready_pod(const json& owner, double since, const std::string& name = "wallet-new-abcde") {
    auto made = pod(owner, running(since), name);
    made["status"]["phase"] = "Running";
    made["status"]["conditions"][1] = condition("Ready", "True");
    status_of(made)["ready"] = true;
    made["spec"]["containers"][0]["readinessProbe"] = {{"httpGet", {{"path", "/health"}, {"port", 8080}}}};
    return made;
}

inline json event(const json& about, const std::string& reason, const std::string& message, double when = 0,
                  int count = 1, const std::string& type = "Warning") {
    const auto& meta = about.at("metadata");
    auto made = object("v1", "Event", meta.at("name").get<std::string>() + "." + reason + "." + std::to_string(when));
    made["type"] = type;
    made["reason"] = reason;
    made["message"] = message;
    made["count"] = count;
    made["lastTimestamp"] = stamp(when);
    made["involvedObject"] = {{"kind", about.at("kind")}, {"name", meta.at("name")}, {"uid", meta.at("uid")}};
    return made;
}

inline json container_event(const json& about, const std::string& reason, const std::string& message, double when = 0,
                            int count = 1, const std::string& name = "wallet") {
    auto made = event(about, reason, message, when, count);
    made["involvedObject"]["fieldPath"] = "spec.containers{" + name + "}";
    return made;
}

inline void put(Snapshot& snapshot, const json& made) {
    snapshot.apply({{"type", "MODIFIED"}, {"object", made}});
}

inline Goal goal_of(const json& made, std::int64_t generation = 0) {
    const auto& meta = made.at("metadata");
    return {{made.at("apiVersion"), made.at("kind"), meta.value("namespace", ""), meta.at("name")}, generation};
}

/// One Judge, one snapshot and a clock that stands still until moved.
class World {
public:
    World& add(const json& made) {
        put(snapshot, made);
        return *this;
    }
    State judge(const json& goal, double seconds = 0) { return judge_.judge(snapshot, goal_of(goal), at(seconds)); }

    Snapshot snapshot;

private:
    Judge judge_;
};

}  // namespace flowlet::kube::test
