#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"
#include "commands/deploy/order.h"
#include "commands/deploy/unstick.h"

namespace flowlet::commands::deploy {
namespace {

using Standings = std::map<const Item*, Standing>;

class Builder {
public:
    Builder(const Session& session, const Facts& facts, const Options& options)
        : facts_(facts),
          options_(options),
          shared_{{session, facts.cluster, facts.space, session.config->text("release"),
                   session.config->duration("deploy.timeout")},
                  facts.past.records.empty() ? 1 : facts.past.records.back() + 1} {}

    plan::Plan build() {
        plan_.subject = plan_subject(shared_, "deploy", tools());
        plan_.title = "deploy " + shared_.release + " to " + plan_.subject.environment + " (" + shared_.space + ")";
        add_tiers();
        add_chart();
        finish_what_was_left();
        add_final_wait();
        if (plan_.effect != plan::Effect::none) {
            add_lock();
            add_record();
            add_settle();
        }
        return std::move(plan_);
    }

private:
    [[nodiscard]] std::vector<const Tool*> tools() const {
        std::vector<const Tool*> tools = {&facts_.cluster.kubectl};
        if (facts_.helm) {
            tools.push_back(&*facts_.helm);
        }
        return tools;
    }

    /// Counts an object as unchanged, or describes its change. True when it has to be written.
    bool look_at(const Item& item) {
        if (item.refusal) {
            plan::Finding finding;
            finding.severity = plan::Finding::Severity::error;
            finding.object = kube::render(item.object.ref);
            finding.place = item.by;
            finding.message = item.refusal->message;
            finding.hint = item.refusal->code == 409
                               ? "someone else owns these fields: take them out of the manifest, or take "
                                 "them over with --take-over"
                               : "nothing was changed";
            plan_.findings.push_back(std::move(finding));
            return true;
        }
        if (find_standing(item) == Standing::same) {
            ++plan_.unchanged;
            return false;
        }
        plan_.changes.push_back(describe(item));
        touched_.push_back(&item);
        plan_.effect = plan::Effect::cluster;
        return true;
    }

    void add_tiers() {
        for (const ItemTier& tier : facts_.tiers) {
            std::vector<const Item*> changed;
            for (const Item& item : tier.items) {
                if (look_at(item)) {
                    changed.push_back(&item);
                }
            }
            add_tier(tier, changed);
        }
    }

    void add_tier(const ItemTier& tier, const std::vector<const Item*>& changed) {
        std::vector<std::string> last = add_in_order(tier.name, changed, frontier_);
        const bool workloads = std::any_of(changed.begin(), changed.end(),
                                           [](const Item* item) { return kube::is_tracked(item->object.ref.kind); });
        if (workloads) {
            plan::Step wait = plan_wait(shared_, "ready/" + tier.name, goals_of(tier.items), shared_.timeout);
            wait.what += " of tier " + tier.name;
            wait.after = last;
            last = {wait.id};
            plan_.steps.push_back(std::move(wait));
        }
        frontier_ = last;
    }

    /// Applies the objects rank after rank; returns what the next thing has to come after.
    std::vector<std::string> add_in_order(const std::string& tier, const std::vector<const Item*>& changed,
                                          std::vector<std::string> after) {
        std::map<int, std::vector<const Item*>> ranks;
        for (const Item* item : changed) {
            ranks[apply_rank(item->object.ref.kind)].push_back(item);
        }
        for (const auto& [rank, items] : ranks) {
            std::vector<std::string> ids;
            for (const Item* item : items) {
                plan::Step step = plan_apply(shared_, *item, tier, options_.force);
                step.after = after;
                ids.push_back(step.id);
                plan_.steps.push_back(std::move(step));
            }
            after = std::move(ids);
        }
        return after;
    }

    static std::vector<kube::Goal> goals_of(const std::vector<Item>& items) {
        std::vector<kube::Goal> goals;
        for (const Item& item : items) {
            if (kube::is_tracked(item.object.ref.kind)) {
                goals.push_back({item.object.ref, 0});
            }
        }
        return goals;
    }

    void add_chart() {
        if (!facts_.chart) {
            return;
        }
        bool differs = facts_.chart_differs;
        for (const Item& item : facts_.chart_items) {
            differs = look_at(item) || differs;
        }
        for (const kube::Ref& ref : facts_.chart_removed) {
            plan_.changes.push_back({plan::Op::remove, kube::render(ref), {}, "chart " + facts_.chart->folder});
        }
        const bool stuck = !facts_.past.revisions.empty() && helm::is_pending(facts_.past.revisions.back());
        const bool deployed =
            facts_.past.deployed && !stuck && facts_.past.deployed->revision == facts_.past.revisions.back().revision;
        if (!differs && deployed) {
            return;
        }
        plan_.effect = plan::Effect::cluster;
        if (stuck) {
            add_recovery();
        }
        add_upgrade();
    }

    [[nodiscard]] plan::Action back_to_deployed() const {
        plan::Invoke back;
        back.command = facts_.past.deployed ? helm::rollback(*facts_.chart, facts_.past.deployed->revision)
                                            : helm::uninstall(*facts_.chart);
        return back;
    }

    /// A run that was killed left the release pending; Helm itself refuses to go on from there. The lock tells whether
    /// that run was ours and is gone; without such a lock somebody else's helm may be at work.
    void add_recovery() {
        const helm::Release& pending = facts_.past.revisions.back();
        const bool ours = facts_.past.lock && facts_.past.lock->dead;
        const std::optional<Time> since = parse_time(pending.updated);
        if (!ours && since && facts_.now - *since < shared_.timeout) {
            throw Error(Kind::conflict,
                        "release " + shared_.release + " is " + pending.status + " since " + pending.updated +
                            ": another helm seems to be at work",
                        "wait for it; after " + render_duration(shared_.timeout) +
                            " flowletctl takes it for dead and recovers it");
        }
        plan::Step step;
        step.id = "recover/" + shared_.release;
        step.what = "recover release " + shared_.release + ", left " + pending.status + " by a run that is gone";
        step.action = back_to_deployed();
        step.after = frontier_;
        frontier_ = {step.id};
        plan_.steps.push_back(std::move(step));
    }

    void add_upgrade() {
        plan::Invoke upgrade;
        upgrade.command = helm::upgrade(*facts_.chart);
        plan::Step step;
        step.id = "helm/" + shared_.release;
        step.what =
            (facts_.past.deployed ? "upgrade" : "install") + std::string(" release ") + shared_.release + " with helm";
        step.action = std::move(upgrade);
        step.after = frontier_;
        const std::string target = facts_.past.deployed ? "revision " + std::to_string(facts_.past.deployed->revision)
                                                        : "before its installation";
        step.undo.push_back({"return release " + shared_.release + " to " + target, back_to_deployed()});
        frontier_ = {step.id};
        plan_.steps.push_back(std::move(step));
        upgraded_ = true;
    }

    /// A run that died after its last change leaves nothing that differs, but neither proof nor record that it is done.
    void finish_what_was_left() {
        if (facts_.past.lock && facts_.past.lock->dead) {
            plan::Finding finding;
            finding.severity = plan::Finding::Severity::warning;
            finding.object = "release " + shared_.release;
            finding.message = "a run of " + facts_.past.lock->holder + " died before it was done";
            finding.hint = "this one finishes what is left";
            plan_.findings.push_back(std::move(finding));
            plan_.effect = plan::Effect::cluster;
        }
    }

    void add_final_wait() {
        const std::vector<kube::Goal> goals = find_goals(facts_);
        const bool all_ready =
            facts_.states.size() == goals.size() && std::all_of(facts_.states.begin(), facts_.states.end(),
                                                                [](const kube::State& state) { return state.ready; });
        if (goals.empty() || (all_ready && plan_.effect == plan::Effect::none)) {
            return;
        }
        plan::Step wait = plan_wait(shared_, "ready", goals, shared_.timeout);
        wait.after = frontier_;
        frontier_ = {wait.id};
        plan_.steps.push_back(std::move(wait));
    }

    /// The lock lives in the environment's namespace, so only what creates that namespace may come before it.
    void add_lock() {
        plan::Step lock = plan_lock(shared_, facts_.past.lock, facts_.now);
        std::set<std::string> before = {lock.id};
        for (const plan::Step& step : plan_.steps) {
            if (step.id.ends_with("/Namespace/" + shared_.space)) {
                lock.after.push_back(step.id);
                before.insert(step.id);
            }
        }
        for (plan::Step& step : plan_.steps) {
            if (before.count(step.id) == 0) {
                step.after.push_back(lock.id);
            }
        }
        const auto place = lock.after.empty() ? plan_.steps.begin() : plan_.steps.begin() + 1;
        plan_.steps.insert(place, std::move(lock));
    }

    void add_record() {
        Record record;
        record.number = shared_.record;
        record.time = render_time(facts_.now);
        record.user = shared_.session.user;
        record.run_id = shared_.session.run_id;
        record.what = "deploy";
        record.image_tag = shared_.session.config->text("deploy.image_tag");
        record.helm_revision = facts_.past.revisions.empty() ? 0 : facts_.past.revisions.back().revision;
        record.helm_revision += upgraded_ ? 1 : 0;
        record.chart_inputs = chart_inputs(record.helm_revision);
        add_record_objects(record);
        plan::Step step = plan_record(shared_, record);
        step.after = frontier_;
        step.after.emplace_back("lock");
        plan_.steps.push_back(std::move(step));
        const int keep = static_cast<int>(shared_.session.config->integer("deploy.history_max"));
        for (plan::Step& forget : plan_forgetting(shared_, facts_.past.records, keep)) {
            plan_.steps.push_back(std::move(forget));
        }
    }

    /// A deploy without the chart leaves the release as it is.
    [[nodiscard]] std::string chart_inputs(int revision) const {
        if (facts_.chart) {
            return facts_.chart_inputs;
        }
        const auto known = facts_.past.inputs.find(revision);
        return known == facts_.past.inputs.end() ? std::string() : known->second;
    }

    /// A deploy of some tiers leaves the others as the deploy before it had them.
    void add_record_objects(Record& record) {
        std::set<kube::Ref> own;
        for (const ItemTier& tier : facts_.tiers) {
            for (const Item& item : tier.items) {
                record.objects.push_back(item.object.body);
                own.insert(item.object.ref);
            }
        }
        if (facts_.previous) {
            for (const kube::Json& body : facts_.previous->objects) {
                const nlohmann::json& metadata = body->at("metadata");
                const kube::Ref ref{body->value("apiVersion", ""), body->value("kind", ""),
                                    metadata.value("namespace", ""), metadata.value("name", "")};
                if (own.count(ref) == 0) {
                    record.objects.push_back(body);
                }
            }
        }
    }

    void add_settle() {
        std::vector<const Item*> items = touched_;
        if (upgraded_) {
            for (const Item& item : facts_.chart_items) {
                if (std::find(items.begin(), items.end(), &item) == items.end()) {
                    items.push_back(&item);
                }
            }
        }
        plan_.settle.push_back(plan_proof(shared_, items));
        for (const Item* item : items) {
            if (item->object.ref.kind == "StatefulSet" && item->live) {
                plan_.settle.push_back(plan_unstick(shared_, *item));
            }
        }
        std::vector<kube::Goal> were_ready;
        for (const kube::State& state : facts_.states) {
            if (state.ready) {
                were_ready.push_back({state.ref, 0});
            }
        }
        if (!were_ready.empty()) {
            plan::Step wait = plan_wait(shared_, "ready again", were_ready, std::min(shared_.timeout, Millis{180000}));
            wait.what =
                "wait until what was ready before is ready again: " + std::to_string(were_ready.size()) + " workloads";
            plan_.settle.push_back(std::move(wait));
        }
    }

    const Facts& facts_;
    const Options& options_;
    Shared shared_;
    plan::Plan plan_;
    std::vector<std::string> frontier_;
    std::vector<const Item*> touched_;
    bool upgraded_ = false;
};

}  // namespace

int apply_rank(std::string_view kind) {
    static const std::map<std::string_view, int> ranks = {
        {"Namespace", 0},
        {"CustomResourceDefinition", 1},
        {"PriorityClass", 1},
        {"StorageClass", 1},
        {"ServiceAccount", 2},
        {"Role", 2},
        {"ClusterRole", 2},
        {"ResourceQuota", 2},
        {"LimitRange", 2},
        {"NetworkPolicy", 2},
        {"RoleBinding", 3},
        {"ClusterRoleBinding", 3},
        {"ConfigMap", 3},
        {"Secret", 3},
        {"PersistentVolume", 3},
        {"PersistentVolumeClaim", 3},
        {"Service", 4},
        {"PodDisruptionBudget", 4},
        {"HorizontalPodAutoscaler", 6},
        {"Ingress", 6},
        {"APIService", 7},
        {"ValidatingWebhookConfiguration", 8},
        {"MutatingWebhookConfiguration", 8},
    };
    constexpr int workload = 5;
    const auto found = ranks.find(kind);
    return found == ranks.end() ? workload : found->second;
}

plan::Plan plan_deploy(const Session& session, const Facts& facts, const Options& options) {
    return Builder(session, facts, options).build();
}

}  // namespace flowlet::commands::deploy
