#include "run/forward.h"

#include <algorithm>
#include <csignal>

namespace flowlet::run {

Result perform_safely(Performer& performer, const plan::Action& action, const Waiting& waiting) {
    Result result;
    try {
        return performer.perform(action, waiting);
    } catch (const Error& error) {
        result.kind = error.kind();
        result.cause = plan::Cause{};
        result.cause->reason =
            error.kind() == Kind::interrupted || error.kind() == Kind::terminated ? "Interrupted" : "Failed";
        result.cause->message = error.what();
        result.cause->next = error.hint();
    } catch (const std::exception& error) {
        result.kind = Kind::bug;
        result.cause = plan::Cause{};
        result.cause->reason = "Bug";
        result.cause->message = error.what();
    }
    return result;
}

Millis between(Time from, Time to) {
    return std::chrono::duration_cast<Millis>(to - from);
}

Forward::Forward(const plan::Plan& plan, Performer& performer, const Audience& audience, std::size_t parallel)
    : plan_(plan), performer_(performer), audience_(audience), parallel_(std::max<std::size_t>(parallel, 1)) {
    for (const plan::Step& step : plan.steps) {
        StepReport report;
        report.id = step.id;
        report.what = step.what;
        reports_.push_back(std::move(report));
    }
}

int Forward::status(const plan::Step& step) const {
    const auto found = statuses_.find(step.id);
    return found == statuses_.end() ? 0 : found->second;
}

std::vector<StepReport> Forward::reports() const {
    return reports_;
}

bool Forward::is_free(const plan::Step& step) const {
    return std::all_of(step.after.begin(), step.after.end(),
                       [&](const std::string& id) { return done_.count(id) != 0; });
}

void Forward::start(std::size_t step) {
    StepReport& report = reports_[step];
    report.state = State::running;
    report.started = performer_.now();
    audience_.tell([&](Observer& observer) { observer.step_started(report, false); });
    running_.emplace(step, std::jthread([this, step] {
                         const auto waiting = [this, step](const std::vector<std::string>& lines) {
                             post({step, std::nullopt, lines});
                         };
                         post({step, perform_safely(performer_, plan_.steps[step].action, waiting), {}});
                     }));
}

void Forward::start_what_can() {
    if (failure_) {
        return;
    }
    if (const int signal = performer_.stop_signal(); signal != 0) {
        failure_ = Failure{{}, signal == SIGINT ? Kind::interrupted : Kind::terminated};
        failure_->cause.reason = "Interrupted";
        failure_->cause.message = "asked to stop";
        return;
    }
    for (std::size_t step = 0; step < plan_.steps.size() && running_.size() < parallel_; ++step) {
        if (reports_[step].state == State::pending && is_free(plan_.steps[step])) {
            start(step);
        }
    }
}

void Forward::post(Message message) {
    {
        const std::lock_guard lock(mutex_);
        messages_.push_back(std::move(message));
    }
    arrived_.notify_one();
}

Forward::Message Forward::take() {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return !messages_.empty(); });
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
}

void Forward::settle(std::size_t step, Result result) {
    running_.erase(step);
    StepReport& report = reports_[step];
    report.took = between(report.started, performer_.now());
    report.note = result.note;
    ended_.push_back(&plan_.steps[step]);
    statuses_[report.id] = result.status;
    for (plan::Waiter::Row& row : result.workloads) {
        const auto same = [&](const plan::Waiter::Row& known) { return known.object == row.object; };
        std::erase_if(workloads_, same);
        workloads_.push_back(std::move(row));
    }
    if (result.cause) {
        report.state = State::failed;
        report.error = result.cause->message;
        if (!failure_) {
            failure_ = Failure{std::move(*result.cause), result.kind};
        }
    } else {
        report.state = State::done;
        done_.insert(report.id);
    }
    audience_.tell([&](Observer& observer) { observer.step_ended(report, false); });
}

void Forward::run() {
    start_what_can();
    while (!running_.empty()) {
        Message message = take();
        if (!message.result) {
            audience_.tell([&](Observer& observer) { observer.step_waiting(reports_[message.step], message.waiting); });
            continue;
        }
        settle(message.step, std::move(*message.result));
        start_what_can();
    }
    for (StepReport& report : reports_) {
        if (report.state == State::pending) {
            report.state = State::skipped;
        }
    }
}

}  // namespace flowlet::run
