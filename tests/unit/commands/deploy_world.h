// Facts of a deploy, built in memory.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands/deploy/deploy.h"
#include "fakes/world.h"

namespace flowlet::commands::deploy {

inline constexpr const char* project = R"(
apiVersion: flowlet/v1
project: shop
environments:
  test:
    kube: {context: here}
    namespace: shop
    values: [values.yaml]
deploy: {chart: chart, manifests: manifests, timeout: 5m}
)";

/// A fake machine with a project in /p, and a session on it.
struct Desk {
    fakes::World world;
    config::Config config;
    Session session;

    explicit Desk(const std::string& text = project)
        : config((world.files["/p/flowlet.yaml"] = {text, 0644}, world.folders.insert("/p"), prepare(world),
                  config::load(world, {"/p", "test", {}}))),
          session{world, &config, "/audit", "run-1", "ana@ops"} {}

    static void prepare(fakes::World& world) {
        world.files["/proc/self/stat"] = {"7 (flowletctl) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 99 0", 0444};
        world.files["/proc/sys/kernel/hostname"] = {"ops\n", 0444};
        world.files["/proc/sys/kernel/random/boot_id"] = {"boot-1\n", 0444};
    }
};

inline kube::Json json(nlohmann::json value) {
    return std::make_shared<const nlohmann::json>(std::move(value));
}

inline nlohmann::json body(const std::string& kind, const std::string& name, const std::string& value) {
    const std::string version = kind == "Deployment" || kind == "StatefulSet" ? "apps/v1" : "v1";
    nlohmann::json made = {{"apiVersion", version}, {"kind", kind}, {"metadata", {{"name", name}}}};
    if (kind != "Namespace") {
        made["metadata"]["namespace"] = "shop";
    }
    made["data"] = {{"value", value}};
    return made;
}

/// An item that the cluster has as `live` (empty: not at all) and that is wanted as `wanted`.
inline Item item(const std::string& kind, const std::string& name, const std::string& live, const std::string& wanted) {
    Item made;
    const nlohmann::json after = body(kind, name, wanted);
    made.object.ref = {after["apiVersion"], kind, kind == "Namespace" ? "" : "shop", name};
    made.object.body = json(after);
    made.resource = *kube::find_resource(made.object.ref.api_version, kind);
    made.by = "manifests/x.yaml:1";
    made.merged = json(after);
    if (!live.empty()) {
        made.live = json(body(kind, name, live));
    }
    return made;
}

inline Facts facts() {
    Facts made;
    made.space = "shop";
    made.spaces = {"shop"};
    made.cluster.endpoint.socket = "/fake";
    made.cluster.context = "here";
    made.cluster.uid = "uid";
    made.now = Time(std::chrono::seconds(1800000000));
    return made;
}

inline helm::Chart chart() {
    helm::Chart made;
    made.program = "/usr/bin/helm";
    made.context = "here";
    made.release = "shop";
    made.space = "shop";
    made.folder = "/p/chart";
    return made;
}

inline helm::Release revision(int number, const std::string& status) {
    helm::Release made;
    made.name = "shop";
    made.revision = number;
    made.status = status;
    return made;
}

inline kube::State ready(const std::string& kind, const std::string& name) {
    kube::State state;
    state.ref = {"apps/v1", kind, "shop", name};
    state.ready = true;
    return state;
}

inline std::vector<std::string> ids(const std::vector<plan::Step>& steps) {
    std::vector<std::string> found;
    for (const plan::Step& step : steps) {
        found.push_back(step.id);
    }
    return found;
}

inline const plan::Step& find(const plan::Plan& plan, const std::string& id) {
    const auto found =
        std::find_if(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) { return step.id == id; });
    if (found == plan.steps.end()) {
        throw std::logic_error("the plan has no step " + id);
    }
    return *found;
}

}  // namespace flowlet::commands::deploy
