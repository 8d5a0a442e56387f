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

/// What somebody typed, on one line.
std::string quote_word(const std::string& word) {
    std::string text = printable(word);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

/// CLI11 parses; what it says of an error is rarely what helps, so the message is made here.
Error explain(const CLI::App& root, const std::vector<std::string>& args, const CLI::ParseError& error) {
    std::vector<std::string> flags;
    std::vector<std::string> names;
    collect(root, flags, names);
    const std::optional<std::string> stranger = find_stranger(args, names, error);
    if (!stranger) {
        return {Kind::usage, quote_word(error.what()), "flowletctl --help"};
    }
    const bool is_flag = stranger->starts_with("-");
    const std::optional<std::string> near = did_you_mean(*stranger, is_flag ? flags : names);
    return {Kind::usage, quote_word(*stranger) + (is_flag ? " is no flag here" : " is no command"),
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

std::string path_of(const CLI::App& part) {
    const CLI::App* const above = part.get_parent();
    return (above == nullptr ? "" : path_of(*above) + " ") + part.get_name();
}

/// What a flag says: "--output json", "--output=json", "-ojson", "-o=json"; the last one, if it stands there twice.
std::string value_of(const std::vector<std::string>& args, const std::string& name, const std::string& letter) {
    std::string value;
    const auto end = std::find(args.begin(), args.end(), "--");
    for (auto arg = args.begin(); arg != end; ++arg) {
        if ((*arg == name || (*arg == letter && !letter.empty())) && std::next(arg) != end) {
            value = *std::next(arg);
        } else if (arg->starts_with(name + "=")) {
            value = arg->substr(name.size() + 1);
        } else if (!letter.empty() && arg->starts_with(letter)) {
            value = arg->substr(arg->starts_with(letter + "=") ? 3 : 2);
        }
    }
    return value;
}

}  // namespace

Form find_form(const std::vector<std::string>& args) {
    Form form;
    const auto format = formats().find(value_of(args, "--output", "-o"));
    const auto color = colors().find(value_of(args, "--color", ""));
    form.format = format == formats().end() ? form.format : format->second;
    form.color = color == colors().end() ? form.color : color->second;
    return form;
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
        const console::Look look = Out(find_form(args)).look();
        line.own = {"Help", console::render_help(describe(root), path_of(*chosen(root)), look)};
    } catch (const CLI::CallForVersion& asked) {
        line.own = {"Version", std::string(asked.what()) + "\n"};
    } catch (const CLI::ParseError& error) {
        throw explain(root, args, error);
    }
    return line;
}

}  // namespace flowlet::app
