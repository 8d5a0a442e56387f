#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"

namespace flowlet::commands::deploy {
namespace {

constexpr Millis answer_wait{30000};

kube::Resource secrets() {
    return {"v1", "Secret", "secrets", true};
}
int parse_number(const std::string& text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

void parse_record_heads(const std::string& body, Past& past) {
    const nlohmann::json list = nlohmann::json::parse(body);
    for (const nlohmann::json& entry : list.value("items", nlohmann::json::array())) {
        const nlohmann::json metadata = entry.value("metadata", nlohmann::json::object());
        const nlohmann::json labels = metadata.value("labels", nlohmann::json::object());
        past.records.push_back(parse_number(labels.value("flowletctl.io/number", "")));
        const nlohmann::json notes = metadata.value("annotations", nlohmann::json::object());
        if (const std::string inputs = notes.value(note_inputs, ""); !inputs.empty()) {
            past.inputs[parse_number(notes.value(note_revision, ""))] = inputs;
        }
    }
    std::sort(past.records.begin(), past.records.end());
}

}  // namespace

Past observe_past(const Session& session, const Cluster& cluster, const std::string& space,
                  const std::string& release) {
    host::Request revisions = kube::list(secrets(), space, helm::selector(release));
    revisions.accept = helm::metadata_only;
    host::Request records = list_records(space, release);
    records.accept = helm::metadata_only;
    const std::vector<host::Request> requests = {
        revisions,
        kube::list(secrets(), space, helm::selector(release, "deployed")),
        records,
        get_lock(space, release),
    };
    const std::vector<host::Response> answers = session.probe.ask(cluster.endpoint, requests, answer_wait);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        check_answer(requests[i], answers[i]);
    }
    Past past;
    try {
        past.revisions = helm::parse_labels(answers[0].body);
        if (std::vector<helm::Release> live = helm::parse_releases(answers[1].body); !live.empty()) {
            past.deployed = std::move(live.back());
        }
        parse_record_heads(answers[2].body, past);
        if (answers[3].ok()) {
            past.lock = parse_lock(session.probe, answers[3].body);
        }
    } catch (const nlohmann::json::exception& error) {
        throw Error(Kind::failed,
                    std::string("reading what the cluster keeps of release ") + release + ": " + error.what());
    }
    return past;
}

}  // namespace flowlet::commands::deploy
