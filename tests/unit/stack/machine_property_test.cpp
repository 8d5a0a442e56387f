// Whatever happens, in whatever order: what has to hold of the machine holds.
#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <random>
#include <set>

#include "stack/machine.h"
#include "stage.h"

namespace flowlet::stack {
namespace {

using services::Verb;

/// Processes that come and go as chance has it: some end by themselves, some trap SIGTERM, some leave others behind,
/// and a few survive SIGKILL.
class World {
public:
    explicit World(unsigned seed) : chance_(seed), specs_(make_specs()), machine_(specs_, now_) {}

    void live(int steps) {
        for (int step = 0; step < steps && !machine_.over(); ++step) {
            now_ += Millis{static_cast<int>(roll(400))};
            happen();
            act();
        }
    }

    /// From here on nothing happens but what the machine brings about.
    void end() {
        machine_.interrupted(SIGTERM, now_);
        act();
        for (int step = 0; step < 1000 && !machine_.over(); ++step) {
            for (const auto& [number, copy] : std::map(alive_))
                advance(number);
            if (machine_.next() != Time::max()) now_ = std::max(now_, machine_.next());
            act();
        }
    }

    [[nodiscard]] bool over() const { return machine_.over(); }
    [[nodiscard]] int started() const { return last_number_; }
    /// Those who are there and were not named as survivors.
    [[nodiscard]] std::size_t forgotten() const {
        return static_cast<std::size_t>(std::count_if(
            alive_.begin(), alive_.end(), [&](const auto& entry) { return !given_up_.contains(entry.first); }));
    }

private:
    struct Copy {
        std::size_t service = 0;
        bool leader = true;  ///< it has not ended
        bool traps = false;
        bool immortal = false;
        bool doomed = false;  ///< a signal that it does not trap has come
        bool looked_at = false;
    };

    std::size_t roll(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(chance_); }
    bool one_in(std::size_t many) { return roll(many) == 0; }

    /// Edges go to services of a smaller place in a line that chance makes, so there is no cycle.
    std::vector<Spec> make_specs() {
        const std::size_t count = 1 + roll(6);
        std::vector<Spec> specs;
        for (std::size_t i = 0; i < count; ++i) {
            Spec spec = test::service("s" + std::to_string(i));
            for (std::size_t other = 0; other < i; ++other) {
                if (one_in(3)) spec.after.push_back("s" + std::to_string(other));
            }
            spec.wanted = !one_in(5);
            spec.looks = one_in(2);
            spec.listens_to = one_in(4);
            spec.ready_within = Millis{20000};
            spec.grace = Millis{1000};
            spec.restart.policy = static_cast<plan::Restart::Policy>(roll(3));
            spec.restart.budget = 30;
            specs.push_back(std::move(spec));
        }
        std::shuffle(specs.begin(), specs.end(), chance_);
        return specs;
    }

    void happen() {
        if (!alive_.empty() && !one_in(4)) {
            auto one = alive_.begin();
            std::advance(one, static_cast<std::ptrdiff_t>(roll(alive_.size())));
            return trouble(one->first);
        }
        if (one_in(3)) return wish();
        if (last_number_ > 0) rumour(1 + static_cast<int>(roll(static_cast<std::size_t>(last_number_))));
    }

    void wish() {
        constexpr std::array verbs = {Verb::start, Verb::stop, Verb::restart, Verb::restart, Verb::start};
        services::Ask ask{verbs.at(roll(verbs.size())), {specs_[roll(specs_.size())].name}};
        if (ask.verb != Verb::stop && one_in(4)) ask.services.clear();
        try {
            machine_.ask(ask, now_);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), Kind::conflict);
            EXPECT_TRUE(machine_.ending());
        }
    }

    /// Something that is told of any start, most of them long gone.
    void rumour(int number) {
        if (alive_.contains(number)) return;
        machine_.looked(number, "", now_);
        machine_.heard(number, now_);
        machine_.refused(number, "a stranger", now_);
        machine_.ended(number, {1, 0}, 0, now_);
        machine_.emptied(number, now_);
    }

    void trouble(int number) {
        Copy& copy = alive_.at(number);
        if (copy.doomed || one_in(12)) return advance(number, true);
        if (copy.looked_at) {
            copy.looked_at = false;
            return machine_.looked(number, one_in(2) ? "" : one_in(2) ? "Connection refused" : "status 503", now_);
        }
        machine_.heard(number, now_);
    }

    /// One step nearer to its end, if it is on its way there.
    void advance(int number, bool by_itself = false) {
        Copy& copy = alive_.at(number);
        if (!copy.doomed && !by_itself) return;
        if (copy.leader) {
            copy.leader = false;
            const std::size_t left = one_in(4) ? 1 : 0;
            copy.doomed = copy.doomed || left == 0;
            return machine_.ended(number, {one_in(2) ? 1 : 0, 0}, left, now_);
        }
        if (!copy.doomed) return;
        alive_.erase(number);
        machine_.emptied(number, now_);
    }

    void act() {
        for (auto orders = machine_.orders(now_); !orders.empty(); orders = machine_.orders(now_)) {
            // Two of one batch are started, though the first cannot be: the second is stopped again at once.
            ending_ = machine_.ending().has_value();
            for (const Order& order : orders)
                perform(order);
        }
        EXPECT_GE(machine_.next(), now_) << "what is due was done, so nothing is due at once";
    }

    void perform(const Order& order) {
        const int number = machine_.number(order.service);
        switch (order.what) {
            case Order::What::start:
                return start(order.service);
            case Order::What::look:
                EXPECT_FALSE(alive_.at(number).looked_at) << "one look at a time";
                alive_.at(number).looked_at = true;
                return;
            case Order::What::signal: {
                Copy& copy = alive_.at(number);
                copy.doomed = copy.doomed || (!copy.immortal && (order.signal == SIGKILL || !copy.traps));
                return;
            }
            case Order::What::name_survivors:
                given_up_.insert(number);
                return machine_.survived(order.service, "somebody", now_);
        }
    }

    void start(std::size_t service) {
        for (const auto& [number, copy] : alive_)
            EXPECT_NE(copy.service, service) << "a second copy of " << specs_[service].name;
        const std::vector<services::Status> statuses = machine_.statuses();
        for (std::size_t i = 0; i < specs_.size(); ++i) {
            const auto& after = specs_[service].after;
            if (std::find(after.begin(), after.end(), specs_[i].name) == after.end()) continue;
            EXPECT_EQ(statuses[i].state, services::State::ready) << specs_[service].name << " is after " << i;
        }
        EXPECT_FALSE(ending_) << "nothing is started during the end";
        if (one_in(100)) return machine_.not_started(service, "no such program", now_);
        ++last_number_;
        alive_[last_number_] = {service, true, one_in(5), one_in(60), false, false};
        machine_.started(service, last_number_, 100 + last_number_, now_);
    }

    std::mt19937 chance_;
    Time now_ = test::begin;
    std::vector<Spec> specs_;
    Machine machine_;
    bool ending_ = false;
    int last_number_ = 0;
    std::map<int, Copy> alive_;
    std::set<int> given_up_;
};

TEST(MachineProperty, whatever_happens_nobody_is_there_twice_and_the_end_comes) {
    int started = 0;
    for (unsigned seed = 1; seed <= 400; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        World world(seed);
        world.live(120);
        world.end();
        EXPECT_TRUE(world.over());
        EXPECT_EQ(world.forgotten(), 0U);
        started += world.started();
        if (HasFailure()) return;
    }
    EXPECT_GT(started, 1500);  // or nothing was put to the test
}

}  // namespace
}  // namespace flowlet::stack
