#include "commands/setup/prereqs_install.h"

#include <algorithm>

#include "commands/setup/plan.h"
#include "commands/shared/program.h"

namespace flowlet::commands::setup {
namespace {

using Own = Requirement::Own;

constexpr Millis fetch_time{30 * 60 * 1000};
constexpr Millis answer_time{20000};

bool is_missing(const Program& program) {
    return program.state != Program::State::ok && program.wanted->need == Requirement::Need::required;
}

bool may_use_apt(const Prerequisites& found) {
    return !found.apt_get.empty() && (found.root || !found.sudo.empty());
}

/// The program that installs it into the own folder; empty: none is here.
std::string installer_of(const Prerequisites& found, const Program& program) {
    if (!program.to_own || found.tools.empty()) return "";
    switch (program.wanted->own) {
        case Own::go:
            return found.go;
        case Own::npm:
            return found.npm;
        case Own::pip:
            return found.python;
        case Own::none:
            break;
    }
    return "";
}

host::Command make_command(const std::string& program, std::vector<std::string> args) {
    host::Command command;
    command.program = program;
    command.args = std::move(args);
    command.timeout = fetch_time;
    return command;
}

host::Command apt(const Prerequisites& found, std::vector<std::string> args) {
    if (found.root) {
        host::Command command = make_command(found.apt_get, std::move(args));
        command.env["DEBIAN_FRONTEND"] = "noninteractive";
        return command;
    }
    std::vector<std::string> words = {"-n", "DEBIAN_FRONTEND=noninteractive", found.apt_get};
    words.insert(words.end(), args.begin(), args.end());
    host::Command command = make_command(found.sudo, std::move(words));
    command.rights = host::Command::Rights::may_gain;
    return command;
}

/// A program that says its version has to be new enough.
plan::Transfer ask_version(const Requirement& wanted, host::Command command) {
    for (const std::string& word :
         wanted.asks.empty() ? std::vector<std::string>{"--version"} : split(wanted.asks, '|'))
        command.args.push_back(word);
    command.timeout = answer_time;
    plan::Transfer transfer = run_tool(std::move(command));
    transfer.flow.stages.emplace_back(host::Measure{"said"});
    transfer.unfit = Kind::tool_missing;
    transfer.failed = Kind::tool_missing;
    transfer.judge = [&wanted](const host::FlowEnd& end) {
        const std::optional<Version> version = find_version(end.measured.at("said").tail);
        if (version && *version >= wanted.oldest) return std::optional<plan::Cause>();
        plan::Cause cause;
        cause.object = std::string(wanted.name);
        cause.reason = "TooOld";
        cause.message = "what was installed is " + (version ? render_version(*version) : std::string("unknown")) +
                        ", and " + render_version(wanted.oldest) + " is needed";
        cause.next = "a newer one is at " + std::string(wanted.elsewhere);
        return std::optional(cause);
    };
    return transfer;
}

class Install {
public:
    explicit Install(const Prerequisites& found) : found_(found) {}

    std::optional<plan::Plan> make() {
        plan_.subject.command = "setup prereqs";
        plan_.effect = plan::Effect::files;
        if (may_use_apt(found_)) add_debian();
        for (const Program& program : found_.programs)
            add(program);
        if (names_.empty()) return std::nullopt;
        plan_.title = "setup prereqs: install " + join(names_, ", ");
        plan_.result = [missing = missing_] {
            plan::Result result;
            result.text = missing.empty() ? "all is there" : join(missing, ", ") + " still missing";
            result.verdict = missing.empty() ? Kind::ok : Kind::tool_missing;
            return result;
        };
        return std::move(plan_);
    }

private:
    void add(const Program& program) {
        if (program.state == Program::State::ok) {
            ++plan_.unchanged;
        } else if (program.in_debian && may_use_apt(found_) && is_missing(program)) {
            // PostgreSQL's server is not in PATH: the next look finds it.
            if (program.wanted->name != "initdb") ask_in_path(*program.wanted);
        } else if (is_missing(program) && !installer_of(found_, program).empty()) {
            add_own(program, installer_of(found_, program));
        } else {
            plan_.findings.push_back({plan::Finding::Severity::warning, std::string(program.wanted->name),
                                      program.trouble, "", program.hint});
            if (is_missing(program)) missing_.emplace_back(program.wanted->name);
        }
    }

    void add_debian() {
        const std::vector<std::string> packages = debian_packages(found_);
        if (packages.empty()) return;
        steps_.add("apt/update", "ask what Debian has", run_tool(apt(found_, {"update"})));
        std::vector<std::string> args = {"install", "--yes", "--no-install-recommends"};
        args.insert(args.end(), packages.begin(), packages.end());
        steps_.add("apt/install", "install " + join(packages, ", "), run_tool(apt(found_, std::move(args))));
        for (const std::string& package : packages)
            note(package, "apt-get", "package " + package);
    }

    /// Through PATH, for where it will be is not known before it is there.
    void ask_in_path(const Requirement& wanted) {
        const std::string program(wanted.program.empty() ? wanted.name : wanted.program);
        ask(wanted, make_command(found_.env, {program}));
    }

    void ask(const Requirement& wanted, host::Command command) {
        const std::string name(wanted.name);
        steps_.add("ask/" + name, "ask " + name + " for its version", ask_version(wanted, std::move(command)));
    }

    void add_own(const Program& program, const std::string& installer) {
        const Requirement& wanted = *program.wanted;
        const std::string name(wanted.name);
        const std::string source(wanted.source);
        const std::string own_bin = found_.tools + (wanted.own == Own::pip ? "/python/bin/" : "/bin/");
        if (wanted.own == Own::pip && !found_.venv_there) {
            fetch("python", "make a Python environment for programs",
                  make_command(installer, {"-m", "venv", found_.tools + "/python"}));
        }
        host::Command command = make_command(installer, {"install", source});
        if (wanted.own == Own::npm) {
            command.args = {"install",    "--global",  "--prefix",         found_.tools,
                            "--no-audit", "--no-fund", "--ignore-scripts", source};
        }
        if (wanted.own == Own::pip) {
            command.program = own_bin + "python";
            command.args = {"-m", "pip", "install", "--no-input", "--quiet", "--disable-pip-version-check", source};
        }
        if (wanted.own == Own::go) command.env["GOBIN"] = found_.tools + "/bin";
        fetch(name, "install " + source + " into " + found_.tools, std::move(command));
        note(name, source, own_bin + name);
        ask(wanted, make_command(own_bin + name, {}));
    }

    void fetch(const std::string& name, const std::string& what, host::Command command) {
        command.env.insert(found_.variables.begin(), found_.variables.end());
        steps_.add("install/" + name, what, run_tool(std::move(command)));
    }

    void note(const std::string& name, const std::string& by, const std::string& object) {
        names_.push_back(name);
        steps_.change(plan::Op::create, object, by);
    }

    const Prerequisites& found_;
    plan::Plan plan_;
    Steps steps_{plan_};
    std::vector<std::string> names_;
    std::vector<std::string> missing_;
};

}  // namespace

std::vector<std::string> debian_packages(const Prerequisites& found) {
    std::vector<std::string> packages;
    for (const Program& program : found.programs) {
        const std::string package(program.wanted->package);
        const bool wanted = is_missing(program) && program.in_debian;
        if (wanted && std::find(packages.begin(), packages.end(), package) == packages.end())
            packages.push_back(package);
    }
    return packages;
}

std::optional<plan::Plan> plan_install(const Prerequisites& found) {
    return Install(found).make();
}

}  // namespace flowlet::commands::setup
