#include <CLI/CLI.hpp>
#include <memory>

#include "commands/config/config.h"

namespace flowlet::commands::config {
namespace {

struct Choice {
    ShowOptions show;
    std::string key;
    std::string one;
    std::string other;
};

void choose(Invocation& invocation, const std::string& command, std::function<Answer(const Session&)> run) {
    invocation.command = command;
    invocation.run = std::move(run);
}

}  // namespace

void declare(CLI::App& part, Invocation& invocation) {
    part.require_subcommand(1);
    part.footer(
        "flowletctl config show --env production --origin\n"
        "flowletctl config explain deploy.timeout --env production\n"
        "flowletctl config validate");
    const auto choice = std::make_shared<Choice>();
    CLI::App* show = part.add_subcommand("show", "Every key and its value");
    show->add_flag("--origin", choice->show.origin, "Also the layer and the place that each value comes from");
    CLI::App* explain = part.add_subcommand("explain", "Everything that was said of one key, the strongest first");
    explain->add_option("KEY", choice->key, "The key's path, such as deploy.timeout")->type_name("KEY")->required();
    CLI::App* validate = part.add_subcommand("validate", "Check flowlet.yaml for every environment");
    CLI::App* schema = part.add_subcommand("schema", "The JSON Schema of flowlet.yaml, for editors");
    CLI::App* diff = part.add_subcommand("diff", "What differs between two environments");
    diff->add_option("ENV1", choice->one, "An environment")->type_name("ENV")->required();
    diff->add_option("ENV2", choice->other, "Another environment")->type_name("ENV")->required();
    show->footer(
        "flowletctl config show --env production --origin\n"
        "flowletctl config show -o yaml");
    explain->footer(
        "flowletctl config explain deploy.timeout --env production\n"
        "flowletctl config explain namespace --set namespace=trial");
    validate->footer(
        "flowletctl config validate\n"
        "flowletctl config validate --root /srv/shop -o json");
    schema->footer(
        "flowletctl config schema > flowlet.schema.json\n"
        "flowletctl config schema -o yaml");
    diff->footer(
        "flowletctl config diff staging production\n"
        "flowletctl config diff staging production -o json");

    show->callback([&invocation, choice] {
        choose(invocation, "config show", [choice](const Session& s) { return view_values(s, choice->show); });
    });
    explain->callback([&invocation, choice] {
        choose(invocation, "config explain", [choice](const Session& s) { return view_key(s, choice->key); });
    });
    validate->callback([&invocation] { choose(invocation, "config validate", view_validation); });
    schema->callback([&invocation] {
        choose(invocation, "config schema", view_schema);
        invocation.needs = Invocation::Needs::config_if_there;
    });
    diff->callback([&invocation, choice] {
        choose(invocation, "config diff",
               [choice](const Session& s) { return view_differences(s, choice->one, choice->other); });
    });
}

}  // namespace flowlet::commands::config
