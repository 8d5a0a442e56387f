// The forward half of a run: starts steps as their predecessors are done, until all are or one fails.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "flowlet/run.h"

namespace flowlet::run {

/// Calls every observer; the one place where the fan-out is written.
class Audience {
public:
    explicit Audience(std::span<Observer* const> observers) : observers_(observers) {}
    template <typename Call>
    void tell(Call&& call) const {
        for (Observer* observer : observers_) {
            call(*observer);
        }
    }

private:
    std::span<Observer* const> observers_;
};

/// Performs the steps of a plan in the order of its edges, each in a thread of its own. What the threads say is handed
/// to the audience by the caller's thread alone.
class Forward {
public:
    Forward(const plan::Plan& plan, Performer& performer, const Audience& audience, std::size_t parallel);
    /// Returns when nothing is under way any more.
    void run();

    struct Failure {
        plan::Cause cause;
        Kind kind = Kind::failed;
    };
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    /// Steps that were started, in the order in which they ended: what has to be taken back, from the back.
    [[nodiscard]] const std::vector<const plan::Step*>& ended() const { return ended_; }
    /// The status that the step's request was answered with, 0 if none.
    [[nodiscard]] int status(const plan::Step& step) const;
    [[nodiscard]] bool succeeded(const plan::Step& step) const { return done_.count(step.id) != 0; }
    [[nodiscard]] std::vector<StepReport> reports() const;
    [[nodiscard]] const std::vector<plan::Waiter::Row>& workloads() const { return workloads_; }

private:
    struct Message {
        std::size_t step = 0;
        std::optional<Result> result;      ///< the step has ended
        std::vector<std::string> waiting;  ///< or it says what it waits for
    };

    [[nodiscard]] bool is_free(const plan::Step& step) const;
    void start_what_can();
    void start(std::size_t step);
    Message take();
    void post(Message message);
    void settle(std::size_t step, Result result);

    const plan::Plan& plan_;
    Performer& performer_;
    const Audience& audience_;
    std::size_t parallel_;

    std::vector<StepReport> reports_;
    std::set<std::string, std::less<>> done_;
    std::vector<const plan::Step*> ended_;
    std::map<std::string, int, std::less<>> statuses_;
    std::map<std::size_t, std::jthread> running_;
    std::optional<Failure> failure_;
    std::vector<plan::Waiter::Row> workloads_;

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Message> messages_;
};

/// perform(), with an Error that escapes turned into a Result.
Result perform_safely(Performer& performer, const plan::Action& action, const Waiting& waiting);

/// The milliseconds between two times.
Millis between(Time from, Time to);

}  // namespace flowlet::run
