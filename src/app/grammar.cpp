#include "app/grammar.h"

#include <CLI/CLI.hpp>
#include <map>

#include "app/scripts.h"

namespace flowlet::app {
namespace {

void add_choices(CLI::App& part, Globals& globals) {
    const auto fold = CLI::MultiOptionPolicy::Throw;
    part.add_option("-o,--output", globals.form.format, "How to print the answer [table]")
        ->transform(CLI::CheckedTransformer(formats()).description(""))
        ->type_name("table|json|yaml")
        ->multi_option_policy(fold);
    part.add_option("--color", globals.form.color, "When to use colours [auto]")
        ->transform(CLI::CheckedTransformer(colors()).description(""))
        ->type_name("auto|always|never")
        ->multi_option_policy(fold);
}

void add_globals(CLI::App& part, Globals& globals) {
    const auto fold = CLI::MultiOptionPolicy::Throw;
    part.add_option("--env", globals.environment, "The environment of flowlet.yaml to work on")
        ->type_name("ENV")
        ->multi_option_policy(fold);
    part.add_option("--root", globals.root, "The project's folder [nearest flowlet.yaml upward]")
        ->type_name("FOLDER")
        ->multi_option_policy(fold);
    part.add_option("--set", globals.sets, "Override a key of flowlet.yaml: --set deploy.timeout=5m")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    add_choices(part, globals);
    part.add_flag_callback(
        "-n,--dry-run", [&globals] { globals.mode = Globals::Mode::rehearse; },
        "Show what would be done and do nothing");
    part.add_flag_callback(
        "-q,--quiet", [&globals] { globals.volume = Globals::Volume::quiet; }, "No progress");
}

/// What flowletctl says of itself: no command of the table, for it needs neither configuration nor audit log.
void add_own(CLI::App& root, Line& line) {
    const std::string family = "Its version, the completion of shells, this text";
    CLI::App* const version = root.add_subcommand("version", "The version of flowletctl")->group(family);
    version->footer(
        "flowletctl version\n"
        "flowletctl version -o json");
    version->callback([&line] { line.own = {"Version", std::string("flowletctl ") + FLOWLETCTL_VERSION + "\n"}; });
    CLI::App* const completion =
        root.add_subcommand("completion", "Print what teaches a shell to complete")->group(family);
    completion->footer(
        "flowletctl completion bash > /etc/bash_completion.d/flowletctl\n"
        "flowletctl completion zsh > \"${fpath[1]}/_flowletctl\"\n"
        "flowletctl completion fish > ~/.config/fish/completions/flowletctl.fish");
    completion
        ->add_option_function<std::string>(
            "SHELL",
            [&line](const std::string& shell) {
                line.own = {"CompletionScript", std::string(find_script(shell))};
            },
            "Which shell")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
        ->type_name("bash|zsh|fish")
        ->required();
    // Parsing turns it into --help before it is looked at; it stands here to be seen.
    root.add_subcommand("help", "The help of a command")
        ->group(family)
        ->footer(
            "flowletctl help deploy\n"
            "flowletctl help config explain");
}

console::Flag describe(const CLI::Option& option) {
    console::Flag flag;
    for (const std::string& name : option.get_snames()) {
        flag.names.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        flag.names.push_back("--" + name);
    }
    if (option.get_items_expected_max() > 0) {
        const std::string type = option.get_type_name();
        flag.value = type.substr(0, type.find(':'));
    }
    flag.text = option.get_description();
    flag.required = option.get_required();
    flag.repeats = option.get_expected_max() > 1;
    return flag;
}

console::Command describe(const CLI::App& part, const std::string& above) {
    console::Command command;
    command.path = above + part.get_name();
    command.text = part.get_description();
    if (part.get_group() != CLI::App().get_group()) command.family = part.get_group();
    for (const CLI::Option* option : part.get_options()) {
        if (!option->get_group().empty()) {
            (option->nonpositional() ? command.flags : command.arguments).push_back(describe(*option));
        }
    }
    for (const std::string& line : split(part.get_footer(), '\n')) {
        const std::string_view example = trim(line);
        if (example.starts_with("flowletctl ")) {
            command.examples.emplace_back(example);
        }
    }
    for (const CLI::App* child : part.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); })) {
        command.commands.push_back(describe(*child, command.path + " "));
    }
    return command;
}

}  // namespace

const std::map<std::string, console::Format>& formats() {
    // "text" was the name of the table once.
    static const std::map<std::string, console::Format> table = {{"table", console::Format::table},
                                                                 {"text", console::Format::table},
                                                                 {"json", console::Format::json},
                                                                 {"yaml", console::Format::yaml}};
    return table;
}

const std::map<std::string, console::Color>& colors() {
    static const std::map<std::string, console::Color> table = {
        {"auto", console::Color::automatic}, {"always", console::Color::always}, {"never", console::Color::never}};
    return table;
}

std::shared_ptr<CLI::App> make_grammar(Line& line) {
    auto root =
        std::make_shared<CLI::App>("Sets up, deploys, watches, backs up and audits the Flowlet platform", "flowletctl");
    root->set_help_flag("-h,--help", "This text");
    root->set_version_flag("--version", std::string("flowletctl ") + FLOWLETCTL_VERSION, "The version");
    root->footer(
        "flowletctl deploy --env staging --dry-run\n"
        "flowletctl backup --env production");
    root->require_subcommand(1);
    root->fallthrough();
    add_globals(*root, line.globals);
    for (const commands::Module& module : commands::modules()) {
        CLI::App* part = root->add_subcommand(std::string(module.name), std::string(module.text));
        part->fallthrough();
        if (!module.family.empty()) part->group(std::string(module.family));
        module.declare(*part, line.invocation);
        for (CLI::App* child : part->get_subcommands([](const CLI::App*) { return true; })) {
            child->fallthrough();
        }
    }
    add_own(*root, line);
    return root;
}

console::Command describe(const CLI::App& grammar) {
    return describe(grammar, "");
}

}  // namespace flowlet::app
