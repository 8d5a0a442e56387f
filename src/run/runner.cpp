#include <algorithm>

#include "run/forward.h"

namespace flowlet::run {
namespace {

/// What it would take back has been given another place by a step that succeeded.
bool is_moot(const plan::Step::Undo& back, const Forward& forward) {
    const auto& ended = forward.ended();
    return std::any_of(ended.begin(), ended.end(),
                       [&](const plan::Step* step) { return step->id == back.unless && forward.succeeded(*step); });
}

/// Takes back what was done and settles; fills the report's second half.
class Backward {
public:
    Backward(Performer& performer, const Audience& audience, const Forward& forward, Report& report)
        : performer_(performer), audience_(audience), forward_(forward), report_(report) {}

    /// False when something could not be taken back. `status` is what the step's own request was answered with.
    bool undo(const plan::Step& step, int status) {
        bool whole = true;
        for (const plan::Step::Undo& back : step.undo) {
            if (back.after_status && status != 0 && status != *back.after_status) {
                continue;
            }
            if (is_moot(back, forward_)) continue;
            if (back.if_whole && !whole_) {
                report_.left.push_back(back.what + ": not done, because something before it could not be taken back");
                continue;
            }
            whole = once("undo/" + step.id, back.what, back.action, State::undone) && whole;
            whole_ = whole_ && whole;
        }
        return whole;
    }

    bool settle(const plan::Step& step) { return once(step.id, step.what, step.action, State::done); }

private:
    bool once(const std::string& id, const std::string& what, const plan::Action& action, State good) {
        StepReport step;
        step.id = id;
        step.what = what;
        step.state = State::running;
        step.started = performer_.now();
        audience_.tell([&](Observer& observer) { observer.step_started(step, true); });
        const auto waiting = [&](const std::vector<std::string>& lines) {
            audience_.tell([&](Observer& observer) { observer.step_waiting(step, lines); });
        };
        const Result result = perform_safely(performer_, action, waiting);
        step.took = between(step.started, performer_.now());
        step.note = result.note;
        step.state = result.cause ? State::undo_failed : good;
        if (result.cause) {
            step.error = result.cause->message;
            const std::string next = result.cause->next.empty() ? "" : " (" + result.cause->next + ")";
            report_.left.push_back(what + ": " + step.error + next);
        } else if (!result.note.empty()) {
            report_.left.push_back(what + ": " + result.note);
        }
        audience_.tell([&](Observer& observer) { observer.step_ended(step, true); });
        report_.undone.push_back(step);
        return !result.cause;
    }

    Performer& performer_;
    const Audience& audience_;
    const Forward& forward_;
    Report& report_;
    bool whole_ = true;  ///< everything so far could be taken back
};

std::vector<const plan::Step*> newest_first(const std::vector<const plan::Step*>& steps) {
    return {steps.rbegin(), steps.rend()};
}

bool has_undo(const plan::Step& step, const Forward& forward) {
    return !step.always && std::any_of(step.undo.begin(), step.undo.end(),
                                       [&](const plan::Step::Undo& back) { return !is_moot(back, forward); });
}

bool is_something_to_take_back(const Forward& forward) {
    return std::any_of(forward.ended().begin(), forward.ended().end(),
                       [&](const plan::Step* step) { return has_undo(*step, forward); });
}

void take_back(const plan::Plan& plan, const Forward& forward, Backward& backward, Report& report) {
    bool whole = true;
    const auto& ended = forward.ended();
    for (const plan::Step* step : newest_first(ended)) {
        if (has_undo(*step, forward)) {
            whole = backward.undo(*step, forward.status(*step)) && whole;
        }
    }
    if (is_something_to_take_back(forward)) {
        for (const plan::Step& step : plan.settle) {
            whole = backward.settle(step) && whole;
        }
        report.outcome = whole ? Outcome::rolled_back : Outcome::rollback_failed;
    } else {
        const bool stopped = report.kind == Kind::interrupted || report.kind == Kind::terminated;
        report.outcome = stopped ? Outcome::cancelled : Outcome::failed;
    }
}

/// A lock that could not be taken is somebody else's: only what succeeded is released. That is no undo that anybody
/// waits to read of, so it is mentioned only when it fails.
void release(const Forward& forward, Performer& performer, Report& report) {
    const auto& ended = forward.ended();
    for (const plan::Step* step : newest_first(ended)) {
        if (step->always && forward.succeeded(*step)) {
            for (const plan::Step::Undo& back : step->undo) {
                const Result result = perform_safely(performer, back.action, [](const std::vector<std::string>&) {});
                if (result.cause) {
                    report.left.push_back(back.what + ": " + result.cause->message);
                }
            }
        }
    }
}

void perform(const plan::Plan& plan, Performer& performer, const Audience& audience, const Options& options,
             Report& report) {
    Forward forward(plan, performer, audience, options.parallel);
    forward.run();
    report.steps = forward.reports();
    report.workloads = forward.workloads();
    performer.undoing(true);
    Backward backward(performer, audience, forward, report);
    if (forward.failure()) {
        report.cause = forward.failure()->cause;
        report.kind = forward.failure()->kind;
        report.outcome = Outcome::failed;
        if (options.rollback) {
            if (is_something_to_take_back(forward)) {
                audience.tell([&](Observer& observer) { observer.rollback_started(*report.cause); });
            }
            take_back(plan, forward, backward, report);
        }
    }
    release(forward, performer, report);
    performer.undoing(false);
    if (forward.failure() || !plan.result) return;
    report.result = plan.result();
    report.kind = report.result.verdict;
}

}  // namespace

Report run(const plan::Plan& plan, Performer& performer, std::span<Observer* const> observers, const Options& options) {
    Report report = begin_report(plan, observers, performer.now());
    const Audience audience(observers);
    perform(plan, performer, audience, options, report);
    end_report(report, observers, performer.now());
    return report;
}

}  // namespace flowlet::run
