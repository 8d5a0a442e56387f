#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"
#include "commands/deploy/order.h"

namespace flowlet::commands::deploy {
namespace {

/// What a rollback works with: two deploys on record and the cluster as it is.
struct Way {
    Cluster cluster;
    Tool helm;
    Past past;
    Record from;
    Record to;
    std::vector<Item> restored;
    std::vector<Item> removed;  ///< deployed since, not part of `to`
    std::vector<kube::State> states;
    Time now{};
};

Item make_item(const kube::Json& body, const std::string& by) {
    Item item;
    const nlohmann::json metadata = body->value("metadata", nlohmann::json::object());
    item.object.ref = {body->value("apiVersion", ""), body->value("kind", ""), metadata.value("namespace", ""),
                       metadata.value("name", "")};
    item.object.body = body;
    item.by = by;
    item.resource = kube::find_resource(item.object.ref.api_version, item.object.ref.kind)
                        .value_or(kube::Resource{item.object.ref.api_version, item.object.ref.kind, "",
                                                 !item.object.ref.space.empty()});
    return item;
}

int find_target(const Past& past, int wish, const std::string& release) {
    if (past.records.empty()) {
        throw Error(Kind::precondition, "release " + release + " has no deploy on record",
                    "flowletctl deploy history lists them");
    }
    if (wish == 0 && past.records.size() < 2) {
        throw Error(Kind::precondition, "deploy " + std::to_string(past.records.back()) + " is the only one on record",
                    "there is nothing to return to");
    }
    const int target = wish == 0 ? past.records[past.records.size() - 2] : wish;
    if (std::find(past.records.begin(), past.records.end(), target) == past.records.end()) {
        throw Error(Kind::precondition, "there is no deploy " + std::to_string(target) + " on record",
                    "flowletctl deploy history lists them");
    }
    return target;
}

Record load_record(const Session& session, const Cluster& cluster, const std::string& space, const std::string& release,
                   int number) {
    return parse_record(ask_one(session, cluster, get_record(space, release, number)).body);
}

Way observe_way(const Session& session, const Shared& shared, const RollbackOptions& options) {
    Way way;
    way.cluster = shared.cluster;
    way.helm = observe_helm(session);
    way.past = observe_past(session, way.cluster, shared.space, shared.release);
    way.to = load_record(session, way.cluster, shared.space, shared.release,
                         find_target(way.past, options.to, shared.release));
    way.from = load_record(session, way.cluster, shared.space, shared.release, way.past.records.back());
    std::set<kube::Ref> kept;
    std::set<std::string> spaces = {shared.space};
    for (const kube::Json& body : way.to.objects) {
        way.restored.push_back(make_item(body, "deploy " + std::to_string(way.to.number)));
        kept.insert(way.restored.back().object.ref);
        spaces.insert(way.restored.back().object.ref.space);
    }
    for (const kube::Json& body : way.from.objects) {
        Item item = make_item(body, "deploy " + std::to_string(way.from.number));
        if (kept.count(item.object.ref) == 0) {
            way.removed.push_back(std::move(item));
        }
    }
    std::vector<Item*> items;
    for (Item& item : way.restored) {
        items.push_back(&item);
    }
    observe_items(session, way.cluster, spaces, items, kube::Force::no);
    way.now = session.probe.now();
    return way;
}

helm::Chart chart_of(const Session& session, const Way& way, const Shared& shared) {
    helm::Chart chart;
    chart.program = way.helm.path;
    chart.context = way.cluster.context;
    chart.kubeconfig = session.config->path("kube.kubeconfig");
    chart.release = shared.release;
    chart.space = shared.space;
    chart.history_max = static_cast<int>(session.config->integer("deploy.history_max"));
    chart.timeout = shared.timeout;
    return chart;
}

class Builder {
public:
    Builder(const Session& session, const Shared& shared, const Way& way)
        : session_(session), shared_(shared), way_(way) {}

    plan::Plan build() {
        plan_.subject = plan_subject(shared_, "deploy rollback", {&way_.cluster.kubectl, &way_.helm});
        plan_.title = "return " + shared_.release + " in " + shared_.space + " to deploy " +
                      std::to_string(way_.to.number) + " of " + way_.to.time;
        add_objects();
        add_release();
        for (const Item& item : way_.removed) {
            note_leftover(item);
        }
        if (plan_.effect == plan::Effect::none) {
            return std::move(plan_);
        }
        add_wait();
        add_frame();
        return std::move(plan_);
    }

private:
    void add_objects() {
        std::map<int, std::vector<const Item*>> ranks;
        for (const Item& item : way_.restored) {
            if (item.refusal) {
                plan_.findings.push_back({plan::Finding::Severity::error, kube::render(item.object.ref),
                                          item.refusal->message, item.by, "nothing was changed"});
            } else if (find_standing(item) == Standing::same) {
                ++plan_.unchanged;
            } else {
                ranks[apply_rank(item.object.ref.kind)].push_back(&item);
                plan_.changes.push_back(describe(item));
                touched_.push_back(&item);
                plan_.effect = plan::Effect::cluster;
            }
        }
        for (const auto& [rank, items] : ranks) {
            std::vector<std::string> ids;
            for (const Item* item : items) {
                plan::Step step = plan_apply(shared_, *item, "rollback", kube::Force::no);
                step.after = frontier_;
                ids.push_back(step.id);
                plan_.steps.push_back(std::move(step));
            }
            frontier_ = std::move(ids);
        }
    }

    void add_release() {
        const int live = way_.past.deployed ? way_.past.deployed->revision : 0;
        if (way_.to.helm_revision == 0 || way_.to.helm_revision == live) {
            return;
        }
        const auto& revisions = way_.past.revisions;
        const bool kept = std::any_of(revisions.begin(), revisions.end(), [&](const helm::Release& revision) {
            return revision.revision == way_.to.helm_revision;
        });
        if (!kept) {
            throw Error(
                Kind::precondition,
                "helm no longer keeps revision " + std::to_string(way_.to.helm_revision) + " of " + shared_.release,
                "return to a later deploy, or deploy that version again");
        }
        const helm::Chart chart = chart_of(session_, way_, shared_);
        plan::Invoke there;
        there.command = helm::rollback(chart, way_.to.helm_revision);
        plan::Step step;
        step.id = "helm/" + shared_.release;
        step.what = "return release " + shared_.release + " to helm revision " + std::to_string(way_.to.helm_revision);
        step.action = std::move(there);
        step.after = frontier_;
        if (live != 0) {
            plan::Invoke back;
            back.command = helm::rollback(chart, live);
            step.undo.push_back({"return release " + shared_.release + " to revision " + std::to_string(live), back});
        }
        frontier_ = {step.id};
        plan_.changes.push_back({plan::Op::update,
                                 "release " + shared_.release,
                                 {{"revision", std::to_string(live), std::to_string(way_.to.helm_revision)}},
                                 "deploy " + std::to_string(way_.to.number)});
        plan_.effect = plan::Effect::cluster;
        plan_.steps.push_back(std::move(step));
        moved_ = true;
    }

    /// What came later may hold data: it is named, not removed.
    void note_leftover(const Item& item) {
        plan_.findings.push_back({plan::Finding::Severity::warning, kube::render(item.object.ref),
                                  "it came with a later deploy and stays", item.by,
                                  "remove it by hand if it is not wanted"});
    }

    void add_wait() {
        std::vector<kube::Goal> goals;
        for (const Item& item : way_.restored) {
            if (kube::is_tracked(item.object.ref.kind)) {
                goals.push_back({item.object.ref, 0});
            }
        }
        if (way_.past.deployed) {
            for (const kube::Object& object : kube::parse_manifests(way_.past.deployed->manifest, "the live release")) {
                if (kube::is_tracked(object.ref.kind)) {
                    goals.push_back({object.ref, 0});
                    goals.back().ref.space = object.ref.space.empty() ? shared_.space : object.ref.space;
                }
            }
        }
        plan::Step wait = plan_wait(shared_, "ready", goals, shared_.timeout);
        wait.after = frontier_;
        frontier_ = {wait.id};
        plan_.steps.push_back(std::move(wait));
    }

    void add_frame() {
        const plan::Step lock = plan_lock(shared_, way_.past.lock, way_.now);
        for (plan::Step& step : plan_.steps) {
            step.after.push_back(lock.id);
        }
        plan_.steps.insert(plan_.steps.begin(), lock);
        Record record = way_.to;
        record.number = shared_.record;
        record.time = render_time(way_.now);
        record.user = session_.user;
        record.run_id = session_.run_id;
        record.what = "rollback to " + std::to_string(way_.to.number);
        if (moved_) {
            record.helm_revision = way_.past.revisions.back().revision + 1;
        }
        plan::Step keep = plan_record(shared_, record);
        keep.after = frontier_;
        plan_.steps.push_back(std::move(keep));
        plan_.settle.push_back(plan_proof(shared_, touched_));
    }

    const Session& session_;
    const Shared& shared_;
    const Way& way_;
    plan::Plan plan_;
    std::vector<std::string> frontier_;
    std::vector<const Item*> touched_;
    bool moved_ = false;
};

}  // namespace

plan::Plan plan_rollback(const Session& session, const RollbackOptions& options) {
    const Cluster cluster = observe_cluster(session);
    Shared shared{{session, cluster, session.config->require("namespace").text, session.config->text("release"),
                   session.config->duration("deploy.timeout")},
                  1};
    const Way way = observe_way(session, shared, options);
    shared.record = way.past.records.back() + 1;
    return Builder(session, shared, way).build();
}

}  // namespace flowlet::commands::deploy
