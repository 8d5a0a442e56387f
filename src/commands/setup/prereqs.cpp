#include "commands/setup/prereqs.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/setup/plan.h"
#include "commands/shared/program.h"

namespace flowlet::commands::setup {
namespace {

using Verdict = Measured::Verdict;

constexpr Millis fetch_time{30 * 60 * 1000};
constexpr Millis answer_time{20000};

std::string_view word(Verdict verdict) {
    switch (verdict) {
        case Verdict::ok:
            return "ok";
        case Verdict::warning:
            return "warning";
        case Verdict::error:
            return "error";
    }
    return "";
}

bool is_required(const Program& program) {
    return program.wanted->need == Requirement::Need::required;
}

Verdict judge(const Program& program) {
    if (program.state == Program::State::ok) return Verdict::ok;
    return is_required(program) ? Verdict::error : Verdict::warning;
}

/// What apt is asked for, once each.
std::vector<std::string> missing_packages(const Prerequisites& found) {
    std::vector<std::string> packages;
    for (const Program& program : found.programs) {
        const std::string package(program.wanted->package);
        const bool wanted = judge(program) == Verdict::error && program.installable;
        if (wanted && std::find(packages.begin(), packages.end(), package) == packages.end())
            packages.push_back(package);
    }
    return packages;
}

Kind verdict_of(const Prerequisites& found) {
    const bool lacking = std::any_of(found.programs.begin(), found.programs.end(),
                                     [](const Program& program) { return judge(program) == Verdict::error; });
    if (lacking) return Kind::tool_missing;
    return found.cluster ? found.cluster->kind() : Kind::ok;
}

void add_row(plan::View& view, nlohmann::json& list, const std::vector<std::string>& cells, const std::string& fix) {
    view.rows.push_back(cells);
    list.push_back({{"verdict", cells[0]},
                    {"name", cells[1]},
                    {"found", cells[2]},
                    {"wanted", cells[3]},
                    {"path", cells[4]},
                    {"fix", fix}});
    if (!fix.empty()) view.notes.push_back(cells[1] + ": " + fix);
}

plan::View view_prerequisites(const Prerequisites& found) {
    plan::View view;
    view.columns = {"STATE", "WHAT", "FOUND", "WANTED", "WHERE"};
    nlohmann::json list = nlohmann::json::array();
    for (const Program& program : found.programs) {
        const bool ok = program.state == Program::State::ok;
        const std::string version = program.version == Version() ? program.trouble : render_version(program.version);
        add_row(view, list,
                {std::string(word(judge(program))), std::string(program.wanted->name), version,
                 render_version(program.wanted->oldest), program.path},
                ok ? "" : program.hint);
    }
    for (const Measured& one : found.measured)
        add_row(view, list, {std::string(word(one.verdict)), one.name, one.found, one.wanted, ""}, one.hint);
    const std::vector<std::string> packages = missing_packages(found);
    const std::string install = packages.empty() ? "" : render_install(packages);
    if (!install.empty()) view.notes.push_back("all of Debian's at once: " + install);
    view.verdict = verdict_of(found);
    view.document = std::make_shared<const nlohmann::json>(
        nlohmann::json{{"apiVersion", "flowlet/v1"},
                       {"kind", "Prerequisites"},
                       {"verdict", view.verdict == Kind::ok ? "ok" : "incomplete"},
                       {"install", install},
                       {"prerequisites", list}});
    return view;
}

host::Command apt(const Prerequisites& found, std::vector<std::string> args) {
    host::Command command;
    command.program = found.apt_get;
    command.args = std::move(args);
    command.env["DEBIAN_FRONTEND"] = "noninteractive";
    command.timeout = fetch_time;
    return command;
}

/// Through PATH, for where it will be is not known before it is there.
plan::Transfer ask_version(const Prerequisites& found, const Requirement& wanted) {
    host::Command command;
    command.program = found.env;
    command.args = {std::string(wanted.program.empty() ? wanted.name : wanted.program)};
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
        cause.message = "Debian's is " + (version ? render_version(*version) : std::string("unknown")) + ", and " +
                        render_version(wanted.oldest) + " is needed";
        cause.next = "a newer one is at " + std::string(wanted.elsewhere);
        return std::optional(cause);
    };
    return transfer;
}

plan::Plan plan_install(const Prerequisites& found, const std::vector<std::string>& packages) {
    plan::Plan plan;
    plan.title = "setup prereqs: install " + join(packages, ", ");
    plan.subject.command = "setup prereqs";
    plan.effect = plan::Effect::files;
    Steps steps(plan);
    steps.add("apt/update", "ask what Debian has", run_tool(apt(found, {"update"})));
    std::vector<std::string> args = {"install", "--yes", "--no-install-recommends"};
    args.insert(args.end(), packages.begin(), packages.end());
    steps.add("apt/install", "install " + join(packages, ", "), run_tool(apt(found, std::move(args))));
    for (const std::string& package : packages)
        steps.change(plan::Op::create, "package " + package, "apt-get");
    for (const Program& program : found.programs) {
        if (program.state == Program::State::ok) {
            ++plan.unchanged;
            continue;
        }
        // PostgreSQL's server is not in PATH: the next look finds it.
        const bool asked = program.installable && is_required(program) && program.wanted->name != "initdb";
        if (asked) {
            steps.add("ask/" + std::string(program.wanted->name),
                      "ask " + std::string(program.wanted->name) + " for its version",
                      ask_version(found, *program.wanted));
        }
        if (!program.installable) {
            plan.findings.push_back({plan::Finding::Severity::warning, std::string(program.wanted->name),
                                     program.trouble, "", program.hint});
        }
    }
    return plan;
}

}  // namespace

Answer answer_prerequisites(const Prerequisites& found) {
    const std::vector<std::string> packages = missing_packages(found);
    const bool can = found.root && !found.apt_get.empty() && !found.env.empty();
    if (packages.empty() || !can) return view_prerequisites(found);
    return plan_install(found, packages);
}

}  // namespace flowlet::commands::setup
