#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "commands/backup/schedule/findings.h"

namespace flowlet::commands::backup::schedule {
namespace {

using Severity = plan::Finding::Severity;
constexpr Millis answer_wait{30000};
constexpr int not_found = 404;

std::string place_of(const config::Config& config, std::string_view key) {
    return render_place(config.require(key).place) + ": " + std::string(key);
}

std::string require_name(const config::Config& config, std::string_view key) {
    const std::string name = config.require(key).text;
    if (is_dns_subdomain(name)) return name;
    throw Error(Kind::config, place_of(config, key) + ": \"" + printable(name) + "\" is no name of an object",
                "lower-case letters, digits, '-' and '.'");
}

/// The claim is mounted where the configuration, which the pod reads too, wants the store.
std::string read_store(const config::Config& config) {
    const std::string store = config.require("backup.store").text;
    const bool taken = store == "/" || store == "/project" || store == "/tmp" || store.starts_with("/run/secrets");
    if (store.starts_with('/') && !taken && store.find(':') == std::string::npos) return store;
    throw Error(Kind::config,
                place_of(config, "backup.store") + ": " + printable(store) +
                    (taken ? " is taken in the pod" : " is no absolute path, so that the claim could be mounted there"),
                "for example /backups");
}

CronJobOptions read_options(const config::Config& config) {
    constexpr Millis margin{15 * 60 * 1000};
    CronJobOptions options;
    options.space = require_name(config, "namespace");
    options.image = config.require("backup.schedule.image").text;
    options.claim = require_name(config, "backup.schedule.claim");
    options.config_map = require_name(config, "backup.schedule.config_map");
    options.secret = require_name(config, "backup.schedule.secret");
    options.store = read_store(config);
    const std::vector<std::string> chosen = config.list("backup.databases");
    const std::size_t databases = chosen.empty() ? config.children("databases").size() : chosen.size();
    options.deadline =
        config.duration("backup.timeout") * static_cast<long>(std::max<std::size_t>(databases, 1)) + margin;
    return options;
}

void check_name(const Wanted& wanted) {
    constexpr std::size_t longest = 52;  // Kubernetes adds eleven characters for the job
    const std::string name = cronjob_name(wanted);
    if (name.size() <= longest && is_dns_subdomain(name)) return;
    throw Error(Kind::config, "\"" + printable(name) + "\" is no name of a CronJob",
                "at most 52 lower-case letters, digits, '-' and '.' of project and environment");
}

/// What the pod will wait for, or fail without. Who may not look is told nothing.
void find_missing(const Session& session, const CronJobOptions& options, KubernetesFacts& facts) {
    const std::string core = "v1";
    const std::array<kube::Ref, 3> refs = {{{core, "PersistentVolumeClaim", options.space, options.claim},
                                            {core, "ConfigMap", options.space, options.config_map},
                                            {core, "Secret", options.space, options.secret}}};
    std::vector<host::Request> requests;
    for (const kube::Ref& ref : refs)
        requests.push_back(kube::get(*kube::find_resource(ref.api_version, ref.kind), ref));
    const std::vector<host::Response> answers = session.probe.ask(facts.cluster.endpoint, requests, answer_wait);
    for (std::size_t i = 0; i < refs.size(); ++i) {
        if (answers[i].status != not_found) continue;
        facts.findings.push_back(
            {Severity::warning, kube::render(refs[i]), "is not there: without it no run will start", "", ""});
    }
}

kube::Json parse(const host::Response& answer) {
    nlohmann::json body = nlohmann::json::parse(answer.body, nullptr, false);
    return body.is_object() ? std::make_shared<const nlohmann::json>(std::move(body)) : nullptr;
}

void rehearse(const Session& session, KubernetesFacts& facts) {
    if (facts.live != nullptr && kube::is_applied(*facts.live, *facts.object.body, kube::field_manager)) {
        facts.merged = facts.live;
        return;
    }
    const host::Request request = kube::apply(facts.resource, facts.object, kube::Mode::rehearse, kube::Force::no);
    const host::Response answer =
        session.probe.ask(facts.cluster.endpoint, std::span(&request, 1), answer_wait).front();
    constexpr int unknown_in_1_24 = 400;
    if (answer.status == not_found || answer.status == 409 || answer.status == 422 ||
        answer.status == unknown_in_1_24) {
        throw Error(Kind::precondition, kube::render(facts.object.ref) + ": " + kube::parse_refusal(answer).message,
                    answer.status == not_found ? "deploy first, or create the namespace" : "");
    }
    check_answer(request, answer);
    facts.merged = parse(answer);
}

plan::Send send(const KubernetesFacts& facts, host::Request request) {
    plan::Send made;
    made.endpoint = facts.cluster.endpoint;
    made.request = std::move(request);
    return made;
}

plan::Send apply_live(const KubernetesFacts& facts) {
    kube::Object before = facts.object;
    before.body = std::make_shared<const nlohmann::json>(kube::owned_by(*facts.live, kube::field_manager));
    return send(facts, kube::apply(facts.resource, before, kube::Mode::real, kube::Force::no));
}

plan::Send remove(const KubernetesFacts& facts, const std::string& uid) {
    plan::Send made = send(facts, kube::remove(facts.resource, facts.object.ref, uid));
    made.accept = {200, 202, not_found};
    return made;
}

void plan_install(const KubernetesFacts& facts, plan::Plan& plan) {
    const std::string name = kube::render(facts.object.ref);
    if (facts.live && facts.merged && kube::canonical(*facts.live) == kube::canonical(*facts.merged)) {
        plan.unchanged = 1;
        return;
    }
    plan::Step step;
    step.id = "apply";
    step.what = (facts.live ? "update " : "create ") + name;
    step.action = send(facts, kube::apply(facts.resource, facts.object, kube::Mode::real, kube::Force::no));
    constexpr int created = 201;
    if (facts.live) {
        step.undo.push_back({"restore " + name, apply_live(facts)});
    } else {
        step.undo.push_back({"remove " + name, remove(facts, ""), created});
    }
    plan.steps.push_back(std::move(step));
    plan::Change change;
    change.op = facts.live ? plan::Op::update : plan::Op::create;
    change.object = name;
    if (facts.live && facts.merged) {
        for (kube::Difference& one : kube::differences(kube::canonical(*facts.live), kube::canonical(*facts.merged)))
            change.fields.push_back({std::move(one.path), std::move(one.before), std::move(one.after)});
    }
    plan.changes.push_back(std::move(change));
}

void plan_removal(const KubernetesFacts& facts, plan::Plan& plan) {
    if (!facts.live) return;
    const std::string name = kube::render(facts.object.ref);
    plan::Step step;
    step.id = "remove";
    step.what = "remove " + name;
    const nlohmann::json metadata = facts.live->value("metadata", nlohmann::json::object());
    step.action = remove(facts, metadata.value("uid", ""));
    step.undo.push_back({"restore " + name, apply_live(facts)});
    plan.steps.push_back(std::move(step));
    plan.changes.push_back({plan::Op::remove, name, {}, ""});
}

}  // namespace

KubernetesFacts observe_kubernetes(const Session& session, const Wanted& wanted, Goal goal) {
    KubernetesFacts facts;
    facts.wanted = wanted;
    check_name(wanted);
    CronJobOptions options;
    options.space = require_name(*session.config, "namespace");
    if (goal == Goal::install) options = read_options(*session.config);
    facts.object.ref = {"batch/v1", "CronJob", options.space, cronjob_name(wanted)};
    facts.object.place = wanted.at_place;
    facts.object.body = std::make_shared<const nlohmann::json>(render_cronjob(wanted, options));
    facts.resource = *kube::find_resource("batch/v1", "CronJob");
    facts.cluster = observe_cluster(session);
    const host::Response answer = ask_one(session, facts.cluster, kube::get(facts.resource, facts.object.ref));
    if (answer.ok()) facts.live = parse(answer);
    if (facts.live && !is_ours(*facts.live, wanted)) {
        throw Error(Kind::precondition,
                    kube::render(facts.object.ref) + " is there, and was not made by flowletctl for this project",
                    "give it another name, then run it again");
    }
    if (goal == Goal::remove) return facts;
    rehearse(session, facts);
    find_missing(session, options, facts);
    return facts;
}

plan::Plan plan_kubernetes(const Session& session, const KubernetesFacts& facts, Goal goal) {
    plan::Plan plan;
    const Target target{session, facts.cluster, facts.object.ref.space, session.config->text("release"), Millis{0}};
    plan.subject = plan_subject(target, "backup schedule", {&facts.cluster.kubectl});
    plan.effect = plan::Effect::cluster;
    if (goal == Goal::install) {
        plan.findings = facts.findings;
        plan_install(facts, plan);
    } else {
        plan_removal(facts, plan);
    }
    return plan;
}

}  // namespace flowlet::commands::backup::schedule
