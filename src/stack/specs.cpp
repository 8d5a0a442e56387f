#include "stack/specs.h"

#include <map>
#include <string>
#include <variant>

#include "stack/readiness.h"

namespace flowlet::stack {

std::vector<const plan::Keep*> keeps_of(const plan::Plan& plan) {
    std::vector<const plan::Keep*> keeps;
    for (const plan::Step& step : plan.steps) {
        if (const auto* const keep = std::get_if<plan::Keep>(&step.action)) keeps.push_back(keep);
    }
    return keeps;
}

std::vector<Spec> specs_of(const plan::Plan& plan) {
    std::map<std::string, std::string> services;  // by the id of its step
    for (const plan::Step& step : plan.steps) {
        if (const auto* const keep = std::get_if<plan::Keep>(&step.action)) services[step.id] = keep->service;
    }
    std::vector<Spec> specs;
    for (const plan::Step& step : plan.steps) {
        const auto* const keep = std::get_if<plan::Keep>(&step.action);
        if (keep == nullptr) continue;
        Spec spec;
        spec.name = keep->service;
        for (const std::string& id : step.after) {
            if (services.contains(id)) spec.after.push_back(services[id]);
        }
        spec.wanted = keep->wanted;
        spec.looks = has_look(keep->ready);
        spec.listens_to = !keep->ready.log.empty();
        spec.ready_within = keep->ready.timeout;
        spec.restart = keep->restart;
        spec.stop_signal = keep->stop_signal;
        spec.grace = keep->grace;
        specs.push_back(std::move(spec));
    }
    return specs;
}

std::vector<run::StepReport> reports_of(const plan::Plan& plan) {
    std::vector<run::StepReport> reports;
    for (const plan::Step& step : plan.steps) {
        if (!std::holds_alternative<plan::Keep>(step.action)) continue;
        run::StepReport report;
        report.id = step.id;
        report.what = step.what;
        reports.push_back(std::move(report));
    }
    return reports;
}

}  // namespace flowlet::stack
