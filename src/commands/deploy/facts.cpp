#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"

namespace flowlet::commands::deploy {
namespace {

/// The namespace of the environment: created by us, with the labels that flowlet.yaml gives, if it is neither there nor
/// among the manifests.
kube::Object make_space(const Session& session, const std::string& space) {
    nlohmann::json labels = {{"app.kubernetes.io/managed-by", "flowletctl"}};
    for (const std::string& name : session.config->children("deploy.namespace_labels")) {
        labels[name] = session.config->text("deploy.namespace_labels." + name);
    }
    kube::Object object;
    object.ref = {"v1", "Namespace", "", space};
    object.body = std::make_shared<const nlohmann::json>(nlohmann::json{
        {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", space}, {"labels", labels}}}});
    return object;
}

Item make_item(kube::Object object, const std::string& space) {
    Item item;
    const kube::Ref& ref = object.ref;
    item.resource =
        kube::find_resource(ref.api_version, ref.kind).value_or(kube::Resource{ref.api_version, ref.kind, "", true});
    item.by = render_place({object.place.file, object.place.line, 0});
    item.object = kube::place_in(std::move(object), item.resource, space);
    return item;
}

std::set<std::string> observe_spaces(const Session& session, const Cluster& cluster, const Facts& facts) {
    std::set<std::string> wanted = {facts.space};
    for (const ItemTier& tier : facts.tiers) {
        for (const Item& item : tier.items) {
            wanted.insert(item.object.ref.kind == "Namespace" ? item.object.ref.name : item.object.ref.space);
        }
    }
    wanted.erase("");
    const std::vector<std::string> names(wanted.begin(), wanted.end());
    std::vector<host::Request> requests;
    requests.reserve(names.size());
    for (const std::string& name : names) {
        requests.push_back(read_path("/api/v1/namespaces/" + name));
    }
    const std::vector<host::Response> answers = session.probe.ask(cluster.endpoint, requests, Millis{30000});
    std::set<std::string> there;
    for (std::size_t i = 0; i < names.size(); ++i) {
        check_answer(requests[i], answers[i]);
        if (answers[i].ok()) {
            there.insert(names[i]);
        }
    }
    return there;
}

bool declares_space(const Facts& facts) {
    return std::any_of(facts.tiers.begin(), facts.tiers.end(), [&](const ItemTier& tier) {
        return std::any_of(tier.items.begin(), tier.items.end(), [&](const Item& item) {
            return item.object.ref.kind == "Namespace" && item.object.ref.name == facts.space;
        });
    });
}

void load_items(const Session& session, const Options& options, Facts& facts) {
    for (Tier& tier : load_tiers(session, options)) {
        ItemTier items{tier.name, {}};
        for (kube::Object& object : tier.objects) {
            items.items.push_back(make_item(std::move(object), facts.space));
        }
        facts.tiers.push_back(std::move(items));
    }
    facts.spaces = observe_spaces(session, facts.cluster, facts);
    if (facts.spaces.count(facts.space) == 0 && !declares_space(facts)) {
        Item item = make_item(make_space(session, facts.space), "");
        item.by = "environment " + session.config->environment();
        facts.tiers.insert(facts.tiers.begin(), ItemTier{"environment", {std::move(item)}});
    }
}

std::map<kube::Ref, kube::Json> by_ref(const std::vector<kube::Object>& objects, const std::string& space) {
    std::map<kube::Ref, kube::Json> found;
    for (const kube::Object& object : objects) {
        const Item item = make_item(object, space);
        found[item.object.ref] = item.object.body;
    }
    return found;
}

/// Compares what is rendered now with what the live revision was made of, object by object: their order does not
/// matter.
void compare_release(Facts& facts, const std::vector<kube::Object>& rendered) {
    if (!facts.past.deployed) {
        facts.chart_differs = true;
        return;
    }
    const std::vector<kube::Object> live = kube::parse_manifests(facts.past.deployed->manifest, "the live release");
    const auto before = by_ref(live, facts.space);
    const auto after = by_ref(rendered, facts.space);
    for (const auto& [ref, body] : before) {
        const auto found = after.find(ref);
        if (found == after.end()) {
            facts.chart_removed.insert(ref);
        }
        facts.chart_differs = facts.chart_differs || found == after.end() || *found->second != *body;
    }
    facts.chart_differs = facts.chart_differs || before.size() != after.size();
}

void observe_tiers(const Session& session, const Options& options, Facts& facts) {
    std::vector<Item*> items;
    for (ItemTier& tier : facts.tiers) {
        for (Item& item : tier.items) {
            items.push_back(&item);
        }
    }
    observe_items(session, facts.cluster, facts.spaces, items, options.force);
}

void observe_release(const Session& session, Facts& facts, std::future<std::vector<kube::Object>>& rendering) {
    const std::vector<kube::Object> rendered = rendering.get();
    compare_release(facts, rendered);
    std::vector<Item*> items;
    for (const kube::Object& object : rendered) {
        facts.chart_items.push_back(make_item(object, facts.space));
    }
    for (Item& item : facts.chart_items) {
        items.push_back(&item);
    }
    // The release's fields are Helm's own: the rehearsal asks what differs, not who may change it.
    observe_items(session, facts.cluster, facts.spaces, items, kube::Force::yes);
}

}  // namespace

std::vector<kube::Goal> find_goals(const Facts& facts) {
    std::vector<kube::Goal> goals;
    const auto add = [&](const std::vector<Item>& items) {
        for (const Item& item : items) {
            if (kube::is_tracked(item.object.ref.kind)) {
                goals.push_back({item.object.ref, 0});
            }
        }
    };
    for (const ItemTier& tier : facts.tiers) {
        add(tier.items);
    }
    add(facts.chart_items);
    return goals;
}

Facts observe(const Session& session, const Options& options) {
    Facts facts;
    facts.space = session.config->require("namespace").text;
    const bool with_chart = session.config->find("deploy.chart") != nullptr && is_wanted(options, chart_tier);
    std::future<Tool> helm;
    if (with_chart) {
        helm = std::async(std::launch::async, [&session] { return observe_helm(session); });
    }
    facts.cluster = observe_cluster(session);
    std::future<std::vector<kube::Object>> rendering;
    if (with_chart) {
        facts.helm = helm.get();
        facts.chart = load_chart(session, facts.cluster, *facts.helm);
        rendering =
            std::async(std::launch::async, [&] { return render_chart(session, *facts.chart, facts.cluster.version); });
    }
    load_items(session, options, facts);
    facts.past = observe_past(session, facts.cluster, facts.space, session.config->text("release"));
    const bool partial = !options.tiers.empty() || !options.skip_tiers.empty();
    if (partial && !facts.past.records.empty()) {
        const host::Request newest =
            get_record(facts.space, session.config->text("release"), facts.past.records.back());
        facts.previous = parse_record(ask_one(session, facts.cluster, newest).body);
    }
    observe_tiers(session, options, facts);
    if (with_chart) {
        observe_release(session, facts, rendering);
    }
    std::vector<kube::Goal> goals = find_goals(facts);
    std::erase_if(goals, [&](const kube::Goal& goal) { return facts.spaces.count(goal.ref.space) == 0; });
    facts.states = observe_states(session, facts.cluster, goals);
    facts.now = session.probe.now();
    return facts;
}

}  // namespace flowlet::commands::deploy
