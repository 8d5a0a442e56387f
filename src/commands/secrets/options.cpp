#include <CLI/CLI.hpp>
#include <memory>

#include "commands/secrets/secrets.h"
#include "commands/shared/database.h"

namespace flowlet::commands::secrets {
namespace {

struct Choice {
    SetOptions set;
    RotateOptions rotate;
};

void add_namespace(CLI::App& part, Invocation& invocation) {
    part.add_option_function<std::string>(
            "--namespace",
            [&invocation](const std::string& value) {
                invocation.overrides.push_back({"namespace", value, "--namespace " + value});
            },
            "The Kubernetes namespace")
        ->type_name("NAMESPACE");
}

std::vector<Candidate> offer_secrets(const Session& session) {
    std::vector<Candidate> found;
    if (session.config == nullptr) return found;
    for (const std::string& name : session.config->children("secrets"))
        found.push_back({name, "a secret"});
    return found;
}

void choose(Invocation& invocation, const std::string& command, std::function<Answer(const Session&)> run) {
    invocation.command = command;
    invocation.default_environment = "staging";
    invocation.run = std::move(run);
}

}  // namespace

void declare(CLI::App& part, Invocation& invocation) {
    part.require_subcommand(1);
    part.footer(
        "Examples:\n"
        "  flowletctl secrets set postgres-credentials --key password < password.txt\n"
        "  flowletctl secrets check --env production\n"
        "  flowletctl secrets rotate primary --env production");
    const auto choice = std::make_shared<Choice>();
    invocation.candidates["DATABASE"] = offer_databases;
    invocation.candidates["SECRET"] = offer_secrets;
    CLI::App* set = part.add_subcommand("set", "Put a value into a Kubernetes Secret");
    set->add_option("NAME", choice->set.name, "The Secret: NAME, NAME/KEY, NAMESPACE/NAME/KEY, or a name of `secrets`")
        ->type_name("SECRET")
        ->required();
    set->add_option("--key", choice->set.key, "Its key; needed unless the Secret has just one");
    set->add_option("-f,--file", choice->set.file, "The file with the value [standard input, or asked for]")
        ->type_name("FILE");
    set->footer(
        "Examples:\n"
        "  flowletctl secrets set postgres-credentials --key password < password.txt\n"
        "  flowletctl secrets set flowlet-data/postgres-credentials/password --env production");
    add_namespace(*set, invocation);
    CLI::App* check = part.add_subcommand("check", "Is every Secret there that the manifests and the chart refer to?");
    check->footer(
        "Examples:\n"
        "  flowletctl secrets check --env production\n"
        "  flowletctl secrets check --env staging -o json");
    add_namespace(*check, invocation);
    CLI::App* rotate = part.add_subcommand("rotate", "Give a database user a new password, everywhere at once");
    rotate->add_option("DATABASE", choice->rotate.database, "A name of `databases`")->type_name("DATABASE")->required();

    rotate->footer(
        "Examples:\n"
        "  flowletctl secrets rotate primary --env production --dry-run\n"
        "  flowletctl secrets rotate primary --env production");
    set->callback([&invocation, choice] {
        choose(invocation, "secrets set",
               [choice](const Session& s) { return plan_set(s, observe_set(s, choice->set)); });
    });
    check->callback([&invocation] { choose(invocation, "secrets check", view_check); });
    rotate->callback([&invocation, choice] {
        choose(invocation, "secrets rotate", [choice](const Session& s) {
            return plan_rotation(s, choice->rotate, observe_rotation(s, choice->rotate));
        });
    });
}

}  // namespace flowlet::commands::secrets
