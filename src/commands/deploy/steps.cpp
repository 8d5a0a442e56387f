#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"
#include "commands/deploy/proof.h"

namespace flowlet::commands::deploy {
plan::Step plan_apply(const Shared& shared, const Item& item, const std::string& tier, kube::Force force) {
    const std::string name = kube::render(item.object.ref);
    plan::Step step;
    step.id = "apply/" + tier + "/" + name;
    step.what = (item.live ? "update " : "create ") + name;
    plan::Send send;
    send.endpoint = shared.cluster.endpoint;
    send.request = kube::apply(item.resource, item.object, kube::Mode::real, force);
    step.action = send;
    plan::Send back;
    back.endpoint = shared.cluster.endpoint;
    if (item.live) {
        kube::Object before = item.object;
        before.body = std::make_shared<const nlohmann::json>(kube::owned_by(*item.live, kube::field_manager));
        back.request = kube::apply(item.resource, before, kube::Mode::real, force);
        step.undo.push_back({"restore " + name, back});
        return step;
    }
    back.request = kube::remove(item.resource, item.object.ref, "");
    back.accept = {200, 202, 404};
    if (item.object.ref.kind == "Namespace") {
        back.only_if_empty =
            kube::list({"v1", "PersistentVolumeClaim", "persistentvolumeclaims", true}, item.object.ref.name);
    }
    constexpr int created = 201;
    step.undo.push_back({"remove " + name, back, created});
    return step;
}

plan::Step plan_proof(const Shared& shared, const std::vector<const Item*>& items) {
    std::vector<Expected> expected;
    plan::Await await;
    await.endpoint = shared.cluster.endpoint;
    await.timeout = proof_timeout;
    for (const Item* item : items) {
        expected.push_back({kube::get(item->resource, item->object.ref), kube::render(item->object.ref), item->live});
        await.subjects.push_back(expected.back().object);
    }
    await.make = [expected](Time start) { return make_proof(expected, start); };
    plan::Step step;
    step.id = "proof";
    step.what = "prove that " + std::to_string(items.size()) + (items.size() == 1 ? " object is" : " objects are") +
                " as before, field by field";
    step.action = std::move(await);
    return step;
}

}  // namespace flowlet::commands::deploy
