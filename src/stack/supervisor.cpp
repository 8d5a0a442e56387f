#include "stack/supervisor.h"

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "stack/readiness.h"
#include "stack/specs.h"
#include "stack/words.h"

namespace flowlet::stack {
namespace {

using More = host::Keeper::More;
using services::State;

constexpr int ok = 200;
constexpr int accepted = 202;
constexpr int bad = 400;
constexpr int not_there = 404;
constexpr int conflict = 409;

std::string complaint(const std::string& message) {
    return nlohmann::json{{"message", printable(message)}}.dump() + "\n";
}

std::string names_of(const std::vector<host::ProcessInfo>& processes) {
    std::vector<std::string> names;
    for (const host::ProcessInfo& process : processes)
        names.push_back(render(process));
    return join(names, ", ");
}

bool is_up(State state) {
    return state == State::starting || state == State::ready;
}

/// What came of a start. False: nothing yet, or nothing new.
bool note_outcome(run::StepReport& report, const services::Status& before, const services::Status& now) {
    const bool ready = now.state == State::ready;
    const bool went_down = is_up(before.state) && !is_up(now.state);
    const bool not_begun = before.state == State::waiting && now.state == State::failed;
    const bool broken = not_begun || (went_down && !now.why.empty());
    const bool cut = went_down && before.state == State::starting && now.why.empty();
    report.note = cut ? "stopped before it was ready" : "";
    if (!ready && !broken && !cut) return false;
    report.state = ready ? run::State::done : cut ? run::State::skipped : run::State::failed;
    report.took = ready ? now.took : std::chrono::floor<Millis>(now.since - report.started);
    report.error = ready ? "" : now.why;
    return true;
}

}  // namespace

Supervisor::Supervisor(const plan::Plan& plan, host::Host& host, std::span<run::Observer* const> observers, Time now)
    : host_(host),
      plan_(plan),
      observers_(observers),
      keeps_(keeps_of(plan)),
      leaders_(keeps_.size()),
      machine_(specs_of(plan), now),
      journal_(host, *plan.stack),
      since_(now),
      self_(host.self()),
      boot_(host.boot()),
      reports_(reports_of(plan)),
      told_(machine_.statuses()) {}

void Supervisor::begin(host::Keeper& keeper, Time now) {
    (void)now;
    keeper_ = &keeper;
    write_record();
}

// ---- events --------------------------------------------------------------------------------------------------------

void Supervisor::on_said(int number, std::string_view lines, Time now) {
    const auto service = machine_.find(number);
    if (!service) return;
    journal_.add(*keeper_, keep(*service).service, lines, now);
    for (run::Observer* observer : observers_)
        observer->step_said(reports_[*service], lines);
    const std::string& wanted = keep(*service).ready.log;
    if (!wanted.empty() && machine_.listens(number) && is_said(wanted, lines)) machine_.heard(number, now);
}

void Supervisor::on_ended(int number, const host::Ending& ending, Time now) {
    machine_.ended(number, ending, keeper_->members(number).size(), now);
}

/// Where something of it runs elsewhere, that has to be stopped, too, before it counts as down.
void Supervisor::on_emptied(int number, Time now) {
    const auto service = machine_.find(number);
    if (!service) return;
    if (keep(*service).stop_command) {
        begin_parting(*service);
        Parting& parting = partings_[number];
        parting.empty = true;
        if (parting.over && parting.killed) ask_to_part(*service);
        if (!parting.over) return;
    }
    part(*service, now);
}

void Supervisor::part(std::size_t service, Time now) {
    const int number = machine_.number(service);
    const std::string why = partings_[number].why;
    partings_.erase(number);
    if (why.empty()) {
        machine_.emptied(number, now);
    } else {
        machine_.survived(service, "what it started elsewhere may run still: " + why, now);
    }
    write_record();
}

/// A negative number: the stop command of that start has ended.
void Supervisor::on_parted(int number, const std::string& why, Time now) {
    const auto service = machine_.find(number);
    if (!service) return;
    Parting& parting = partings_[number];
    parting.over = true;
    parting.why = why;
    if (parting.empty) return part(*service, now);
    keeper_->signal(number, keep(*service).stop_signal);
}

void Supervisor::on_looked(int number, const std::string& why, Time now) {
    if (number < 0) return on_parted(-number, why, now);
    const auto service = machine_.find(number);
    if (!service) return;
    if (!why.empty()) return machine_.looked(number, why, now);
    const plan::Keep& kept = keep(*service);
    const std::string stranger = kept.ports.empty() || kept.elsewhere
                                     ? ""
                                     : find_stranger(kept, host_.listeners(kept.ports), keeper_->members(number));
    if (stranger.empty()) {
        machine_.looked(number, "", now);
    } else {
        machine_.refused(number, stranger, now);
    }
}

void Supervisor::on_call(const host::Call& call, Time now) {
    const auto ask = services::parse_ask(call.method, call.path);
    if (!ask) return keeper_->answer(call.caller, bad, complaint("there is no such request"), More::last);
    try {
        answer_ask(call.caller, *ask, now);
    } catch (const Error& error) {
        const int status = error.kind() == Kind::usage ? not_there : conflict;
        keeper_->answer(call.caller, status, complaint(error.what()), More::last);
    }
}

void Supervisor::answer_ask(int caller, const services::Ask& ask, Time now) {
    using services::Verb;
    switch (ask.verb) {
        case Verb::look:
            return keeper_->answer(caller, ok, render_snapshot(snapshot()) + "\n", More::last);
        case Verb::follow:
            followers_.insert(caller);
            return keeper_->answer(caller, ok, render_snapshot(snapshot()) + "\n", More::more);
        case Verb::logs:
            return journal_.follow(*keeper_, caller, ask.services, now);
        case Verb::start:
        case Verb::stop:
        case Verb::restart:
            machine_.ask(ask, now);
            return keeper_->answer(caller, accepted, render_snapshot(snapshot()) + "\n", More::last);
    }
}

void Supervisor::on_left(int caller) {
    followers_.erase(caller);
    journal_.forget(caller);
}

void Supervisor::on_signal(int signal, Time now) {
    machine_.interrupted(signal, now);
}

std::optional<Time> Supervisor::next(Time now) {
    publish(now);
    for (std::vector<Order> orders = machine_.orders(now); !orders.empty(); orders = machine_.orders(now)) {
        for (const Order& order : orders)
            perform(order, now);
        publish(now);
    }
    publish(now);
    if (!machine_.over()) return machine_.next();
    close();
    return std::nullopt;
}

// ---- orders --------------------------------------------------------------------------------------------------------

void Supervisor::perform(const Order& order, Time now) {
    switch (order.what) {
        case Order::What::start:
            return start(order.service, now);
        case Order::What::look:
            return keeper_->look(machine_.number(order.service), make_look(host_, keep(order.service)));
        case Order::What::signal:
            return signal(order.service, order.signal);
        case Order::What::name_survivors:
            return name_survivors(order.service, now);
    }
}

void Supervisor::start(std::size_t service, Time now) {
    try {
        const int number = keeper_->start(keep(service).launch);
        leaders_[service] = keeper_->leader(number);
        machine_.started(service, number, leaders_[service].pid, now);
    } catch (const Error& error) {
        machine_.not_started(service, error.what(), now);
    }
    write_record();
}

void Supervisor::signal(std::size_t service, int signal) {
    const int number = machine_.number(service);
    if (const auto parting = partings_.find(number); parting != partings_.end() && signal == SIGKILL) {
        parting->second.killed = true;
    }
    const bool at_once = !keep(service).stop_command || signal == SIGKILL || partings_.contains(number);
    return at_once ? keeper_->signal(number, signal) : begin_parting(service);
}

void Supervisor::begin_parting(std::size_t service) {
    if (partings_.try_emplace(machine_.number(service)).second) ask_to_part(service);
}

/// Once more for one that was killed: it may have started something meanwhile.
void Supervisor::ask_to_part(std::size_t service) {
    const int number = machine_.number(service);
    partings_[number].over = false;
    partings_[number].killed = false;
    keeper_->look(-number,
                  [this, command = *keep(service).stop_command] { return complaint_of(command, host_.run(command)); });
}

void Supervisor::name_survivors(std::size_t service, Time now) {
    const std::vector<host::ProcessInfo> left = keeper_->members(machine_.number(service));
    machine_.survived(
        service, left.empty() ? "its stop command has not ended" : "killed, and still there: " + names_of(left), now);
}

/// Whoever comes after our death has to know whom we started. Not to be able to write it is no reason to stop: whatever
/// we start is marked, too.
void Supervisor::write_record() {
    services::Record record{boot_, self_, {}};
    for (std::size_t i = 0; i < keeps_.size(); ++i) {
        if (machine_.number(i) == 0) continue;
        record.started.push_back({keep(i).service, leaders_[i], keep(i).grace, keep(i).stop_command.has_value()});
    }
    try {
        keeper_->note(services::record_name, render_record(record));
    } catch (const Error&) {
        return;
    }
}

// ---- telling -------------------------------------------------------------------------------------------------------

services::Snapshot Supervisor::snapshot() const {
    services::Snapshot snapshot{plan_.stack->project, self_, since_, machine_.statuses(), machine_.ending(), {}, {}};
    if (const auto& failure = machine_.failure()) {
        snapshot.failed = keep(failure->service).service;
        snapshot.words = journal_.last(snapshot.failed);
    }
    return snapshot;
}

void Supervisor::publish(Time now) {
    (void)now;
    std::vector<services::Status> statuses = machine_.statuses();
    if (statuses == told_) return;
    for (std::size_t i = 0; i < statuses.size(); ++i)
        tell_change(i, told_[i], statuses[i]);
    told_ = std::move(statuses);
    const std::string line = render_snapshot(snapshot()) + "\n";
    for (const int caller : followers_)
        keeper_->answer(caller, ok, line, More::more);
}

void Supervisor::tell_change(std::size_t service, const services::Status& before, const services::Status& now) {
    if (before.state == now.state) return;
    run::StepReport& report = reports_[service];
    if (now.state == State::starting) {
        report.state = run::State::running;
        report.started = now.since;
        report.error.clear();
        for (run::Observer* observer : observers_)
            observer->step_started(report, false);
    }
    if (note_outcome(report, before, now)) {
        for (run::Observer* observer : observers_)
            observer->step_ended(report, false);
    }
    tell_stop(before, now);
}

void Supervisor::tell_stop(const services::Status& before, const services::Status& now) {
    run::StepReport down;
    down.id = "stop/" + now.service;
    down.what = "stop " + now.service;
    down.started = before.since;
    if (now.state == State::stopping) {
        down.started = now.since;
        for (run::Observer* observer : observers_)
            observer->step_started(down, true);
    }
    if (before.state == State::stopping) {
        down.state = run::State::undone;
        down.took = std::chrono::floor<Millis>(now.since - before.since);
        for (run::Observer* observer : observers_)
            observer->step_ended(down, true);
    }
}

void Supervisor::close() {
    const std::string line = render_snapshot(snapshot()) + "\n";
    for (const int caller : followers_)
        keeper_->answer(caller, ok, line, More::last);
    followers_.clear();
    journal_.end(*keeper_);
}

void Supervisor::conclude(run::Report& report) const {
    report.steps = reports_;
    report.left = machine_.survivors();
    if (!journal_.complaint().empty()) report.left.push_back("logs: " + journal_.complaint());
    if (machine_.signal() != 0) {
        report.kind = machine_.signal() == SIGINT ? Kind::interrupted : Kind::terminated;
        report.outcome = run::Outcome::cancelled;
    }
    if (plan_.result && machine_.survivors().empty()) report.result = plan_.result();
    if (const auto& failure = machine_.failure()) {
        const plan::Keep& kept = keep(failure->service);
        plan::Cause cause;
        cause.object = "service " + kept.service;
        cause.reason = failure->timed_out ? "NotReady" : "Failed";
        cause.message = failure->why;
        cause.log = journal_.last(kept.service);
        cause.next = "all it said: flowletctl logs " + kept.service;
        report.cause = std::move(cause);
        report.kind = failure->timed_out ? Kind::timeout : Kind::unhealthy;
        report.outcome = run::Outcome::rolled_back;
    }
    if (!machine_.survivors().empty()) {
        report.kind = Kind::failed;
        report.outcome = run::Outcome::rollback_failed;
    }
}

}  // namespace flowlet::stack
