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
kube::Resource leases() {
    return {"coordination.k8s.io/v1", "Lease", "leases", true};
}

/// Does the process "host/boot/pid/start" that holds a lock still run? Only this machine's own can be told.
bool is_dead(const host::Probe& probe, const std::string& process) {
    const std::vector<std::string> parts = split(process, '/');
    if (parts.size() != 4) {
        return false;
    }
    const auto read = [&](const std::string& path) {
        try {
            return std::string(trim(probe.read_file(path)));
        } catch (const Error&) {
            return std::string();
        }
    };
    if (read("/proc/sys/kernel/hostname") != parts[0]) {
        return false;
    }
    if (read("/proc/sys/kernel/random/boot_id") != parts[1]) {
        return true;
    }
    const std::string stat = read("/proc/" + parts[2] + "/stat");
    const std::vector<std::string> fields = split(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)), ' ');
    constexpr std::size_t start_time = 20;
    return fields.size() <= start_time || fields[start_time] != parts[3];
}

Lock parse_lock(const host::Probe& probe, const std::string& body) {
    const nlohmann::json lease = nlohmann::json::parse(body);
    const nlohmann::json spec = lease.value("spec", nlohmann::json::object());
    const nlohmann::json metadata = lease.value("metadata", nlohmann::json::object());
    const nlohmann::json notes = metadata.value("annotations", nlohmann::json::object());
    Lock lock;
    lock.holder = printable(spec.value("holderIdentity", ""));
    lock.resource_version = metadata.value("resourceVersion", "");
    const std::optional<Time> renewed = parse_time(spec.value("renewTime", ""));
    if (renewed) {
        lock.expires = *renewed + std::chrono::seconds(spec.value("leaseDurationSeconds", 0));
    }
    const bool expired = !lock.expires || *lock.expires < probe.now();
    lock.dead = expired || is_dead(probe, notes.value("flowletctl.io/process", ""));
    return lock;
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
        kube::get(leases(), {"coordination.k8s.io/v1", "Lease", space, "flowletctl-" + release}),
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

std::vector<kube::State> observe_states(const Session& session, const Cluster& cluster,
                                        const std::vector<kube::Goal>& goals) {
    if (goals.empty()) {
        return {};
    }
    std::set<std::string> spaces;
    for (const kube::Goal& goal : goals) {
        spaces.insert(goal.ref.space);
    }
    struct Asked {
        kube::Resource resource;
        std::string space;
    };
    std::vector<Asked> asked;
    std::vector<host::Request> requests;
    for (const std::string& space : spaces) {
        std::vector<kube::Goal> here;
        std::copy_if(goals.begin(), goals.end(), std::back_inserter(here),
                     [&](const kube::Goal& goal) { return goal.ref.space == space; });
        for (const kube::Resource& resource : kube::kinds_to_watch(here)) {
            asked.push_back({resource, space});
            requests.push_back(kube::list(resource, space));
        }
    }
    const std::vector<host::Response> answers = session.probe.ask(cluster.endpoint, requests, answer_wait);
    kube::Snapshot snapshot;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        check_answer(requests[i], answers[i]);
        snapshot.replace(asked[i].resource.kind, asked[i].space,
                         nlohmann::json::parse(answers[i].body, nullptr, false));
    }
    kube::Judge judge;
    std::vector<kube::State> states;
    states.reserve(goals.size());
    for (const kube::Goal& goal : goals) {
        states.push_back(judge.judge(snapshot, goal, session.probe.now()));
    }
    return states;
}

}  // namespace flowlet::commands::deploy
