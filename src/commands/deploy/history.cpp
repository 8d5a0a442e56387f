#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"

namespace flowlet::commands::deploy {
namespace {

std::vector<Record> load_records(const Session& session, const Cluster& cluster, const std::string& space,
                                 const std::string& release) {
    const host::Response answer = ask_one(session, cluster, list_records(space, release));
    std::vector<Record> records;
    const nlohmann::json list = nlohmann::json::parse(answer.body, nullptr, false);
    if (list.is_object()) {
        for (const nlohmann::json& secret : list.value("items", nlohmann::json::array())) {
            records.push_back(parse_record(secret.dump()));
        }
    }
    std::sort(records.begin(), records.end(), [](const Record& a, const Record& b) { return a.number < b.number; });
    return records;
}

std::vector<kube::Goal> goals_of_record(const Record& record) {
    std::vector<kube::Goal> goals;
    for (const kube::Json& body : record.objects) {
        const nlohmann::json metadata = body->value("metadata", nlohmann::json::object());
        const std::string kind = body->value("kind", "");
        if (kube::is_tracked(kind)) {
            goals.push_back(
                {{body->value("apiVersion", ""), kind, metadata.value("namespace", ""), metadata.value("name", "")},
                 0});
        }
    }
    return goals;
}

std::vector<kube::Goal> goals_of_release(const helm::Release& release, const std::string& space) {
    std::vector<kube::Goal> goals;
    for (const kube::Object& object : kube::parse_manifests(release.manifest, "the live release")) {
        if (kube::is_tracked(object.ref.kind)) {
            kube::Goal goal{object.ref, 0};
            goal.ref.space = goal.ref.space.empty() ? space : goal.ref.space;
            goals.push_back(std::move(goal));
        }
    }
    return goals;
}

nlohmann::json head(const Session& session, const char* kind, const std::string& space, const std::string& release) {
    return {{"apiVersion", "flowlet/v1"},
            {"kind", kind},
            {"environment", session.config->environment()},
            {"namespace", space},
            {"release", release}};
}

nlohmann::json failure_json(const kube::Failure& failure) {
    return {{"id", failure.object + "/" + failure.reason},
            {"object", failure.object},
            {"container", failure.container},
            {"reason", failure.reason},
            {"message", failure.message},
            {"events", failure.events},
            {"explains", nlohmann::json::array()},
            {"next", failure.next}};
}

void add_states(plan::View& view, nlohmann::json& document, const std::vector<kube::State>& states) {
    document["workloads"] = nlohmann::json::array();
    document["causes"] = nlohmann::json::array();
    std::size_t ready = 0;
    for (const kube::State& state : states) {
        ready += state.ready ? 1U : 0U;
        const std::string name = kube::render(state.ref);
        document["workloads"].push_back({{"object", name}, {"ready", state.ready}, {"state", state.summary}});
        view.rows.push_back({state.ready ? "ready" : "NOT READY", name, state.summary});
        if (state.failure) {
            document["causes"].push_back(failure_json(*state.failure));
            view.notes.push_back(name + ": " + state.failure->reason + ": " + state.failure->message);
        }
    }
    const bool healthy = ready == states.size() && !states.empty();
    document["verdict"] = healthy ? "healthy" : "unhealthy";
    view.verdict = healthy ? Kind::ok : Kind::unhealthy;
    view.notes.push_back(std::to_string(ready) + " of " + std::to_string(states.size()) + " workloads ready");
}

}  // namespace

plan::View view_history(const Session& session) {
    const Cluster cluster = observe_cluster(session);
    const std::string space = session.config->require("namespace").text;
    const std::string release = session.config->text("release");
    plan::View view;
    nlohmann::json document = head(session, "DeployHistory", space, release);
    document["deploys"] = nlohmann::json::array();
    view.columns = {"DEPLOY", "TIME", "BY", "WHAT", "IMAGE TAG", "HELM REVISION", "OBJECTS", "RUN"};
    for (const Record& record : load_records(session, cluster, space, release)) {
        document["deploys"].push_back({{"number", record.number},
                                       {"time", record.time},
                                       {"user", record.user},
                                       {"run", record.run_id},
                                       {"what", record.what},
                                       {"image_tag", record.image_tag},
                                       {"helm_revision", record.helm_revision},
                                       {"objects", record.objects.size()}});
        view.rows.push_back({std::to_string(record.number), record.time.substr(0, 19), record.user, record.what,
                             record.image_tag.empty() ? "-" : record.image_tag, std::to_string(record.helm_revision),
                             std::to_string(record.objects.size()), record.run_id});
    }
    if (view.rows.empty()) {
        view.notes.push_back("release " + release + " in " + space + " was never deployed by flowletctl");
    }
    view.document = std::make_shared<const nlohmann::json>(std::move(document));
    return view;
}

plan::View view_status(const Session& session) {
    const Cluster cluster = observe_cluster(session);
    const std::string space = session.config->require("namespace").text;
    const std::string release = session.config->text("release");
    const Past past = observe_past(session, cluster, space, release);
    if (past.records.empty() && !past.deployed) {
        throw Error(Kind::precondition, "release " + release + " is not deployed in " + space,
                    "flowletctl deploy --env " + session.config->environment());
    }
    plan::View view;
    nlohmann::json document = head(session, "Status", space, release);
    std::vector<kube::Goal> goals;
    if (!past.records.empty()) {
        const host::Response answer = ask_one(session, cluster, get_record(space, release, past.records.back()));
        const Record record = parse_record(answer.body);
        goals = goals_of_record(record);
        document["deploy"] = record.number;
        view.notes.push_back("deploy " + std::to_string(record.number) + " by " + record.user + " at " + record.time);
    }
    if (past.deployed) {
        const std::vector<kube::Goal> more = goals_of_release(*past.deployed, space);
        goals.insert(goals.end(), more.begin(), more.end());
        document["helm_revision"] = past.deployed->revision;
        document["chart"] = past.deployed->chart;
    }
    if (past.lock && !past.lock->dead) {
        view.notes.push_back("being deployed right now by " + past.lock->holder);
        document["locked_by"] = past.lock->holder;
    }
    view.columns = {"STATE", "WORKLOAD", "DETAIL"};
    add_states(view, document, observe_states(session, cluster, goals));
    view.document = std::make_shared<const nlohmann::json>(std::move(document));
    return view;
}

}  // namespace flowlet::commands::deploy
