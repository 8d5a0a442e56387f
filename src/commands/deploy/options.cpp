#include <CLI/CLI.hpp>
#include <memory>

#include "commands/deploy/deploy.h"

namespace flowlet::commands::deploy {
namespace {

/// Flags that stand for keys of flowlet.yaml; "--namespace always wins" because a flag is the strongest layer.
void add_override(CLI::App& part, Invocation& invocation, const std::string& flag, const std::string& path,
                  const std::string& kind, const std::string& text) {
    part.add_option_function<std::string>(
            flag,
            [&invocation, flag, path](const std::string& value) {
                invocation.overrides.push_back({path, value, flag + " " + value});
            },
            text)
        ->type_name(kind);
}

void add_place(CLI::App& part, Invocation& invocation) {
    add_override(part, invocation, "--namespace", "namespace", "NAME", "Deploy here, whatever the environment says");
    add_override(part, invocation, "--timeout", "deploy.timeout", "DURATION",
                 "How long all of it may take to become ready [10m]");
}

void choose(Invocation& invocation, const std::string& command, std::function<Answer(const Session&)> run) {
    invocation.command = command;
    invocation.default_environment = "staging";
    invocation.needs = Invocation::Needs::config;
    invocation.run = std::move(run);
}

}  // namespace

void declare(CLI::App& part, Invocation& invocation) {
    const auto options = std::make_shared<Options>();
    add_place(part, invocation);
    add_override(part, invocation, "--image-tag", "deploy.image_tag", "TAG", "The tag of every image of the platform");
    part.add_option("--tier", options->tiers, "Only this tier (again for more; the Helm release is tier 'chart')")
        ->type_name("TIER")
        ->allow_extra_args(false);
    part.add_option("--skip-tier", options->skip_tiers, "All but this tier (again for more)")
        ->type_name("TIER")
        ->allow_extra_args(false);
    part.add_flag_callback(
        "--take-over", [options] { options->force = kube::Force::yes; },
        "Take over fields of the manifests that somebody else changed and owns");
    invocation.candidates["TIER"] = list_tiers;
    part.require_subcommand(0, 1);
    part.footer(
        "flowletctl deploy --env production --image-tag v1.4.2\n"
        "flowletctl deploy --env staging --dry-run\n"
        "flowletctl deploy --tier namespaces");

    CLI::App* history = part.add_subcommand("history", "The deploys on record");
    CLI::App* status = part.add_subcommand("status", "How every workload of the last deploy is right now");
    CLI::App* rollback = part.add_subcommand("rollback", "Return manifests and release to an earlier deploy");
    history->footer(
        "flowletctl deploy history --env production\n"
        "flowletctl deploy history -o json");
    status->footer(
        "flowletctl deploy status --env production\n"
        "flowletctl deploy status -o json");
    rollback->footer(
        "flowletctl deploy rollback --env production --dry-run\n"
        "flowletctl deploy rollback --env production --to 12");
    const auto back = std::make_shared<RollbackOptions>();
    rollback->add_option("--to", back->to, "The number of the deploy, see history [the one before the newest]")
        ->type_name("NUMBER")
        ->check(CLI::PositiveNumber);
    for (CLI::App* child : {history, status, rollback}) {
        add_place(*child, invocation);
    }
    history->callback([&invocation] { choose(invocation, "deploy history", view_history); });
    status->callback([&invocation] { choose(invocation, "deploy status", view_status); });
    rollback->callback([&invocation, back] {
        choose(invocation, "deploy rollback", [back](const Session& session) { return plan_rollback(session, *back); });
    });
    part.callback([&part, &invocation, options] {
        if (part.get_subcommands().empty()) {
            choose(invocation, "deploy", [options](const Session& session) {
                const Facts facts = observe(session, *options);
                return plan_deploy(session, facts, *options);
            });
        }
    });
}

}  // namespace flowlet::commands::deploy
