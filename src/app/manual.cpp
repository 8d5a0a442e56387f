#include "app/manual.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "app/grammar.h"
#include "flowlet/config.h"

namespace flowlet::app {
namespace {

using console::Command;
using console::Flag;
using console::ManPage;
using Blocks = std::vector<ManPage::Block>;

ManPage::Block term(std::string name, std::string text) {
    return {ManPage::Block::Form::term, std::move(name), std::move(text)};
}

ManPage::Block paragraph(std::string text) {
    return {ManPage::Block::Form::text, "", std::move(text)};
}

std::string dashed(std::string path) {
    std::replace(path.begin(), path.end(), ' ', '-');
    return path;
}

std::string synopsis_of(const Command& command) {
    std::string line = command.path;
    for (const Flag& argument : command.arguments) {
        line += argument.required ? " " + argument.value : " [" + argument.value + "]";
    }
    return line + (command.commands.empty() ? "" : " [COMMAND]") + " [FLAGS]";
}

void add_flags(const Command& command, Blocks& blocks) {
    for (const Flag& flag : command.flags) {
        const std::string again = flag.repeats ? ". May be given again." : ".";
        blocks.push_back(
            term(join(flag.names, ", ") + (flag.value.empty() ? "" : " " + flag.value), flag.text + again));
    }
}

Blocks options_of(const Command& command, const Command& root) {
    Blocks blocks;
    for (const Flag& argument : command.arguments) {
        blocks.push_back(term(argument.value, argument.text + "."));
    }
    add_flags(command, blocks);
    if (&command != &root) {
        blocks.push_back(paragraph("The flags of flowletctl(1), such as --env, --set, -o and -n, work here too."));
    }
    return blocks;
}

Blocks commands_of(const Command& command) {
    Blocks blocks;
    for (const Command& one : command.commands) {
        blocks.push_back(term(dashed(one.path) + "(1)", one.text + "."));
    }
    return blocks;
}

Blocks code(const std::string& lines) {
    return lines.empty() ? Blocks() : Blocks{{ManPage::Block::Form::code, "", lines}};
}

Blocks exit_status() {
    Blocks blocks;
    for (int kind = 0; kind <= static_cast<int>(Kind::terminated); ++kind) {
        const auto one = static_cast<Kind>(kind);
        blocks.push_back(term(std::to_string(exit_code(one)) + " (" + std::string(name(one)) + ")",
                              std::string(console::meaning(one)) + "."));
    }
    return blocks;
}

Blocks environment() {
    return {
        term("FLOWLET_ENV", "The environment, if --env is not given."),
        term("FLOWLET_...",
             "A key of flowlet.yaml: its path in capitals, the segments joined by two underscores. "
             "FLOWLET_DEPLOY__TIMEOUT is deploy.timeout."),
        term("NO_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM", "Whether there are colours, unless --color says so."),
        term("LC_ALL, LC_CTYPE, LANG", "Whether signs beyond ASCII are written: only in a UTF-8 locale."),
        term("XDG_CONFIG_HOME, XDG_STATE_HOME, HOME", "Where the user's own file and the audit log are, see FILES."),
        term("PATH, KUBECONFIG", "Where kubectl, helm and the clusters are found, unless flowlet.yaml says so."),
    };
}

Blocks files() {
    return {
        term("flowlet.yaml", "The project's configuration, see flowlet.yaml(5): the nearest one upward."),
        term("flowlet.local.yaml", "Beside it: what one person tries out."),
        term("~/.config/flowletctl/config.yaml", "The user's own file."),
        term("/etc/flowletctl/config.yaml, /etc/flowletctl/conf.d/*.yaml", "The machine's files. They may lock keys."),
        term("~/.local/state/flowletctl/audit/log.jsonl", "The audit log, unless audit.dir names another folder."),
    };
}

struct Edition {
    std::string date;
    std::string version;
};

void add_pages(const Command& command, const Command& root, const Edition& edition, std::vector<ManPage>& pages) {
    Blocks also = {paragraph(&command == &root ? "flowlet.yaml(5)" : "flowletctl(1), flowlet.yaml(5)")};
    pages.push_back({dashed(command.path),
                     "1",
                     command.text,
                     edition.date,
                     edition.version,
                     {{"SYNOPSIS", code(synopsis_of(command))},
                      {"DESCRIPTION", {paragraph(command.text + ".")}},
                      {"COMMANDS", commands_of(command)},
                      {"OPTIONS", options_of(command, root)},
                      {"EXAMPLES", code(join(command.examples, "\n"))},
                      {"EXIT STATUS", exit_status()},
                      {"ENVIRONMENT", environment()},
                      {"FILES", files()},
                      {"SEE ALSO", std::move(also)}}});
    for (const Command& one : command.commands) {
        add_pages(one, root, edition, pages);
    }
}

std::string_view word_for(config::Type type) {
    switch (type) {
        case config::Type::text:
            return "text";
        case config::Type::boolean:
            return "true or false";
        case config::Type::integer:
            return "a whole number";
        case config::Type::duration:
            return "a duration such as 90s, 10m or 1h30m";
        case config::Type::path:
            return "a path";
        case config::Type::list:
            return "a list";
        case config::Type::words:
            return "a list, or a single value";
        case config::Type::map:
            return "a map";
    }
    return "";
}

ManPage yaml_page(const Edition& edition) {
    Blocks keys;
    for (const config::Key& key : config::keys()) {
        std::string text = std::string(key.text) + ". It is " + std::string(word_for(key.type));
        text += key.fallback.empty() ? "." : ", by default " + std::string(key.fallback) + ".";
        keys.push_back(term(std::string(key.path), text + (key.secret ? " Only a reference, never the secret." : "")));
    }
    return {"flowlet.yaml",
            "5",
            "the configuration of a project that flowletctl deploys",
            edition.date,
            edition.version,
            {{"DESCRIPTION",
              {paragraph("flowletctl(1) takes a value from the strongest place that has one: a flag or --set, a "
                         "FLOWLET_ variable, flowlet.local.yaml, the chosen environment in flowlet.yaml, the rest of "
                         "flowlet.yaml, the user's file, the machine's files, its own default."),
               paragraph("Maps are merged, lists are replaced, null takes back what weaker places say. Below "
                         "environments.NAME any key may be set again. Relative paths are relative to the folder of "
                         "flowlet.yaml. A key that is not in this page is an error."),
               paragraph("A star in a key stands for any name.")}},
             {"KEYS", std::move(keys)},
             {"FILES", files()},
             {"EXAMPLES", code("apiVersion: flowlet/v1\nproject: shop\nenvironments:\n  staging:\n    kube: {context: "
                               "staging}\n    namespace: shop\ndeploy: {chart: chart, manifests: manifests}")},
             {"SEE ALSO", {paragraph("flowletctl(1), flowletctl-config(1)")}}}};
}

std::string date_of_build(const host::Probe& probe) {
    long seconds = 0;
    const std::string epoch = probe.env("SOURCE_DATE_EPOCH").value_or("");
    const auto read = std::from_chars(epoch.data(), epoch.data() + epoch.size(), seconds);
    constexpr long far = 100000000000;
    const bool given = !epoch.empty() && read.ec == std::errc() && read.ptr == epoch.data() + epoch.size() &&
                       seconds >= 0 && seconds < far;
    return render_time(given ? Time(std::chrono::seconds(seconds)) : probe.now()).substr(0, 10);
}

}  // namespace

std::vector<ManPage> make_manual(const std::string& date) {
    Line line;
    const Command root = describe(*make_grammar(line));
    const Edition edition{date, std::string("flowletctl ") + FLOWLETCTL_VERSION};
    std::vector<ManPage> pages;
    add_pages(root, root, edition, pages);
    pages.push_back(yaml_page(edition));
    return pages;
}

void write_manual(const std::vector<std::string>& args, host::Host& host, Out& out) {
    const std::vector<ManPage> pages = make_manual(date_of_build(host));
    if (args.size() < 2) {
        out.write(console::to_roff(pages.front()));
        return;
    }
    constexpr std::uint32_t for_all = 0755;
    constexpr std::uint32_t to_read = 0644;
    host.make_folder(args[1], for_all);
    for (const ManPage& page : pages) {
        host.write_file(args[1] + "/" + page.name + "." + page.section, console::to_roff(page), to_read);
    }
}

}  // namespace flowlet::app
