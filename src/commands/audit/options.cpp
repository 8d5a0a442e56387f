#include <CLI/CLI.hpp>
#include <memory>

#include "commands/audit/audit.h"

namespace flowlet::commands::audit {

void declare(CLI::App& part, Invocation& invocation) {
    part.require_subcommand(1);
    part.footer(
        "flowletctl audit show --last 5\n"
        "flowletctl audit verify");
    const auto options = std::make_shared<Options>();
    CLI::App* show = part.add_subcommand("show", "Who did what, newest last");
    show->add_option("--last", options->last, "How many records, 0 for all [20]")->type_name("COUNT");
    CLI::App* verify = part.add_subcommand("verify", "Prove that no record was changed, removed or put in between");
    show->footer(
        "flowletctl audit show --last 5\n"
        "flowletctl audit show --last 0 -o json");
    verify->footer(
        "flowletctl audit verify --env production\n"
        "flowletctl audit verify -o json");
    show->callback([&invocation, options] {
        invocation.command = "audit show";
        invocation.needs = Invocation::Needs::config_if_there;
        invocation.run = [options](const Session& session) { return view_records(observe(session), *options); };
    });
    verify->callback([&invocation] {
        invocation.command = "audit verify";
        invocation.needs = Invocation::Needs::config_if_there;
        invocation.run = [](const Session& session) { return view_verification(observe(session)); };
    });
}

}  // namespace flowlet::commands::audit
