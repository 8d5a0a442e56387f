// What a supervisor decides: pure. Events go in, orders come out; every start has a number, and what is told of an
// earlier one is not taken for the present one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flowlet/host/keeper.h"
#include "flowlet/plan.h"
#include "flowlet/services.h"

namespace flowlet::stack {

/// What the machine has to know of a service.
struct Spec {
    std::string name;
    std::vector<std::string> after;
    bool wanted = true;
    bool looks = false;       ///< there is something to look at before it is ready
    bool listens_to = false;  ///< a line of its output makes it ready
    Millis ready_within{60000};
    plan::Restart restart;
    int stop_signal = 15;
    Millis grace{10000};
};

struct Order {
    enum class What { start, look, signal, name_survivors } what = What::start;
    std::size_t service = 0;
    int signal = 0;
};

class Machine {
public:
    Machine(std::vector<Spec> specs, Time now);

    // ---- events ----
    void started(std::size_t service, int number, int pid, Time now);
    void not_started(std::size_t service, const std::string& why, Time now);
    /// A look that it ordered: empty, if all is well.
    void looked(int number, const std::string& why, Time now);
    /// The answer comes from somebody else: no use in waiting.
    void refused(int number, const std::string& why, Time now);
    void heard(int number, Time now);
    /// `left`: how many processes it left behind.
    void ended(int number, const host::Ending& ending, std::size_t left, Time now);
    void emptied(int number, Time now);
    /// It could not be ended whole: who is left, or what may be.
    void survived(std::size_t service, const std::string& why, Time now);
    /// Throws Error{usage} for a service that there is not.
    void ask(const services::Ask& ask, Time now);
    /// The first ends the stack, the second kills it.
    void interrupted(int signal, Time now);

    // ---- what follows ----
    /// What is due by now.
    std::vector<Order> orders(Time now);
    [[nodiscard]] Time next() const;
    [[nodiscard]] bool over() const;

    // ---- how it is ----
    [[nodiscard]] std::optional<std::size_t> find(int number) const;
    /// Whether it is to say something before it is ready, and has not yet.
    [[nodiscard]] bool listens(int number) const;
    [[nodiscard]] int number(std::size_t service) const { return services_[service].number; }
    [[nodiscard]] const Spec& spec(std::size_t service) const { return services_[service].spec; }
    [[nodiscard]] std::vector<services::Status> statuses() const;
    [[nodiscard]] const std::optional<std::string>& ending() const { return ending_; }
    struct Failure {
        std::size_t service = 0;
        std::string why;
        bool timed_out = false;
    };
    [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
    [[nodiscard]] int signal() const { return signal_; }
    [[nodiscard]] const std::vector<std::string>& survivors() const { return survivors_; }

private:
    enum class Goal { down, up, cycle };
    struct Service {
        Spec spec;
        std::vector<std::size_t> after;
        Goal goal = Goal::down;
        services::State state = services::State::idle;
        int number = 0;
        int pid = 0;
        Time since{};
        Time started{};
        Millis took{0};
        std::string why;
        bool failed = false;
        bool looking = false;
        bool saw = false;
        bool heard = false;
        bool killed = false;
        bool signal_due = false;
        Millis pause{0};
        std::vector<Time> restarts;
        int restarted = 0;
        Time start_at{};
        Time look_at = Time::max();
        Time ready_by = Time::max();
        Time kill_at = Time::max();
        Time give_up_at = Time::max();
    };

    static void enter(Service& service, services::State state, Time now);
    void settle(Service& service, Time now);
    void begin_stop(Service& service, Time now, std::vector<Order>& orders);
    void fail(Service& service, const std::string& why, Time now);
    void end_all(const std::string& why, Time now);
    [[nodiscard]] bool may_start(const Service& service) const;
    [[nodiscard]] bool may_stop(std::size_t service) const;
    [[nodiscard]] bool may_restart(Service& service, const host::Ending& ending, Time now) const;
    void want(std::size_t service, Time now);
    static void lift(Service& service, Time now);
    [[nodiscard]] std::vector<std::size_t> chosen(const services::Ask& ask) const;
    void ask_one(services::Verb verb, std::size_t service, Time now);
    void due(std::size_t service, Time now, std::vector<Order>& orders);
    void due_to_end(std::size_t service, Time now, std::vector<Order>& orders);
    Service* running(int number);
    [[nodiscard]] std::size_t index_of(const std::string& name) const;

    std::vector<Service> services_;
    std::optional<std::string> ending_;
    std::optional<Failure> failure_;
    std::vector<std::string> survivors_;
    std::vector<std::string> names_;
    int signal_ = 0;
    bool killing_ = false;
};

}  // namespace flowlet::stack
