#include <CLI/CLI.hpp>
#include <memory>

#include "commands/setup/prereqs.h"
#include "commands/setup/setup.h"

namespace flowlet::commands::setup {
namespace {

void choose(Invocation& invocation, const std::string& command, std::function<Answer(const Session&)> run) {
    invocation.command = command;
    invocation.needs = Invocation::Needs::config_if_there;
    invocation.default_environment = "development";
    invocation.environment_if_there = true;
    invocation.run = std::move(run);
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
        "What is missing is installed, and shown first: Debian's packages as root or with --sudo, else the line is "
        "shown "
        "that does it; what go, npm and pip have goes into a folder of flowletctl's own.\n"
        "Examples:\n"
        "  flowletctl setup prereqs\n"
        "  flowletctl setup prereqs -o json\n"
        "  sudo -v && flowletctl setup prereqs --sudo");
    const auto sudo = std::make_shared<bool>(false);
    prereqs->add_flag("--sudo", *sudo, "Install Debian's packages with sudo, which must not ask for a password by now");
    prereqs->callback([&invocation, sudo] {
        choose(invocation, "setup prereqs", [sudo](const Session& session) {
            return answer_prerequisites(observe_prerequisites(session, *sudo ? Sudo::yes : Sudo::no));
        });
    });
    part.callback([&invocation, prereqs] {
        if (prereqs->parsed()) return;
        choose(invocation, "setup",
               [](const Session& session) -> Answer { return plan_setup(observe_project(session)); });
    });
}

}  // namespace flowlet::commands::setup
