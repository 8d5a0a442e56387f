#include <algorithm>
#include <array>

#include "console/page.h"
#include "console/text.h"

namespace flowlet::console {
namespace {

constexpr std::size_t undone_shown = 12;

struct Past {
    std::string_view verb;
    std::string_view past;
};
constexpr auto pasts = std::to_array<Past>({
    {"deploy", "deployed"},
    {"rollback", "rolled back"},
    {"backup", "backed up"},
    {"restore", "restored"},
    {"verify", "verified"},
    {"schedule", "scheduled"},
    {"unschedule", "unscheduled"},
    {"start", "started"},
    {"stop", "stopped"},
    {"restart", "restarted"},
});

bool succeeded(const run::Report& report) {
    return report.outcome == run::Outcome::succeeded;
}

/// "deploy flowlet to staging" → "deployed flowlet to staging"; a title without such a verb: "… done".
std::string past_title(const run::Report& report) {
    for (const Past& past : pasts) {
        const std::string start = std::string(past.verb) + " ";
        if (report.title.starts_with(start)) return std::string(past.past) + " " + report.title.substr(start.size());
    }
    return report.title + ": done";
}

void write_workloads(Page& page, const std::vector<plan::Waiter::Row>& rows) {
    for (const plan::Waiter::Row& row : rows) {
        if (!row.ready)
            page.line({2, sign(Sign::warning, page.look()) + " ", Ink::yellow}, row.object + ": " + row.state);
    }
}

void write_undone(Page& page, const run::Report& report) {
    std::vector<std::string> good;
    for (const run::StepReport& step : report.undone) {
        if (step.state != run::State::undo_failed) good.push_back(step.what);
    }
    if (good.empty()) return;
    page.gap();
    page.line({}, "Taken back", Ink::bold);
    for (std::size_t i = 0; i < std::min(good.size(), undone_shown); ++i) {
        page.line({2, sign(Sign::ok, page.look()) + " ", Ink::green}, good[i]);
    }
    if (good.size() > undone_shown) {
        page.line({2},
                  sign(Sign::ellipsis, page.look()) + " and " + count(good.size() - undone_shown, "step") + " more");
    }
}

/// What stayed: what the runner says is left, and each undo that failed and is not among it.
std::vector<std::string> stayed(const run::Report& report) {
    std::vector<std::string> lines = report.left;
    for (const run::StepReport& step : report.undone) {
        if (step.state != run::State::undo_failed) continue;
        const bool said = std::any_of(report.left.begin(), report.left.end(),
                                      [&](const std::string& line) { return line.starts_with(step.what); });
        if (!said) lines.push_back(step.what + ": " + step.error);
    }
    return lines;
}

void write_stayed(Page& page, const run::Report& report, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    page.gap();
    page.line({}, succeeded(report) ? "Left to do" : "NOT taken back", Ink::red);
    for (const std::string& line : lines)
        page.lines({2, sign(Sign::fail, page.look()) + " ", Ink::red}, line, Ink::red);
}

std::string success_summary(const run::Report& report) {
    const auto ready = static_cast<std::size_t>(
        std::count_if(report.workloads.begin(), report.workloads.end(), [](const auto& row) { return row.ready; }));
    std::string text = past_title(report) + " in " + render_took(report.took) + ": ";
    if (!report.workloads.empty()) text += count(ready, "workload") + " ready, ";
    if (!report.result.text.empty()) {
        text += report.result.text;
    } else {
        text += report.changes == 0 ? "nothing changed" : count(report.changes, "change");
    }
    for (const auto& [name, value] : report.subject.facts) {
        if (name == "audit record") text += ", audit record " + value;
    }
    return text;
}

std::string failure_summary(const run::Report& report, bool something_stayed) {
    const auto done = std::count_if(report.steps.begin(), report.steps.end(),
                                    [](const run::StepReport& step) { return step.state == run::State::done; });
    const std::string steps = std::to_string(done) + " of " + count(report.steps.size(), "step") + " had been done";
    const std::string after = " after " + render_took(report.took);
    switch (report.outcome) {
        case run::Outcome::rolled_back:
            return report.title + ": FAILED" + after + "; what it had done was taken back" +
                   (something_stayed ? ", except for what is listed above" : "");
        case run::Outcome::rollback_failed:
            return report.title + ": FAILED" + after + "; NOT all of what it had done could be taken back, see above";
        case run::Outcome::cancelled:
            return report.title + ": STOPPED" + after + "; " +
                   (report.result.text.empty() ? steps : report.result.text);
        default:
            return report.title + ": FAILED" + after + "; " + steps + ", nothing was taken back";
    }
}

void write_summary(Page& page, const run::Report& report, bool something_stayed) {
    page.gap();
    const Look& look = page.look();
    if (!succeeded(report)) {
        page.line({0, sign(Sign::fail, look) + " ", Ink::red}, failure_summary(report, something_stayed), Ink::bold);
        if (report.kind == Kind::unaudited) page.line({2}, "its outcome is NOT in the audit log", Ink::red);
        return;
    }
    page.line({0, sign(Sign::ok, look) + " ", Ink::green}, success_summary(report));
    if (report.kind == Kind::unaudited) {
        page.line({0, sign(Sign::fail, look) + " ", Ink::red}, "it was done, but its outcome is NOT in the audit log",
                  Ink::bold);
    } else if (report.kind != Kind::ok) {
        page.line({0, sign(Sign::warning, look) + " ", Ink::yellow},
                  "with a reservation: " + std::string(name(report.kind)));
    }
}

}  // namespace

std::string render(const run::Report& report, const Look& look) {
    Page page(look);
    write_workloads(page, succeeded(report) ? report.workloads : std::vector<plan::Waiter::Row>{});
    // At the end of a success only locks are released, which is no news.
    if (!succeeded(report)) write_undone(page, report);
    const std::vector<std::string> lines = stayed(report);
    write_stayed(page, report, lines);
    write_summary(page, report, !lines.empty());
    std::string rest = page.take();
    if (!report.cause) return rest;
    return render(*report.cause, look) + "\n" + rest;
}

}  // namespace flowlet::console
