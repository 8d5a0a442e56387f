#include <CLI/CLI.hpp>

#include "commands/doctor/doctor.h"

namespace flowlet::commands::doctor {

void declare(CLI::App& part, Invocation& invocation) {
    part.footer(
        "Examples:\n"
        "  flowletctl doctor\n"
        "  flowletctl doctor --env production -o json");
    part.callback([&invocation] {
        invocation.command = "doctor";
        invocation.needs = Invocation::Needs::nothing;
        invocation.default_environment = "staging";
        invocation.run = [](const Session& session) { return view_health(observe(session)); };
    });
}

}  // namespace flowlet::commands::doctor
