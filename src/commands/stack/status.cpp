#include <nlohmann/json.hpp>

#include "commands/stack/stack.h"

namespace flowlet::commands::stack {
namespace {

using nlohmann::json;
using services::State;

std::string age(Time since, Time now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - since);
    return render_duration(std::max(Millis{0}, std::chrono::duration_cast<Millis>(seconds)));
}

std::string told(const services::Status& status) {
    if (!status.waits_for.empty()) return "after " + join(status.waits_for, ", ");
    if (status.state != State::ready) return status.why;
    const std::string again =
        status.restarts == 0 ? "" : ", started again " + std::to_string(status.restarts) + " times";
    return "in " + std::to_string(status.took.count()) + " ms" + again;
}

Kind verdict_of(const services::Snapshot& running) {
    for (const services::Status& status : running.services) {
        if (status.state != State::ready && status.state != State::idle && status.state != State::stopped) {
            return Kind::unhealthy;
        }
    }
    return running.ending ? Kind::unhealthy : Kind::ok;
}

json document_of(const Presence& presence) {
    json services = json::array();
    for (const services::Status& status :
         presence.running ? presence.running->services : std::vector<services::Status>{}) {
        services.push_back({{"service", status.service},
                            {"state", name(status.state)},
                            {"pid", status.pid == 0 ? json(nullptr) : json(status.pid)},
                            {"since", render_time(status.since)},
                            {"ready_after_ms", status.took.count()},
                            {"restarts", status.restarts},
                            {"waits_for", status.waits_for},
                            {"why", status.why}});
    }
    json left = json::array();
    for (const host::ProcessInfo& process : presence.left)
        left.push_back({{"pid", process.id.pid}, {"command", process.command}});
    json elsewhere = json::array();
    for (const auto& [service, command] : presence.elsewhere)
        elsewhere.push_back(service);
    return {{"apiVersion", "flowlet/v1"},
            {"kind", "Stack"},
            {"project", presence.places.project},
            {"root", presence.places.root},
            {"running", presence.running.has_value()},
            {"supervisor", presence.running ? json(presence.running->supervisor.pid) : json(nullptr)},
            {"silent", presence.silent},
            {"services", std::move(services)},
            {"left", std::move(left)},
            {"left_elsewhere", std::move(elsewhere)},
            {"logs", presence.places.logs}};
}

plan::View view_absence(const Presence& presence, plan::View view) {
    if (presence.silent) {
        view.notes.push_back("The supervisor " + std::to_string(presence.record->supervisor.pid) +
                             " is there and does not answer: flowletctl stop ends it and all it keeps.");
        view.verdict = Kind::unhealthy;
    }
    for (const host::ProcessInfo& process : presence.left)
        view.rows.push_back({"", "left", std::to_string(process.id.pid), "", process.command});
    for (const auto& [service, command] : presence.elsewhere)
        view.rows.push_back({service, "left", "", "", "what it runs elsewhere"});
    if (presence.litter()) {
        view.columns = {"SERVICE", "STATE", "PID", "FOR", "WHAT"};
        view.notes.emplace_back("Nobody keeps these any more: flowletctl stop ends them.");
        view.verdict = Kind::unhealthy;
    }
    if (!presence.litter() && !presence.silent) view.notes.emplace_back("Nothing runs.");
    return view;
}

}  // namespace

plan::View view_status(const Presence& presence, Time now, Kind when_nothing_runs) {
    plan::View view;
    view.document = std::make_shared<const json>(document_of(presence));
    view.verdict = when_nothing_runs;
    for (const plan::Finding& finding : presence.findings)
        view.notes.push_back("Warning: " + finding.message);
    if (!presence.running) return view_absence(presence, std::move(view));
    view.columns = {"SERVICE", "STATE", "PID", "FOR", "WHAT"};
    for (const services::Status& status : presence.running->services) {
        view.rows.push_back({status.service, std::string(name(status.state)),
                             status.pid == 0 ? "" : std::to_string(status.pid), age(status.since, now), told(status)});
    }
    if (presence.running->ending) view.notes.push_back("The stack is being stopped: " + *presence.running->ending);
    view.verdict = verdict_of(*presence.running);
    return view;
}

}  // namespace flowlet::commands::stack
