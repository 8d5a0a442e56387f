#include <CLI/CLI.hpp>

#include "commands/setup/prereqs.h"
#include "commands/setup/setup.h"

namespace flowlet::commands::setup {
namespace {

void choose(Invocation& invocation, const std::string& command, Answer (*run)(const Session&)) {
    invocation.command = command;
    invocation.needs = Invocation::Needs::config_if_there;
    invocation.default_environment = "development";
    invocation.run = run;
}

}  // namespace

void declare(CLI::App& part, Invocation& invocation) {
    part.require_subcommand(0, 1);
    part.footer(
        "Packages of the backend and the frontend, .env.local with secrets of its own, a private PostgreSQL with its "
        "tables, and the services of flowlet.yaml. What is there already stays as it is.\n"
        "Examples:\n"
        "  flowletctl setup prereqs\n"
        "  flowletctl setup --dry-run\n"
        "  flowletctl setup --env development --root ~/src/flowlet");
    CLI::App* prereqs = part.add_subcommand("prereqs", "Which programs are here, which are missing; installs them");
    prereqs->footer(
        "As root, what Debian has is installed; else the line is shown that does it.\n"
        "Examples:\n"
        "  flowletctl setup prereqs\n"
        "  flowletctl setup prereqs -o json\n"
        "  sudo flowletctl setup prereqs");
    prereqs->callback([&invocation] {
        choose(invocation, "setup prereqs",
               [](const Session& session) { return answer_prerequisites(observe_prerequisites(session)); });
    });
    part.callback([&invocation, prereqs] {
        if (prereqs->parsed()) return;
        choose(invocation, "setup",
               [](const Session& session) -> Answer { return plan_setup(observe_project(session)); });
    });
}

}  // namespace flowlet::commands::setup
