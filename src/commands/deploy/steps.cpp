#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"
#include "commands/deploy/proof.h"

namespace flowlet::commands::deploy {
namespace {

/// A lease outlives its run by this much, so that a rollback that takes its time is still covered.
constexpr Millis lease_margin{15 * 60 * 1000};

std::string read_line(const host::Probe& probe, const std::string& path) {
    return std::string(trim(probe.read_file(path)));
}

/// "host/boot/pid/start": enough to tell later whether the process still runs.
std::string own_process(const host::Probe& probe) {
    const std::string stat = read_line(probe, "/proc/self/stat");
    const std::vector<std::string> fields = split(stat.substr(stat.rfind(')') + 1), ' ');
    constexpr std::size_t start_time = 20;
    return read_line(probe, "/proc/sys/kernel/hostname") + "/" + read_line(probe, "/proc/sys/kernel/random/boot_id") +
           "/" + stat.substr(0, stat.find(' ')) + "/" + (fields.size() > start_time ? fields[start_time] : "");
}

nlohmann::json lease_body(const Shared& shared, Time now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(shared.timeout + lease_margin).count();
    return {{"apiVersion", "coordination.k8s.io/v1"},
            {"kind", "Lease"},
            {"metadata",
             {{"name", "flowletctl-" + shared.release},
              {"namespace", shared.space},
              {"annotations",
               {{"flowletctl.io/process", own_process(shared.session.probe)},
                {"flowletctl.io/run", shared.session.run_id}}}}},
            {"spec",
             {{"holderIdentity", shared.session.user},
              {"acquireTime", render_time(now)},
              {"renewTime", render_time(now)},
              {"leaseDurationSeconds", seconds}}}};
}

host::Request request(std::string method, std::string path, const nlohmann::json& body) {
    return {std::move(method), std::move(path), body.dump(), "application/json", "application/json"};
}

}  // namespace

plan::Step plan_lock(const Shared& shared, const std::optional<Lock>& found, Time now) {
    if (found && !found->dead) {
        throw Error(
            Kind::conflict,
            "release " + shared.release + " in " + shared.space + " is being deployed by " + found->holder +
                (found->expires ? " (their lock ends at " + render_time(*found->expires) + " at the latest)" : ""),
            "wait for it; or, if that run is gone for good: kubectl -n " + shared.space + " delete lease flowletctl-" +
                shared.release);
    }
    const std::string folder = "/apis/coordination.k8s.io/v1/namespaces/" + shared.space + "/leases";
    const std::string path = folder + "/flowletctl-" + shared.release;
    nlohmann::json body = lease_body(shared, now);
    plan::Send take;
    take.endpoint = shared.cluster.endpoint;
    take.refused = Kind::conflict;
    if (found) {
        // The version makes the takeover a compare-and-swap: of two runs that see one dead holder, one wins.
        body["metadata"]["resourceVersion"] = found->resource_version;
        take.request = request("PUT", path, body);
    } else {
        take.request = request("POST", folder, body);
    }
    plan::Send release;
    release.endpoint = shared.cluster.endpoint;
    release.request.method = "DELETE";
    release.request.path = path;
    release.accept = {200, 202, 404};
    plan::Step step;
    step.id = "lock";
    step.what = "lock release " + shared.release + " in " + shared.space +
                (found ? " (left behind by " + found->holder + ")" : "");
    step.action = take;
    step.undo.push_back({"unlock release " + shared.release, release});
    step.always = true;
    return step;
}

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

plan::Step plan_wait(const Shared& shared, const std::string& id, const std::vector<kube::Goal>& goals,
                     Millis timeout) {
    plan::Await await;
    await.endpoint = shared.cluster.endpoint;
    await.timeout = timeout;
    for (const kube::Goal& goal : goals) {
        await.subjects.push_back(kube::render(goal.ref));
    }
    await.make = [goals, timeout](Time start) { return make_rollout(goals, start, timeout); };
    plan::Step step;
    step.id = id;
    step.what = "wait for " +
                (goals.size() == 1 ? kube::render(goals.front().ref) : std::to_string(goals.size()) + " workloads");
    step.action = std::move(await);
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

plan::Subject plan_subject(const Shared& shared, const std::string& command, const std::vector<const Tool*>& tools) {
    plan::Subject subject;
    subject.command = command;
    subject.environment = shared.session.config->environment();
    subject.space = shared.space;
    subject.release = shared.release;
    subject.cluster = shared.cluster.context + (shared.cluster.uid.empty() ? "" : " " + shared.cluster.uid);
    subject.facts.emplace_back("run", shared.session.run_id);
    subject.facts.emplace_back("kubernetes", render_version(shared.cluster.version));
    for (const Tool* tool : tools) {
        subject.facts.emplace_back(tool->path, render_version(tool->version));
    }
    subject.facts.emplace_back("config", shared.session.config->digest());
    return subject;
}

}  // namespace flowlet::commands::deploy
