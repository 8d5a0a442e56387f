#include <algorithm>

#include "commands/secrets/secrets.h"

namespace flowlet::commands::secrets {
namespace {

constexpr std::size_t largest = std::size_t{1} << 20U;  // what a Secret may hold

/// A line that was typed or echoed ends with a newline that is no part of the value; a file is taken as it is.
Secret without_newline(const Secret& value) {
    std::string text = value.reveal();
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    return Secret(std::move(text));
}

Secret read_value(const Session& session, const SetOptions& options, const SecretKey& key) {
    if (!options.file.empty() && options.file != "-") return Secret(session.probe.read_file(options.file, largest));
    try {
        return without_newline(session.probe.read_input(largest));
    } catch (const Error& error) {
        if (error.kind() != Kind::usage || !options.file.empty()) throw;
    }
    return session.probe.ask_person("The new value of " + key.key + " of " + render(key), host::Probe::Echo::off);
}

/// Where the name leads: through `secrets`, or as it is written. The key may be open.
SecretKey find_target(const Session& session, const SetOptions& options) {
    const std::string space = session.config->text("namespace");
    const std::vector<std::string> names = session.config->children("secrets");
    std::string text = options.name;
    if (std::find(names.begin(), names.end(), text) != names.end()) {
        const auto reference = config::find_named(*session.config, text);
        if (!reference || reference->source != config::Reference::Source::kubernetes) {
            throw Error(Kind::usage, "secrets." + text + " is kept elsewhere than in Kubernetes", "change it there");
        }
        text = reference->name;
    } else if (std::count(text.begin(), text.end(), '/') == 0) {
        text += "/" + options.key;
    }
    SecretKey key = parse_secret_key(text, space.empty() ? session.config->require("namespace").text : space);
    if (!options.key.empty()) key.key = options.key;
    if (!is_dns_subdomain(key.name)) {
        throw Error(Kind::usage, "\"" + printable(key.name) + "\" is no name of a Secret",
                    "lower-case letters, digits, '-' and '.'");
    }
    return key;
}

void settle_key(SecretKey& key, const std::optional<KubernetesSecret>& live) {
    if (key.key.empty() && live && live->data.size() == 1) key.key = live->data.begin()->first;
    if (!key.key.empty()) return;
    std::vector<std::string> keys;
    if (live) {
        for (const auto& [name, value] : live->data)
            keys.push_back(name);
    }
    throw Error(Kind::usage, "which key of " + render(key) + "?",
                "add --key KEY" + (keys.empty() ? std::string() : ", one of " + join(keys, ", ")));
}

void note_consumers(const SetFacts& facts, plan::Plan& plan) {
    for (const Consumer& consumer : facts.consumers) {
        const bool reads = std::any_of(consumer.uses.begin(), consumer.uses.end(), [&](const kube::SecretUse& use) {
            return use.key.empty() || use.key == facts.key.key;
        });
        if (!reads) continue;
        const std::string kind = lower_case(consumer.ref.kind);
        plan.findings.push_back({plan::Finding::Severity::note, kube::render(consumer.ref),
                                 "keeps the value it started with (" + consumer.uses.front().how + ")", "",
                                 "kubectl --context " + facts.cluster.context + " -n " + consumer.ref.space +
                                     " rollout restart " + kind + "/" + consumer.ref.name});
    }
}

}  // namespace

SetFacts observe_set(const Session& session, const SetOptions& options) {
    SetFacts facts;
    facts.key = find_target(session, options);
    facts.cluster = observe_cluster(session);
    facts.live = observe_secret(session, facts.cluster, facts.key);
    settle_key(facts.key, facts.live);
    facts.value = read_value(session, options, facts.key);
    if (facts.value.empty()) {
        throw Error(Kind::usage, "the new value of " + facts.key.key + " of " + render(facts.key) + " is empty",
                    "nothing was changed");
    }
    if (session.scrubber != nullptr && is_secret(facts.key.key)) session.scrubber->add(facts.value);
    facts.consumers = observe_consumers(session, facts.cluster, {{facts.key.space, facts.key.name}});
    return facts;
}

plan::Plan plan_set(const Session& session, const SetFacts& facts) {
    const Target target{session, facts.cluster, facts.key.space, session.config->text("release"), Millis{0}};
    const std::string name = render(facts.key);
    plan::Plan plan;
    plan.subject = plan_subject(target, "secrets set", {&facts.cluster.kubectl});
    plan.title = "set " + facts.key.key + " of " + name;
    const Secret* before = nullptr;
    if (facts.live) {
        const auto found = facts.live->data.find(facts.key.key);
        if (found != facts.live->data.end()) before = &found->second;
    }
    if (before != nullptr && before->reveal() == facts.value.reveal()) {
        plan.unchanged = 1;
        return plan;
    }
    plan::Step step;
    step.id = "set";
    step.what = "write " + facts.key.key + " of " + name;
    if (!facts.live) {
        constexpr int created = 201;
        step.action = create_secret(facts.cluster, facts.key, {{facts.key.key, facts.value}}, {});
        step.undo.push_back({"remove " + name, remove_secret(facts.cluster, facts.key), created});
    } else {
        step.action =
            write_secret(facts.cluster, facts.key, {{facts.key.key, facts.value}}, facts.live->resource_version);
        if (before != nullptr) {
            step.undo.push_back(
                {"restore " + facts.key.key, write_secret(facts.cluster, facts.key, {{facts.key.key, *before}}, "")});
        } else {
            step.undo.push_back({"take " + facts.key.key + " out of " + name, remove_key(facts.cluster, facts.key)});
        }
    }
    plan.steps.push_back(std::move(step));
    plan.effect = plan::Effect::cluster;
    plan.changes.push_back({facts.live ? plan::Op::update : plan::Op::create,
                            name,
                            {{"data." + facts.key.key, before == nullptr ? "" : "***", "*** (new)"}},
                            "secrets set"});
    note_consumers(facts, plan);
    return plan;
}

}  // namespace flowlet::commands::secrets
