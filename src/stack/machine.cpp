#include "stack/machine.h"

#include <algorithm>
#include <csignal>

#include "stack/words.h"

namespace flowlet::stack {
namespace {

using services::State;

/// A refusal costs next to nothing, so it is tried often; what answers is spared.
constexpr Millis first_pause{20};
constexpr Millis longest_pause{1000};
constexpr Millis patience_with_the_kernel{5000};
constexpr Millis first_backoff{100};
constexpr Millis longest_backoff{10000};

bool is_running(State state) {
    return state == State::starting || state == State::ready;
}

}  // namespace

Machine::Machine(std::vector<Spec> specs, Time now) {
    for (const Spec& spec : specs)
        names_.push_back(spec.name);
    for (Spec& spec : specs) {
        Service service;
        service.spec = std::move(spec);
        for (const std::string& name : service.spec.after)
            service.after.push_back(index_of(name));
        service.since = now;
        services_.push_back(std::move(service));
    }
    for (std::size_t i = 0; i < services_.size(); ++i) {
        if (services_[i].spec.wanted) want(i, now);
    }
}

std::size_t Machine::index_of(const std::string& name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) throw Error(Kind::usage, "there is no service " + printable(name));
    return static_cast<std::size_t>(found - names_.begin());
}

std::optional<std::size_t> Machine::find(int number) const {
    for (std::size_t i = 0; i < services_.size(); ++i) {
        if (number != 0 && services_[i].number == number) return i;
    }
    return std::nullopt;
}

bool Machine::listens(int number) const {
    const auto found = find(number);
    return found && !services_[*found].heard;
}

Machine::Service* Machine::running(int number) {
    const auto found = find(number);
    return found ? &services_[*found] : nullptr;
}

void Machine::enter(Service& service, State state, Time now) {
    service.state = state;
    service.since = now;
}

/// With all it is after, also where it is wanted itself already: one of those may have been stopped since.
void Machine::want(std::size_t index, Time now) {
    std::vector<std::size_t> line = {index};
    for (std::size_t i = 0; i < line.size(); ++i) {
        lift(services_[line[i]], now);
        for (const std::size_t other : services_[line[i]].after) {
            if (std::find(line.begin(), line.end(), other) == line.end()) line.push_back(other);
        }
    }
}

void Machine::lift(Service& service, Time now) {
    if (service.goal != Goal::down) return;
    service.goal = service.number != 0 && service.state == State::stopping ? Goal::cycle : Goal::up;
    service.failed = false;
    if (service.number == 0) {
        enter(service, State::waiting, now);
        service.start_at = now;
        service.why.clear();
    }
}

// ---- events --------------------------------------------------------------------------------------------------------

void Machine::started(std::size_t index, int number, int pid, Time now) {
    Service& service = services_[index];
    service.number = number;
    service.pid = pid;
    service.started = now;
    service.looking = false;
    service.saw = !service.spec.looks;
    service.heard = !service.spec.listens_to;
    service.killed = false;
    service.signal_due = false;
    service.pause = first_pause;
    service.look_at = service.saw ? Time::max() : now;
    service.ready_by = now + service.spec.ready_within;
    enter(service, State::starting, now);
    settle(service, now);
}

void Machine::not_started(std::size_t index, const std::string& why, Time now) {
    fail(services_[index], why, now);
    enter(services_[index], State::failed, now);
}

void Machine::settle(Service& service, Time now) {
    if (service.state != State::starting || !service.saw || !service.heard) return;
    service.took = std::chrono::floor<Millis>(now - service.started);
    service.ready_by = Time::max();
    service.look_at = Time::max();
    service.why.clear();
    enter(service, State::ready, now);
}

void Machine::looked(int number, const std::string& why, Time now) {
    Service* const service = running(number);
    if (service == nullptr) return;
    service->looking = false;
    if (service->state != State::starting) return;
    service->saw = why.empty();
    service->why = why;
    const bool refused = is_refusal(why);
    service->look_at = service->saw ? Time::max() : now + (refused ? first_pause : service->pause);
    if (!refused) service->pause = std::min(service->pause * 2, longest_pause);
    settle(*service, now);
}

void Machine::refused(int number, const std::string& why, Time now) {
    Service* const service = running(number);
    if (service == nullptr) return;
    service->looking = false;
    if (service->state != State::starting) return;
    service->look_at = now + longest_pause;
    if (service->goal == Goal::up) fail(*service, why, now);
}

void Machine::heard(int number, Time now) {
    Service* const service = running(number);
    if (service == nullptr) return;
    service->heard = true;
    settle(*service, now);
}

void Machine::ended(int number, const host::Ending& ending, std::size_t left, Time now) {
    Service* const service = running(number);
    if (service == nullptr) return;
    service->pid = 0;
    if (service->state == State::stopping) return;
    const bool on_its_own = service->goal == Goal::up;
    service->why = describe(ending, left, service->state == State::starting);
    enter(*service, State::stopping, now);
    service->signal_due = left > 0;  // whoever it left behind goes, too
    service->kill_at = now + service->spec.grace;
    service->ready_by = service->look_at = Time::max();
    if (!on_its_own) return;
    const bool in_background = left > 0 && ending.code == 0;
    if (!in_background && may_restart(*service, ending, now)) {
        service->goal = Goal::cycle;
        service->restarts.push_back(now);
        ++service->restarted;
        return;
    }
    fail(*service, service->why, now);
}

bool Machine::may_restart(Service& service, const host::Ending& ending, Time now) const {
    using Policy = plan::Restart::Policy;
    const plan::Restart& restart = service.spec.restart;
    if (ending_ || restart.policy == Policy::never) return false;
    if (restart.policy == Policy::on_failure && ending.code == 0) return false;
    std::erase_if(service.restarts, [&](Time time) { return time + restart.within <= now; });
    if (service.restarts.size() < static_cast<std::size_t>(restart.budget)) return true;
    service.why += ", and was started again " + std::to_string(restart.budget) + " times within " +
                   render_duration(restart.within) + " already";
    return false;
}

void Machine::emptied(int number, Time now) {
    Service* const service = running(number);
    if (service == nullptr) return;
    service->number = 0;
    service->pid = 0;
    service->kill_at = service->give_up_at = Time::max();
    if (service->goal == Goal::cycle && !ending_) {
        const std::size_t count = service->restarts.size();
        const Millis backoff = count == 0 ? Millis{0} : first_backoff * (1L << std::min<std::size_t>(count - 1, 10));
        service->goal = Goal::up;
        service->start_at = now + std::min(backoff, longest_backoff);
        return enter(*service, State::waiting, now);
    }
    service->goal = Goal::down;
    enter(*service, service->failed ? State::failed : State::stopped, now);
}

void Machine::survived(std::size_t index, const std::string& why, Time now) {
    Service& service = services_[index];
    survivors_.push_back(service.spec.name + ": " + why);
    if (service.goal != Goal::down) fail(service, why, now);  // a second copy beside it does harm
    service.why = service.failed && service.why != why ? service.why + "; " + why : why;
    service.failed = true;
    emptied(service.number, now);
}

void Machine::fail(Service& service, const std::string& why, Time now) {
    service.failed = true;
    service.why = why;
    service.goal = Goal::down;
    if (!failure_ && !ending_) {
        const bool timed_out = service.state == State::starting && service.ready_by <= now;
        failure_ = Failure{static_cast<std::size_t>(&service - services_.data()), why, timed_out};
    }
    end_all(service.spec.name + ": " + why, now);
}

void Machine::end_all(const std::string& why, Time now) {
    if (!ending_) ending_ = why;
    for (Service& service : services_) {
        service.goal = Goal::down;
        if (service.number == 0 && service.state == State::waiting) enter(service, State::stopped, now);
    }
}

std::vector<std::size_t> Machine::chosen(const services::Ask& ask) const {
    std::vector<std::size_t> all;
    for (const std::string& name : ask.services)
        all.push_back(index_of(name));
    if (!ask.services.empty()) return all;
    for (std::size_t i = 0; i < services_.size(); ++i) {
        const bool meant = ask.verb == services::Verb::start ? services_[i].spec.wanted : services_[i].goal == Goal::up;
        if (meant) all.push_back(i);
    }
    return all;
}

void Machine::ask_one(services::Verb verb, std::size_t index, Time now) {
    using services::Verb;
    Service& service = services_[index];
    if (verb == Verb::stop) {
        service.goal = Goal::down;
        if (service.number == 0 && service.state == State::waiting) enter(service, State::stopped, now);
        return;
    }
    if (verb == Verb::restart) {
        service.restarts.clear();
        service.start_at = now;  // whoever asks has waited long enough
    }
    want(index, now);
    if (verb == Verb::restart && service.number != 0) service.goal = Goal::cycle;
}

void Machine::ask(const services::Ask& ask, Time now) {
    const std::vector<std::size_t> all = chosen(ask);
    if (ask.verb == services::Verb::stop && ask.services.empty()) return end_all("asked to stop", now);
    if (ending_) throw Error(Kind::conflict, "the stack is being stopped", "start it again once that is done");
    for (const std::size_t index : all)
        ask_one(ask.verb, index, now);
    const bool none = std::all_of(services_.begin(), services_.end(),
                                  [](const Service& service) { return service.goal == Goal::down; });
    if (none) end_all("every service was asked to stop", now);
}

void Machine::interrupted(int signal, Time now) {
    killing_ = signal_ != 0;
    if (signal_ == 0) signal_ = signal;
    end_all("asked to stop", now);
}

// ---- what follows --------------------------------------------------------------------------------------------------

/// Not on one that is ready, but about to go down.
bool Machine::may_start(const Service& service) const {
    return std::all_of(service.after.begin(), service.after.end(), [&](std::size_t other) {
        return services_[other].state == State::ready && services_[other].goal == Goal::up;
    });
}

/// Not as long as somebody who is after it is on the way down.
bool Machine::may_stop(std::size_t index) const {
    return std::none_of(services_.begin(), services_.end(), [&](const Service& other) {
        const bool is_after = std::find(other.after.begin(), other.after.end(), index) != other.after.end();
        return is_after && other.number != 0 && other.goal != Goal::up;
    });
}

void Machine::begin_stop(Service& service, Time now, std::vector<Order>& orders) {
    const auto index = static_cast<std::size_t>(&service - services_.data());
    enter(service, State::stopping, now);
    if (!service.failed) service.why.clear();  // what a look said last is no reason any more
    service.ready_by = service.look_at = Time::max();
    service.kill_at = now + service.spec.grace;
    orders.push_back({Order::What::signal, index, service.spec.stop_signal});
}

void Machine::due(std::size_t index, Time now, std::vector<Order>& orders) {
    Service& service = services_[index];
    if (service.state == State::waiting && service.goal == Goal::up && service.start_at <= now && may_start(service)) {
        // The answer is started() or not_started(); until then nothing else is due.
        enter(service, State::starting, now);
        orders.push_back({Order::What::start, index, 0});
        return;
    }
    if (service.number == 0) return;
    if (service.ready_by <= now && service.state == State::starting && service.goal == Goal::up) {
        const std::string last = service.why.empty() ? "" : ": " + service.why;
        fail(service, "not ready within " + render_duration(service.spec.ready_within) + last, now);
    }
    if (is_running(service.state) && service.goal != Goal::up && (may_stop(index) || killing_)) {
        begin_stop(service, now, orders);
    }
    if (service.look_at <= now && !service.looking && service.state == State::starting) {
        service.looking = true;
        service.look_at = Time::max();
        orders.push_back({Order::What::look, index, 0});
    }
    if (service.state == State::stopping) due_to_end(index, now, orders);
}

void Machine::due_to_end(std::size_t index, Time now, std::vector<Order>& orders) {
    Service& service = services_[index];
    if (service.signal_due) {
        service.signal_due = false;
        orders.push_back({Order::What::signal, index, service.spec.stop_signal});
    }
    if ((service.kill_at <= now || killing_) && !service.killed) {
        service.killed = true;
        service.kill_at = Time::max();
        service.give_up_at = now + patience_with_the_kernel;
        orders.push_back({Order::What::signal, index, SIGKILL});
    }
    if (service.give_up_at <= now) {
        service.give_up_at = Time::max();
        orders.push_back({Order::What::name_survivors, index, 0});
    }
}

std::vector<Order> Machine::orders(Time now) {
    std::vector<Order> orders;
    for (std::size_t i = 0; i < services_.size(); ++i)
        due(i, now, orders);
    return orders;
}

Time Machine::next() const {
    Time next = Time::max();
    for (const Service& service : services_) {
        if (service.state == State::waiting && service.goal == Goal::up && may_start(service)) {
            next = std::min(next, service.start_at);
        }
        if (service.number == 0) continue;
        const Time look_at = service.looking ? Time::max() : service.look_at;
        const Time ready_by = service.goal == Goal::up ? service.ready_by : Time::max();
        next = std::min({next, look_at, ready_by, service.kill_at, service.give_up_at});
    }
    return next;
}

bool Machine::over() const {
    return ending_ && std::all_of(services_.begin(), services_.end(), [](const Service& service) {
               return service.number == 0 && service.state != State::starting;
           });
}

std::vector<services::Status> Machine::statuses() const {
    std::vector<services::Status> all;
    for (const Service& service : services_) {
        services::Status status;
        status.service = service.spec.name;
        status.state = service.state;
        status.pid = service.pid;
        status.since = service.since;
        status.took = service.took;
        status.restarts = service.restarted;
        status.why = service.why;
        if (service.state == State::waiting) {
            for (const std::size_t other : service.after) {
                if (services_[other].state != State::ready) status.waits_for.push_back(services_[other].spec.name);
            }
        }
        all.push_back(std::move(status));
    }
    return all;
}

}  // namespace flowlet::stack
