#include <CLI/CLI.hpp>
#include <memory>

#include "commands/stack/stack.h"

namespace flowlet::commands::stack {
namespace {

std::vector<Candidate> offer_services(const Session& session) {
    std::vector<Candidate> found;
    if (session.config == nullptr) return found;
    for (const std::string& name : session.config->children("services"))
        found.push_back({name, "a service"});
    return found;
}

void add_services(CLI::App& part, Invocation& invocation, std::vector<std::string>& services) {
    invocation.candidates["SERVICE"] = offer_services;
    part.add_option("SERVICE", services, "The services [all]")->type_name("SERVICE");
}

/// What runs was started with the file as it was: to see and to end it must not depend on how the file is now.
void choose(Invocation& invocation, const std::string& command, std::function<Answer(const Session&)> run) {
    invocation.command = command;
    invocation.needs = command == "start" ? Invocation::Needs::config : Invocation::Needs::root;
    invocation.default_environment = "development";
    invocation.environment_if_there = true;
    invocation.run = std::move(run);
}

}  // namespace

void declare_start(CLI::App& part, Invocation& invocation) {
    const auto options = std::make_shared<StartOptions>();
    add_services(part, invocation, options->services);
    part.add_flag("-d,--detach", options->detach, "Go on in the background; return once the supervisor runs");
    part.add_flag("--wait", options->wait, "The same, but return once all are ready, or one has failed");
    part.footer(
        "Starts each service once those it is `after` are ready, and all that the chosen ones are after. When one "
        "fails "
        "for good, the others are stopped, too. Ctrl-C stops them, a second one kills them.\n"
        "Examples:\n"
        "  flowletctl start\n"
        "  flowletctl start --wait && flowletctl status\n"
        "  flowletctl start backend");
    part.callback([&invocation, options] {
        choose(invocation, "start",
               [options](const Session& session) { return plan_start(observe_start(session, *options), *options); });
    });
}

void declare_stop(CLI::App& part, Invocation& invocation) {
    const auto services = std::make_shared<std::vector<std::string>>();
    add_services(part, invocation, *services);
    part.footer(
        "Those go first that others are not after: the signal of each, its grace, then SIGKILL. It is done when no "
        "process of them is left, whichever way it went into the background.\n"
        "Examples:\n"
        "  flowletctl stop\n"
        "  flowletctl stop frontend");
    part.callback([&invocation, services] {
        choose(invocation, "stop",
               [services](const Session& session) { return plan_stop(observe_presence(session), *services); });
    });
}

void declare_restart(CLI::App& part, Invocation& invocation) {
    const auto services = std::make_shared<std::vector<std::string>>();
    add_services(part, invocation, *services);
    part.footer(
        "Stops and starts them again as they were started; after a change of flowlet.yaml: stop, then start.\n"
        "Examples:\n"
        "  flowletctl restart backend\n"
        "  flowletctl restart");
    part.callback([&invocation, services] {
        choose(invocation, "restart", [services](const Session& session) -> Answer {
            return plan_restart(observe_presence(session), *services);
        });
    });
}

void declare_status(CLI::App& part, Invocation& invocation) {
    part.footer(
        "Exit code: 0 all that was started is ready, 5 nothing runs, 12 something is not as it should be.\n"
        "Examples:\n"
        "  flowletctl status\n"
        "  flowletctl status -o json");
    part.callback([&invocation] {
        choose(invocation, "status", [](const Session& session) -> Answer {
            return view_status(observe_presence(session), session.probe.now(), Kind::precondition);
        });
    });
}

void declare_logs(CLI::App& part, Invocation& invocation) {
    const auto options = std::make_shared<LogsOptions>();
    add_services(part, invocation, options->services);
    part.add_flag("-f,--follow", options->follow, "Go on with what the services say, until Ctrl-C");
    part.add_option("--since", options->since, "Only what is newer: 10m ago, or 2026-11-22T05:40:00Z")
        ->type_name("TIME");
    part.add_option("--tail", options->tail, "At most so many lines; 0: all [500]")
        ->check(CLI::NonNegativeNumber)
        ->type_name("LINES");
    part.footer(
        "Examples:\n"
        "  flowletctl logs -f\n"
        "  flowletctl logs backend --since 10m");
    part.callback([&invocation, options] {
        choose(invocation, "logs",
               [options](const Session& session) -> Answer { return view_logs(session, *options); });
    });
}

}  // namespace flowlet::commands::stack
