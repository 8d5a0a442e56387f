#include "commands/setup/prereqs.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/setup/prereqs_install.h"

namespace flowlet::commands::setup {
namespace {

using Verdict = Measured::Verdict;

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

Verdict judge(const Program& program) {
    if (program.state == Program::State::ok) return Verdict::ok;
    return program.wanted->need == Requirement::Need::required ? Verdict::error : Verdict::warning;
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
    const std::vector<std::string> packages = debian_packages(found);
    const std::string install = packages.empty() ? "" : render_install(packages);
    if (!install.empty())
        view.notes.push_back("all of Debian's at once: " + install + "  (or: flowletctl setup prereqs --sudo)");
    view.verdict = verdict_of(found);
    view.document = std::make_shared<const nlohmann::json>(
        nlohmann::json{{"apiVersion", "flowlet/v1"},
                       {"kind", "Prerequisites"},
                       {"verdict", view.verdict == Kind::ok ? "ok" : "incomplete"},
                       {"install", install},
                       {"prerequisites", list}});
    return view;
}

}  // namespace

Answer answer_prerequisites(const Prerequisites& found) {
    if (std::optional<plan::Plan> plan = plan_install(found)) return std::move(*plan);
    return view_prerequisites(found);
}

}  // namespace flowlet::commands::setup
