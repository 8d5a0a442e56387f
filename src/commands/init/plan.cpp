#include <nlohmann/json.hpp>

#include "commands/init/init.h"

namespace flowlet::commands::init {
namespace {

/// Nobody but its owner may write it, or it is not believed.
constexpr std::uint32_t mode = 0644;
constexpr int created = 201;

void add_facts(const Facts& facts, plan::Plan& plan) {
    auto& said = plan.subject.facts;
    said.emplace_back("project", facts.project);
    if (!facts.charts.empty()) said.emplace_back("chart", facts.charts.front());
    if (!facts.manifests.empty()) said.emplace_back("manifests", facts.manifests);
    if (facts.backend) said.emplace_back("backend", facts.backend->folder);
    if (facts.frontend) said.emplace_back("frontend", facts.frontend->folder);
    if (facts.database) said.emplace_back("database", facts.database->from);
}

void add_findings(const Facts& facts, plan::Plan& plan) {
    using Severity = plan::Finding::Severity;
    if (!facts.above.empty()) {
        plan.findings.push_back({Severity::warning, "flowlet.yaml",
                                 "in this folder and below it will hide " + printable(facts.above), "", ""});
    }
    for (const std::string& note : facts.notes)
        plan.findings.push_back({Severity::note, "", note, "", ""});
}

}  // namespace

plan::Plan plan_file(const Facts& facts) {
    const std::string path = facts.root + (facts.root.ends_with('/') ? "" : "/") + "flowlet.yaml";
    const std::string content = render_file(facts);
    plan::Plan plan;
    plan.title = "init " + facts.project + " in " + printable(facts.root);
    plan.subject.command = "init";
    plan.effect = plan::Effect::files;
    plan::Step step;
    step.id = "write/flowlet.yaml";
    step.what = "write flowlet.yaml";
    step.action = plan::Write{path, content, mode};
    step.undo.push_back({"remove flowlet.yaml", plan::Erase{path, content}, created});
    plan.steps.push_back(std::move(step));
    plan::Change change;
    change.op = plan::Op::create;
    change.object = "flowlet.yaml";
    change.fields.push_back({"content", "", nlohmann::json(content).dump()});
    plan.changes.push_back(std::move(change));
    add_facts(facts, plan);
    add_findings(facts, plan);
    return plan;
}

}  // namespace flowlet::commands::init
