#include <algorithm>

#include "commands/shared/own_program.h"
#include "commands/stack/stack.h"

namespace flowlet::commands::stack {
namespace {

std::string step_id(const std::string& service) {
    return "service/" + service;
}

const Service* find(const Wanted& wanted, const std::string& name) {
    const auto found = std::find_if(wanted.services.begin(), wanted.services.end(),
                                    [&](const Service& service) { return service.keep.service == name; });
    return found == wanted.services.end() ? nullptr : &*found;
}

/// What is left of a killed supervisor is ended first, so its ports do not count.
bool is_left(const Presence& presence, const host::ProcessInfo& process) {
    return std::any_of(presence.left.begin(), presence.left.end(),
                       [&](const host::ProcessInfo& one) { return one.id == process.id; });
}

/// So is what runs elsewhere.
bool is_elsewhere(const Presence& presence, const std::string& service) {
    return std::any_of(presence.elsewhere.begin(), presence.elsewhere.end(),
                       [&](const auto& one) { return one.first == service; });
}

std::vector<plan::Finding> find_taken_ports(const StartFacts& facts, const std::set<std::string>& chosen) {
    std::vector<plan::Finding> findings;
    for (const std::string& name : chosen) {
        if (is_elsewhere(facts.presence, name)) continue;
        for (const int port : find(facts.wanted, name)->keep.ports) {
            const auto taken = std::find_if(facts.listeners.begin(), facts.listeners.end(), [&](const auto& one) {
                return one.port == port && !(one.owner && is_left(facts.presence, *one.owner));
            });
            if (taken == facts.listeners.end()) continue;
            plan::Finding finding;
            finding.severity = plan::Finding::Severity::error;
            finding.object = "service " + name;
            const std::string who = taken->owner ? "process " + render(*taken->owner) : "a process of another user";
            finding.message = "its port " + std::to_string(port) + " is taken by " + who;
            finding.hint = taken->owner ? "end it: kill " + std::to_string(taken->owner->id.pid) + ", or give " + name +
                                              " another port"
                                        : "ask who runs it: sudo ss -ltnp 'sport = :" + std::to_string(port) + "'";
            findings.push_back(std::move(finding));
        }
    }
    return findings;
}

void add_left(plan::Plan& plan, const Presence& presence) {
    if (!presence.litter()) return;
    std::vector<std::string> names;
    for (const auto& [service, command] : presence.elsewhere)
        names.push_back("what " + service + " runs elsewhere");
    for (const host::ProcessInfo& process : presence.left)
        names.push_back(render(process));
    plan.findings.push_back(
        {plan::Finding::Severity::warning, "",
         "a supervisor was killed and left something behind, which is ended first: " + join(names, ", "), "", ""});
    plan.steps = make_end_steps(presence, "end/left");
}

void add_findings(plan::Plan& plan, const StartFacts& facts, const std::set<std::string>& chosen) {
    plan.findings.insert(plan.findings.end(), facts.wanted.findings.begin(), facts.wanted.findings.end());
    const auto taken = find_taken_ports(facts, chosen);
    plan.findings.insert(plan.findings.end(), taken.begin(), taken.end());
    if (!facts.presence.silent) return;
    plan.findings.push_back({plan::Finding::Severity::error, "",
                             "the supervisor of this project is there (process " +
                                 std::to_string(facts.presence.record->supervisor.pid) + "), and does not answer",
                             "", "flowletctl stop ends it and all it keeps"});
}

/// With an edge that leads nowhere there is no graph; the finding keeps the plan from being run.
std::vector<std::string> known_ids(const StartFacts& facts, const Service& service) {
    std::vector<std::string> ids;
    for (const std::string& other : service.after) {
        if (find(facts.wanted, other) != nullptr) ids.push_back(step_id(other));
    }
    return ids;
}

void add_services(plan::Plan& plan, const StartFacts& facts, const std::set<std::string>& chosen) {
    const bool circle = !find_circle(facts.wanted.services).empty();
    for (const Service& service : facts.wanted.services) {
        plan::Step step;
        step.id = step_id(service.keep.service);
        step.what = "start " + service.keep.service;
        plan::Keep keep = service.keep;
        keep.wanted = chosen.contains(service.keep.service);
        step.action = std::move(keep);
        if (!circle) step.after = known_ids(facts, service);
        plan.steps.push_back(std::move(step));
    }
}

plan::Plan plan_kept(const StartFacts& facts, const std::set<std::string>& chosen, const std::string& title) {
    const Places& places = facts.presence.places;
    plan::Plan plan = make_plan(facts.presence, "start", title);
    add_left(plan, facts.presence);
    add_services(plan, facts, chosen);
    add_findings(plan, facts, chosen);
    plan.result = [] { return plan::Result{nullptr, "every process of them has ended"}; };
    plan.stack = plan::Stack{places.project, places.folder, places.logs};
    plan.stack->log_limit = facts.log_limit;
    plan.stack->log_older = facts.log_older;
    return plan;
}

plan::Plan plan_detached(const StartFacts& facts, const std::set<std::string>& chosen, const StartOptions& options,
                         const std::string& title) {
    const Places& places = facts.presence.places;
    plan::Plan plan = make_plan(facts.presence, "start", title);
    add_left(plan, facts.presence);
    add_findings(plan, facts, chosen);
    plan::Step detach;
    detach.id = "supervisor";
    detach.what = "start the supervisor";
    plan::Detach action;
    action.command.program = facts.program;
    action.command.args = facts.args;
    action.command.folder = places.root;
    action.command.env = {{std::string(host::mark_name), services::mark_of(places.root, supervisor_name)}};
    action.log = places.logs + "/supervisor.log";
    action.socket = places.control().socket;
    detach.action = std::move(action);
    detach.undo.push_back({"stop what was started", make_stop_action(facts.presence)});
    if (!plan.steps.empty()) detach.after = {plan.steps.back().id};
    plan.steps.push_back(std::move(detach));
    if (options.wait) {
        plan::Step await{"ready",
                         "wait until " + join(std::vector<std::string>(chosen.begin(), chosen.end()), ", ") +
                             (chosen.size() == 1 ? " is ready" : " are ready"),
                         make_await_up(places, chosen),
                         {"supervisor"},
                         {},
                         false};
        plan.steps.push_back(std::move(await));
    }
    const std::string told = options.wait ? "ready" : "on their way up";
    plan.result = [told] { return plan::Result{nullptr, told + "; flowletctl status, flowletctl logs -f"}; };
    return plan;
}

bool all_ready(const services::Snapshot& running, const std::set<std::string>& chosen) {
    return std::all_of(chosen.begin(), chosen.end(), [&](const std::string& name) {
        return std::any_of(running.services.begin(), running.services.end(), [&](const services::Status& status) {
            return status.service == name && status.state == services::State::ready;
        });
    });
}

/// A supervisor runs: it is told what is wanted besides, or shown.
Answer plan_besides(const StartFacts& facts, const std::set<std::string>& chosen, const StartOptions& options) {
    const Presence& presence = facts.presence;
    const bool apart = options.detach || options.wait;
    if (presence.running->ending) {
        throw Error(Kind::conflict, "the stack is being stopped: " + *presence.running->ending,
                    "start it once that is done: flowletctl status");
    }
    if (all_ready(*presence.running, chosen)) {
        plan::View view = view_status(presence, facts.now, Kind::ok);
        view.notes.emplace_back(apart ? "All of it runs already."
                                      : "It runs already: its output follows. Ctrl-C leaves it running.");
        if (!apart) view.yield = facts.output;
        return view;
    }
    plan::Plan plan = make_plan(
        presence, "start",
        "start " + join(std::vector<std::string>(chosen.begin(), chosen.end()), ", ") + " in the running stack");
    plan::Send send;
    send.endpoint = presence.places.control();
    send.request = services::render_ask({services::Verb::start, {chosen.begin(), chosen.end()}});
    send.accept = {202};
    send.refused = Kind::conflict;
    plan.steps.push_back({"ask", "ask the supervisor", std::move(send), {}, {}, false});
    plan.result = [] { return plan::Result{nullptr, "flowletctl status, flowletctl logs -f"}; };
    if (!options.detach || options.wait) {
        plan.steps.push_back(
            {"ready", "wait until they are ready", make_await_up(presence.places, chosen), {"ask"}, {}, false});
    }
    return plan;
}

}  // namespace

StartFacts observe_start(const Session& session, const StartOptions& options) {
    StartFacts facts;
    facts.wanted = observe_wanted(session);
    facts.presence = observe_presence(session);
    facts.now = session.probe.now();
    std::set<int> ports;
    for (const Service& service : facts.wanted.services)
        ports.insert(service.keep.ports.begin(), service.keep.ports.end());
    const std::vector<int> list(ports.begin(), ports.end());
    if (!facts.presence.running && !list.empty()) facts.listeners = session.probe.listeners(list);
    facts.log_limit = static_cast<std::uint64_t>(session.config->integer("logs.size")) << 20U;
    facts.log_older = static_cast<int>(session.config->integer("logs.older"));
    facts.output = make_output(session, facts.presence.places, options.services, facts.now);
    facts.program = own_program(session.probe, "call flowletctl by its path");
    facts.args = {"start", "--quiet", "--root", session.config->root()};
    if (!session.config->environment().empty()) {
        facts.args.insert(facts.args.end(), {"--env", session.config->environment()});
    }
    for (const auto& set : session.request.overrides)
        facts.args.insert(facts.args.end(), {"--set", set.path + "=" + set.value});
    facts.args.insert(facts.args.end(), options.services.begin(), options.services.end());
    return facts;
}

Answer plan_start(const StartFacts& facts, const StartOptions& options) {
    const std::set<std::string> chosen = choose_services(facts.wanted.services, options.services);
    if (facts.presence.running) return plan_besides(facts, chosen, options);
    const std::string title = "start " + join(std::vector<std::string>(chosen.begin(), chosen.end()), ", ");
    if (options.detach || options.wait) return plan_detached(facts, chosen, options, title);
    return plan_kept(facts, chosen, title);
}

}  // namespace flowlet::commands::stack
