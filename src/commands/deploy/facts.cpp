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

void load_items(const Session& session, std::vector<Tier> tiers, Facts& facts) {
    for (Tier& tier : tiers) {
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

/// Made of the same inputs as the live revision, the chart would be rendered to the same objects.
bool is_as_rendered(const Facts& facts) {
    if (!facts.past.deployed) {
        return false;
    }
    const auto known = facts.past.inputs.find(facts.past.deployed->revision);
    return known != facts.past.inputs.end() && known->second == facts.chart_inputs;
}

void load_release(const Session& session, Facts& facts) {
    std::vector<kube::Object> objects;
    if (is_as_rendered(facts)) {
        objects = kube::parse_manifests(facts.past.deployed->manifest, "chart " + facts.chart->release);
    } else {
        objects = render_chart(session, *facts.chart, facts.cluster.version);
        compare_release(facts, objects);
    }
    for (kube::Object& object : objects) {
        facts.chart_items.push_back(make_item(std::move(object), facts.space));
        facts.chart_items.back().helms = true;
    }
}

void observe_all(const Session& session, const Options& options, Facts& facts) {
    std::vector<Item*> items;
    for (ItemTier& tier : facts.tiers) {
        for (Item& item : tier.items) {
            items.push_back(&item);
        }
    }
    for (Item& item : facts.chart_items) {
        items.push_back(&item);
    }
    observe_items(session, facts.cluster, facts.spaces, items, options.force);
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

namespace {

/// Nothing runs in a namespace that is not there.
std::vector<kube::Goal> goals_that_may_exist(const Facts& facts) {
    std::vector<kube::Goal> goals = find_goals(facts);
    std::erase_if(goals, [&](const kube::Goal& goal) { return facts.spaces.count(goal.ref.space) == 0; });
    return goals;
}

}  // namespace

Facts observe(const Session& session, const Options& options) {
    Facts facts;
    facts.space = session.config->require("namespace").text;
    const std::string release = session.config->text("release");
    const bool with_chart = session.config->find("deploy.chart") != nullptr && is_wanted(options, chart_tier);
    std::future<Tool> helm;
    if (with_chart) {
        helm = std::async(std::launch::async, [&] { return observe_helm(session); });
    }
    std::future<std::vector<Tier>> tiers = std::async(std::launch::async, [&] { return load_tiers(session, options); });
    facts.cluster = observe_cluster(session);
    std::future<Past> past =
        std::async(std::launch::async, [&] { return observe_past(session, facts.cluster, facts.space, release); });
    if (with_chart) {
        facts.helm = helm.get();
        facts.chart = load_chart(session, facts.cluster, *facts.helm);
        facts.chart_inputs = digest_inputs(session, *facts.chart, facts.cluster.version, facts.helm->version);
    }
    load_items(session, tiers.get(), facts);
    facts.past = past.get();
    const bool partial = !options.tiers.empty() || !options.skip_tiers.empty();
    if (partial && !facts.past.records.empty()) {
        const host::Request newest = get_record(facts.space, release, facts.past.records.back());
        facts.previous = parse_record(ask_one(session, facts.cluster, newest).body);
    }
    if (with_chart) {
        load_release(session, facts);
    }
    std::future<std::vector<kube::State>> states =
        std::async(std::launch::async,
                   [&, goals = goals_that_may_exist(facts)] { return observe_states(session, facts.cluster, goals); });
    observe_all(session, options, facts);
    facts.states = states.get();
    facts.now = session.probe.now();
    return facts;
}

}  // namespace flowlet::commands::deploy
