#include <algorithm>

#include "commands/stack/stack.h"

namespace flowlet::commands::stack {
namespace {

/// A supervisor that is asked to end takes as long as its services may; beyond that it hangs.
constexpr Millis longest_stop{600000};

std::vector<std::string> names_of(const services::Snapshot& running) {
    std::vector<std::string> names;
    for (const services::Status& status : running.services)
        names.push_back(status.service);
    return names;
}

void check_names(const services::Snapshot& running, const std::vector<std::string>& chosen) {
    const std::vector<std::string> names = names_of(running);
    for (const std::string& name : chosen) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        const auto near = did_you_mean(name, names);
        throw Error(Kind::usage, "there is no service " + printable(name),
                    near ? "did you mean " + *near + "?" : "there are " + join(names, ", "));
    }
}

plan::Step make_ask_step(const Presence& presence, services::Verb verb, const std::vector<std::string>& chosen) {
    plan::Send send;
    send.endpoint = presence.places.control();
    send.request = services::render_ask({verb, chosen});
    send.accept = {202};
    send.refused = Kind::conflict;
    return {"ask", "ask the supervisor", std::move(send), {}, {}, false};
}

}  // namespace

plan::Plan make_plan(const Presence& presence, const std::string& command, const std::string& title) {
    plan::Plan plan;
    plan.title = title;
    plan.subject.command = command;
    plan.effect = plan::Effect::files;
    plan.subject.facts = {{"root", presence.places.root}};
    plan.findings = presence.findings;
    return plan;
}

namespace {

plan::End make_end_action(const Presence& presence) {
    plan::End end;
    const bool silent = presence.silent;
    end.choose = [presence, silent](std::span<const host::ProcessInfo> all) {
        std::vector<host::ProcessInfo> found =
            services::find_left(all, presence.places.mark, presence.record, presence.boot, presence.self);
        for (const host::ProcessInfo& process : all) {
            if (silent && process.id == presence.record->supervisor) found.push_back(process);
        }
        return found;
    };
    for (const host::ProcessInfo& process : presence.left)
        end.subjects.push_back(render(process));
    if (silent) end.subjects.push_back("the supervisor " + std::to_string(presence.record->supervisor.pid));
    if (end.subjects.empty()) end.subjects.emplace_back("whatever is left");
    if (presence.record) {
        end.grace = Millis{0};
        for (const auto& started : presence.record->started)
            end.grace = std::max(end.grace, started.grace);
    }
    end.files = {presence.places.folder + "/" + services::record_name,
                 presence.places.folder + "/" + services::control_name};
    end.mark = presence.places.mark;
    return end;
}

}  // namespace

/// First whoever may start something elsewhere; the record is forgotten once that is stopped, too.
std::vector<plan::Step> make_end_steps(const Presence& presence, const std::string& id) {
    plan::End end = make_end_action(presence);
    if (presence.elsewhere.empty()) return {{id, "end what is left", std::move(end), {}, {}, false}};
    plan::End first = end;
    first.files.clear();
    std::vector<plan::Step> steps = {{id, "end what is left", std::move(first), {}, {}, false}};
    std::vector<std::string> stopped;
    for (const auto& [service, command] : presence.elsewhere) {
        stopped.push_back("stop/" + service);
        steps.push_back(
            {stopped.back(), "stop what " + service + " runs elsewhere", plan::Invoke{command}, {id}, {}, false});
    }
    end.subjects = {"whatever is left"};
    steps.push_back({id + "/all", "see that nothing is left", std::move(end), std::move(stopped), {}, false});
    return steps;
}

plan::End make_stop_action(const Presence& presence) {
    plan::End end = make_end_action(presence);
    const std::string mark = services::mark_of(presence.places.root, supervisor_name);
    const host::Process known = presence.running ? presence.running->supervisor : host::Process{};
    end.choose = [choose = std::move(end.choose), mark, known](std::span<const host::ProcessInfo> all) {
        std::vector<host::ProcessInfo> keepers;
        for (const host::ProcessInfo& process : all) {
            if (process.mark == mark || process.id == known) keepers.push_back(process);
        }
        return keepers.empty() ? choose(all) : keepers;
    };
    end.subjects = {"the supervisor", "whatever is left"};
    end.grace = longest_stop;
    return end;
}

Answer plan_stop(const Presence& presence, const std::vector<std::string>& chosen) {
    if (presence.running) {
        check_names(*presence.running, chosen);
        plan::Plan plan = make_plan(presence, "stop", "stop " + (chosen.empty() ? "all services" : join(chosen, ", ")));
        plan.steps.push_back(make_ask_step(presence, services::Verb::stop, chosen));
        plan::Await down = make_await_down(presence.places, {chosen.begin(), chosen.end()});
        if (chosen.empty()) down.subjects = names_of(*presence.running);
        plan.steps.push_back({"down", "wait until they are down", std::move(down), {"ask"}, {}, false});
        plan.result = [] { return plan::Result{nullptr, "the others run"}; };
        if (!chosen.empty()) return plan;
        plan.steps.push_back({"end/left", "see that nothing is left", make_stop_action(presence), {"down"}, {}, false});
        plan.result = [] { return plan::Result{nullptr, "no process of them is left"}; };
        return plan;
    }
    if (!chosen.empty()) {
        throw Error(
            Kind::precondition, "no supervisor runs that could stop " + join(chosen, ", "),
            !presence.litter() ? "flowletctl status shows what runs" : "flowletctl stop ends what is left of one");
    }
    if (!presence.litter() && !presence.silent && !presence.record) return view_status(presence, {}, Kind::ok);
    plan::Plan plan = make_plan(presence, "stop", "end what a killed supervisor left");
    plan.steps = make_end_steps(presence, "end/left");
    plan.result = [] { return plan::Result{nullptr, "no process of them is left"}; };
    return plan;
}

plan::Plan plan_restart(const Presence& presence, const std::vector<std::string>& chosen) {
    if (!presence.running) {
        throw Error(Kind::precondition, "nothing runs that could be restarted", "flowletctl start starts it");
    }
    check_names(*presence.running, chosen);
    std::set<std::string> names(chosen.begin(), chosen.end());
    for (const services::Status& status : presence.running->services) {
        if (chosen.empty() && status.state != services::State::idle) names.insert(status.service);
    }
    const std::vector<std::string> list(names.begin(), names.end());
    plan::Plan plan = make_plan(presence, "restart", "restart " + join(list, ", "));
    plan.steps.push_back(make_ask_step(presence, services::Verb::restart, chosen));
    plan.steps.push_back(
        {"ready", "wait until they are ready again", make_await_up(presence.places, names), {"ask"}, {}, false});
    plan.result = [] { return plan::Result{nullptr, "ready"}; };
    return plan;
}

}  // namespace flowlet::commands::stack
