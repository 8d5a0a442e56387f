#include "app/line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/grammar.h"

namespace flowlet::app {
namespace {

/// The names of a part's flags and sub-commands, with those of the parts above: what a typing error may have meant.
void collect(const CLI::App& part, std::vector<std::string>& flags, std::vector<std::string>& names) {
    for (const CLI::Option* option : part.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            flags.push_back("--" + name);
        }
    }
    for (const CLI::App* child : part.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(child->get_name());
        collect(*child, flags, names);
    }
}

/// The word that CLI11 did not expect: a flag before anything else, for what follows it may be its value.
std::optional<std::string> find_stranger(const std::vector<std::string>& args, const std::vector<std::string>& names,
                                         const CLI::ParseError& error) {
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        const auto word = std::find_if(args.begin(), args.end(), [&](const std::string& arg) {
            return !arg.starts_with("-") && std::find(names.begin(), names.end(), arg) == names.end();
        });
        return word == args.end() ? std::nullopt : std::optional(*word);
    }
    if (dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) {
        return std::nullopt;
    }
    const std::string text = error.what();
    std::optional<std::string> stranger;
    for (const std::string& word : split(text.substr(text.find(": ") + 1), ' ')) {
        if (!word.empty() && (!stranger || (word.starts_with("-") && !stranger->starts_with("-")))) {
            stranger = word.substr(0, word.find('='));
        }
    }
    return stranger;
}

/// CLI11 parses; what it says of an error is rarely what helps, so the message is made here.
Error explain(const CLI::App& root, const std::vector<std::string>& args, const CLI::ParseError& error) {
    std::vector<std::string> flags;
    std::vector<std::string> names;
    collect(root, flags, names);
    std::string message = printable(error.what());
    std::replace(message.begin(), message.end(), '\n', ' ');
    const std::optional<std::string> stranger = find_stranger(args, names, error);
    if (!stranger) {
        return {Kind::usage, message, "flowletctl --help"};
    }
    const bool is_flag = stranger->starts_with("-");
    const std::optional<std::string> near = did_you_mean(*stranger, is_flag ? flags : names);
    return {Kind::usage, printable(*stranger) + (is_flag ? " is no flag here" : " is no command"),
            (near ? "did you mean " + *near + "? " : "") + "flowletctl --help lists all"};
}

/// `flowletctl help deploy` is `flowletctl deploy --help`.
std::vector<std::string> without_help_word(std::vector<std::string> args) {
    if (!args.empty() && args.front() == "help") {
        args.erase(args.begin());
        args.emplace_back("--help");
    }
    return args;
}

const CLI::App* chosen(const CLI::App& root) {
    const CLI::App* part = &root;
    while (!part->get_subcommands().empty()) {
        part = part->get_subcommands().front();
    }
    return part;
}

/// The help of what was chosen, with the whole way to it in its usage line.
std::string help_of(const CLI::App& root) {
    const CLI::App* const part = chosen(root);
    std::string above;
    for (const CLI::App* up = part->get_parent(); up != nullptr; up = up->get_parent()) {
        above = up->get_name() + (above.empty() ? "" : " ") + above;
    }
    return part->help(above, CLI::AppFormatMode::Normal);
}

}  // namespace

bool wants_json(const std::vector<std::string>& args) {
    for (std::size_t i = 0; i < args.size(); ++i) {
        const bool pair = (args[i] == "-o" || args[i] == "--output") && i + 1 < args.size() && args[i + 1] == "json";
        if (pair || args[i] == "-ojson" || args[i] == "-o=json" || args[i] == "--output=json") {
            return true;
        }
    }
    return false;
}

Line parse_line(const std::vector<std::string>& given) {
    Line line;
    const std::shared_ptr<CLI::App> grammar = make_grammar(line);
    CLI::App& root = *grammar;
    std::vector<std::string> args = without_help_word(given);
    std::vector<std::string> reversed(args.rbegin(), args.rend());
    try {
        root.parse(reversed);
    } catch (const CLI::CallForHelp&) {
        line.text = help_of(root);
        return line;
    } catch (const CLI::CallForVersion& asked) {
        line.text = std::string(asked.what()) + "\n";
        return line;
    } catch (const CLI::ParseError& error) {
        throw explain(root, args, error);
    }
    return line;
}

}  // namespace flowlet::app
