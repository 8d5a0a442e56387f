// run: performs any Plan through one Performer, tells observers, takes back what it did when a step fails.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host.h"
#include "flowlet/plan.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::run {

// ---- what happened ---------------------------------------------------------------------------------------------

enum class State { pending, running, done, failed, skipped, undone, undo_failed };
std::string_view name(State state);

struct StepReport {
    std::string id;
    std::string what;
    State state = State::pending;
    Time started{};
    Millis took{0};
    std::string error;  ///< what went wrong, with the tool's own words; printable
    std::string note;   ///< "kept: it holds PersistentVolumeClaims"
};

enum class Outcome { succeeded, failed, rolled_back, rollback_failed, cancelled };
std::string_view name(Outcome outcome);

struct Report {
    plan::Subject subject;
    std::string title;
    Outcome outcome = Outcome::succeeded;
    Kind kind = Kind::ok;  ///< what the exit code is made of
    std::vector<StepReport> steps;
    std::vector<StepReport> undone;    ///< in the order in which they were taken back, then the settling steps
    std::optional<plan::Cause> cause;  ///< the first failure; a failing rollback never replaces it
    std::vector<plan::Waiter::Row> workloads;
    std::vector<std::string> left;  ///< what could not be taken back, each with what to do
    std::string digest;             ///< of the plan
    Time started{};
    Millis took{0};
    std::size_t changes = 0;
    plan::Result result;  ///< of a plan that succeeded and has one
};

// ---- performers ------------------------------------------------------------------------------------------------

/// What an action came to. No cause: it succeeded.
struct Result {
    std::optional<plan::Cause> cause;
    Kind kind = Kind::failed;  ///< when there is a cause
    std::string note;
    int status = 0;  ///< of the request's answer, 0 if none came
    std::vector<plan::Waiter::Row> workloads;
};

/// Told by a performer while an action waits. May be called from any thread.
using Waiting = std::function<void(const std::vector<std::string>& lines)>;

class Performer {
public:
    virtual ~Performer() = default;
    /// Never throws for what the action did; an Error that escapes is a bug or an interrupt.
    virtual Result perform(const plan::Action& action, const Waiting& waiting) = 0;
    /// Called before the first and after the last undo.
    virtual void undoing(bool begin) = 0;
    [[nodiscard]] virtual Time now() const = 0;
    /// The signal that asks to stop, or 0.
    [[nodiscard]] virtual int stop_signal() const = 0;
};

/// Does it, on the host.
std::unique_ptr<Performer> make_performance(host::Host& host, host::Interrupt* interrupt);
/// Does nothing and succeeds: --dry-run.
std::unique_ptr<Performer> make_rehearsal(const host::Probe& probe);

// ---- observers -------------------------------------------------------------------------------------------------

/// Told of everything, one call at a time. `begin` may throw to keep the plan from running at all; the others may not
/// throw.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void begin(const plan::Plan& plan, Time now) { (void)plan, (void)now; }
    virtual void step_started(const StepReport& step, bool undo) { (void)step, (void)undo; }
    virtual void step_waiting(const StepReport& step, const std::vector<std::string>& lines) {
        (void)step, (void)lines;
    }
    virtual void step_ended(const StepReport& step, bool undo) { (void)step, (void)undo; }
    /// Whole lines that the service of that step said.
    virtual void step_said(const StepReport& step, std::string_view lines) { (void)step, (void)lines; }
    virtual void rollback_started(const plan::Cause& cause) { (void)cause; }
    /// May change `report.kind` (done, but unaudited) and add to `report.left`.
    virtual void end(Report& report) { (void)report; }
};

/// What comes before the first step, whichever engine performs them: checks the plan, refuses one that holds findings
/// of severity error, lets the observers begin. Throws what keeps the plan from being performed.
Report begin_report(const plan::Plan& plan, std::span<Observer* const> observers, Time now);
/// What comes after the last: the observers may change it still.
void end_report(Report& report, std::span<Observer* const> observers, Time now);

// ---- the runner ------------------------------------------------------------------------------------------------

struct Options {
    std::size_t parallel = 8;  ///< steps under way at once
    bool rollback = true;      ///< take back what was done when a step fails
};

/// Starts every step whose `after` is done. On the first failure nothing new is started, what is under way is awaited,
/// and the undos run backwards in the order in which the steps ended. On a signal likewise. Findings of severity error,
/// a plan that is no graph, or an observer's `begin` that throws: nothing is performed and the Error is thrown on.
Report run(const plan::Plan& plan, Performer& performer, std::span<Observer* const> observers, const Options& options);

}  // namespace flowlet::run
