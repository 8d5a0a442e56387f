#include "stack/supervisor.h"

#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>

#include "stack/readiness.h"

namespace flowlet::stack {
namespace {

using More = host::Keeper::More;
using services::State;

constexpr int ok = 200;
constexpr int accepted = 202;
constexpr int bad = 400;
constexpr int not_there = 404;
constexpr int conflict = 409;

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

}  // namespace

Supervisor::Supervisor(const plan::Plan& plan, host::Host& host, std::span<run::Observer* const> observers, Time now)
    : host_(host),
      plan_(plan),
      observers_(observers),
      keeps_(keeps_of(plan)),
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
    if (!wanted.empty() && lines.find(wanted) != std::string_view::npos) machine_.heard(number, now);
}

void Supervisor::on_ended(int number, const host::Ending& ending, Time now) {
    machine_.ended(number, ending, keeper_->members(number).size(), now);
}

void Supervisor::on_emptied(int number, Time now) {
    machine_.emptied(number, now);
    write_record();
}

/// A negative number: the program that is run before the signal has ended, whatever came of it.
void Supervisor::on_looked(int number, const std::string& why, Time now) {
    if (number < 0) {
        if (const auto service = machine_.find(-number)) keeper_->signal(-number, keep(*service).stop_signal);
        return;
    }
    const auto service = machine_.find(number);
    if (!service) return;
    if (!why.empty()) return machine_.looked(number, why, now);
    const plan::Keep& kept = keep(*service);
    const std::string stranger =
        kept.ports.empty() ? "" : find_stranger(kept, host_.listeners(kept.ports), keeper_->members(number));
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
            return machine_.survived(order.service, names_of(keeper_->members(machine_.number(order.service))), now);
    }
}

void Supervisor::start(std::size_t service, Time now) {
    try {
        const int number = keeper_->start(keep(service).launch);
        machine_.started(service, number, keeper_->leader(number).pid, now);
    } catch (const Error& error) {
        machine_.not_started(service, error.what(), now);
    }
    write_record();
}

void Supervisor::signal(std::size_t service, int signal) {
    const plan::Keep& kept = keep(service);
    const int number = machine_.number(service);
    if (!kept.stop_command || signal == SIGKILL) return keeper_->signal(number, signal);
    keeper_->look(-number, [this, command = *kept.stop_command] { return host_.run(command).err; });
}

/// Whoever comes after our death has to know whom we started. Not to be able to write it is no reason to stop: whatever
/// we start is marked, too.
void Supervisor::write_record() {
    services::Record record{boot_, self_, {}};
    for (std::size_t i = 0; i < keeps_.size(); ++i) {
        if (machine_.number(i) == 0) continue;
        record.started.push_back({keep(i).service, keeper_->leader(machine_.number(i)), keep(i).grace});
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
    const bool not_begun = before.state == State::waiting && now.state == State::failed;
    const bool broken = is_up(before.state) && !is_up(now.state) && !now.why.empty();
    const bool cut = before.state == State::starting && !is_up(now.state) && now.why.empty();
    report.note = cut ? "stopped before it was ready" : "";
    if (now.state == State::ready || broken || not_begun || cut) {
        report.state = now.state == State::ready ? run::State::done : run::State::failed;
        if (cut) report.state = run::State::skipped;
        report.took = now.state == State::ready ? now.took : std::chrono::floor<Millis>(now.since - report.started);
        report.error = now.state == State::ready ? "" : now.why;
        for (run::Observer* observer : observers_)
            observer->step_ended(report, false);
    }
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
