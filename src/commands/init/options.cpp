#include <CLI/CLI.hpp>

#include "commands/init/init.h"

namespace flowlet::commands::init {

void declare(CLI::App& part, Invocation& invocation) {
    part.footer(
        "Looks for a chart, values files, manifests, a backend, a frontend and a compose file, and writes what it "
        "finds "
        "as keys, what it does not as examples. A flowlet.yaml that is there stays as it is.\n"
        "Examples:\n"
        "  flowletctl init --dry-run\n"
        "  flowletctl init && flowletctl config validate");
    part.callback([&invocation] {
        invocation.command = "init";
        invocation.needs = Invocation::Needs::nothing;
        invocation.run = [](const Session& session) { return plan_file(observe_project(session)); };
    });
}

}  // namespace flowlet::commands::init
