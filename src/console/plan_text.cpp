#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "console/page.h"
#include "console/text.h"

namespace flowlet::console {
namespace {

constexpr std::size_t fields_shown = 8;
constexpr std::size_t lines_a_kind = 12;
constexpr std::size_t names_shown = 5;
constexpr std::size_t value_width = 60;

struct OpLook {
    plan::Op op;
    std::string_view title;
    std::string_view sign;
    Ink ink;
};
constexpr auto op_looks = std::to_array<OpLook>({
    {plan::Op::create, "To create", "+ ", Ink::green},
    {plan::Op::update, "To update", "~ ", Ink::yellow},
    {plan::Op::remove, "To remove", "- ", Ink::red},
});

/// "Deployment/wallet in flowlet-core" in its parts.
struct Named {
    std::string kind;
    std::string name;
    std::string space;
};
Named parse_object(const std::string& object) {
    const std::size_t slash = object.find('/');
    const std::size_t in = object.find(" in ");
    if (slash == std::string::npos || (in != std::string::npos && in < slash)) return {"", object, ""};
    return {object.substr(0, slash), object.substr(slash + 1, in == std::string::npos ? in : in - slash - 1),
            in == std::string::npos ? "" : object.substr(in)};
}

std::string render_value(const std::string& value, const Look& look) {
    return value.empty() ? "(none)" : fit(one_line(value), value_width, sign(Sign::ellipsis, look));
}

void write_fields(Page& page, const std::vector<plan::FieldChange>& fields) {
    const Look& look = page.look();
    const std::string arrow = " " + sign(Sign::arrow, look) + " ";
    for (std::size_t i = 0; i < std::min(fields.size(), fields_shown); ++i) {
        const plan::FieldChange& field = fields[i];
        page.line({6, field.path + ": "}, render_value(field.before, look) + arrow + render_value(field.after, look));
    }
    if (fields.size() > fields_shown) {
        const std::size_t more = fields.size() - fields_shown;
        page.line({6},
                  sign(Sign::ellipsis, look) + " and " + std::to_string(more) + " more field" + (more == 1 ? "" : "s"));
    }
}

/// A file that is made is shown as it will stand there.
void write_content(Page& page, const std::vector<plan::FieldChange>& fields) {
    for (const plan::FieldChange& field : fields) {
        const nlohmann::json content = nlohmann::json::parse(field.after, nullptr, false);
        if (field.path == "content" && content.is_string()) page.lines({6}, content.get<std::string>());
    }
}

void write_one(Page& page, const OpLook& op, const plan::Change& change) {
    const std::string by = change.by.empty() ? "" : "  (" + change.by + ")";
    page.line({2, std::string(op.sign), op.ink}, change.object + by);
    if (change.op == plan::Op::update) write_fields(page, change.fields);
    if (change.op == plan::Op::create) write_content(page, change.fields);
}

using Group = std::vector<const plan::Change*>;

void write_group(Page& page, const OpLook& op, const Named& common, const Group& group) {
    std::vector<std::string> names;
    for (const plan::Change* const change : group) {
        if (names.size() < names_shown) names.push_back(parse_object(change->object).name);
    }
    names.push_back(sign(Sign::ellipsis, page.look()));
    page.line({2, std::string(op.sign), op.ink},
              std::to_string(group.size()) + " " + common.kind + common.space + ": " + join(names, ", "));
}

void write_changes(Page& page, const OpLook& op, const std::vector<plan::Change>& changes) {
    Group all;
    std::map<std::string, Group> groups;
    const auto group_of = [](const plan::Change& change) {
        const Named named = parse_object(change.object);
        return named.kind + named.space;
    };
    for (const plan::Change& change : changes) {
        if (change.op != op.op) continue;
        all.push_back(&change);
        groups[group_of(change)].push_back(&change);
    }
    if (all.empty()) return;
    page.gap();
    page.line({}, op.title, Ink::bold);
    for (const plan::Change* const change : all) {
        const Group& group = groups[group_of(*change)];
        const Named named = parse_object(change->object);
        const bool collapsed = op.op == plan::Op::create && !named.kind.empty() && group.size() > lines_a_kind;
        if (!collapsed) {
            write_one(page, op, *change);
        } else if (group.front() == change) {
            write_group(page, op, named, group);
        }
    }
}

Page::Lead severity_lead(plan::Finding::Severity severity) {
    switch (severity) {
        case plan::Finding::Severity::note:
            return {2, "note     ", Ink::dim};
        case plan::Finding::Severity::warning:
            return {2, "warning  ", Ink::yellow};
        case plan::Finding::Severity::error:
            return {2, "ERROR    ", Ink::red};
    }
    return {};
}

void write_findings(Page& page, const std::vector<plan::Finding>& findings) {
    if (findings.empty()) return;
    page.gap();
    page.line({}, "Findings", Ink::bold);
    for (const plan::Finding& finding : findings) {
        const std::string place = finding.place.empty() ? "" : finding.place + ": ";
        const std::string object = finding.object.empty() ? "" : finding.object + ": ";
        page.line(severity_lead(finding.severity), place + object + finding.message);
        if (!finding.hint.empty()) page.lines({11, "hint: "}, finding.hint);
    }
}

void write_steps(Page& page, const std::vector<plan::Step>& steps) {
    page.gap();
    page.line({}, "Steps", Ink::bold);
    const std::size_t digits = std::to_string(steps.size()).size();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const std::string number = std::to_string(i + 1);
        page.line({2 + digits - number.size(), number + ". "}, steps[i].what);
    }
}

std::string summary(const plan::Plan& plan) {
    if (plan.changes.empty() && plan.steps.empty()) {
        const std::string as = plan.unchanged == 1 ? " is as it should be." : " are as they should be.";
        return "Nothing to do" + (plan.unchanged == 0 ? "." : ": " + count(plan.unchanged, "object") + as);
    }
    if (plan.changes.empty()) return "Plan: " + count(plan.steps.size(), "step") + ".";
    const auto number = [&](plan::Op op) {
        return std::to_string(std::count_if(plan.changes.begin(), plan.changes.end(),
                                            [&](const plan::Change& change) { return change.op == op; }));
    };
    return "Plan: " + number(plan::Op::create) + " to create, " + number(plan::Op::update) + " to update, " +
           number(plan::Op::remove) + " to remove, " + std::to_string(plan.unchanged) + " unchanged.";
}

}  // namespace

std::string render(const plan::Plan& plan, const Look& look) {
    Page page(look);
    page.line({}, plan.title, Ink::bold);
    for (const OpLook& op : op_looks)
        write_changes(page, op, plan.changes);
    write_findings(page, plan.findings);
    // Without a change to show, the steps are what there is to see.
    if (plan.changes.empty() && !plan.steps.empty()) write_steps(page, plan.steps);
    page.gap();
    if (!plan.changes.empty() && plan.unchanged > 0) {
        page.line({}, count(plan.unchanged, "object") + " unchanged");
        page.gap();
    }
    page.line({}, summary(plan), Ink::bold);
    return page.take();
}

}  // namespace flowlet::console
