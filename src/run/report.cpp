#include "run/forward.h"

namespace flowlet::run {
namespace {

void refuse_findings(const plan::Plan& plan) {
    std::vector<std::string> lines;
    std::string hint;
    for (const plan::Finding& finding : plan.findings) {
        if (finding.severity == plan::Finding::Severity::error) {
            const std::string place = finding.place.empty() ? "" : finding.place + ": ";
            const std::string object = finding.object.empty() ? "" : finding.object + ": ";
            lines.push_back(place + object + finding.message);
            hint = hint.empty() ? finding.hint : hint;
        }
    }
    if (!lines.empty()) {
        throw Error(Kind::precondition, join(lines, "\n"), hint);
    }
}

}  // namespace

Report begin_report(const plan::Plan& plan, std::span<Observer* const> observers, Time now) {
    plan::check(plan);
    refuse_findings(plan);
    Report report;
    report.subject = plan.subject;
    report.title = plan.title;
    report.digest = plan::digest(plan);
    report.changes = plan.changes.size();
    report.started = now;
    for (Observer* observer : observers) {
        observer->begin(plan, now);
    }
    return report;
}

void end_report(Report& report, std::span<Observer* const> observers, Time now) {
    report.took = between(report.started, now);
    for (Observer* observer : observers) {
        observer->end(report);
    }
}

}  // namespace flowlet::run
