// A machine on a virtual clock, whose orders are carried out as they come.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "stack/machine.h"

namespace flowlet::stack::test {

inline const Time begin{std::chrono::microseconds{1787393730000000}};

inline Spec service(std::string name, std::vector<std::string> after = {}) {
    Spec spec;
    spec.name = std::move(name);
    spec.after = std::move(after);
    return spec;
}

inline Spec with_look(Spec spec) {
    spec.looks = true;
    return spec;
}

inline Spec with_line(Spec spec) {
    spec.listens_to = true;
    return spec;
}

inline Spec restarted(Spec spec, plan::Restart::Policy policy, int budget = 5) {
    spec.restart = {policy, budget, Millis{60000}};
    return spec;
}

struct Stage {
    explicit Stage(const std::vector<Spec>& specs) : machine(specs, now) {
        for (const Spec& spec : specs)
            names.push_back(spec.name);
    }

    /// Carries out what is due, and says what that was: "start db, look db, signal 15 db".
    std::string act() {
        std::vector<std::string> did;
        for (auto orders = machine.orders(now); !orders.empty(); orders = machine.orders(now)) {
            for (const Order& order : orders)
                did.push_back(perform(order));
        }
        return join(did, ", ");
    }
    /// The same, so much later.
    std::string after(Millis time) {
        now += time;
        return act();
    }
    std::string ask(services::Verb verb, std::vector<std::string> chosen = {}) {
        machine.ask({verb, std::move(chosen)}, now);
        return act();
    }
    /// The leader ends and nobody else was there.
    std::string end(const std::string& name, int code = 0) {
        const int which = number(name);
        machine.ended(which, {code, 0}, 0, now);
        machine.emptied(which, now);
        return act();
    }
    std::string look(const std::string& name, const std::string& why) {
        machine.looked(number(name), why, now);
        return act();
    }

    [[nodiscard]] std::size_t index(const std::string& name) const {
        return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    }
    [[nodiscard]] int number(const std::string& name) const { return machine.number(index(name)); }
    [[nodiscard]] services::Status status(const std::string& name) const { return machine.statuses().at(index(name)); }
    [[nodiscard]] services::State state(const std::string& name) const { return status(name).state; }
    [[nodiscard]] Millis until_next() const { return std::chrono::floor<Millis>(machine.next() - now); }

    std::vector<std::string> names;
    Time now = begin;
    Machine machine;
    int last_number = 0;
    std::map<std::string, std::string> cannot_start;  ///< by name: why
    std::string survivors = "7 (mad)";

private:
    std::string perform(const Order& order) {
        const std::string& name = names[order.service];
        switch (order.what) {
            case Order::What::start:
                start(order.service, name);
                return "start " + name;
            case Order::What::look:
                return "look " + name;
            case Order::What::signal:
                return "signal " + std::to_string(order.signal) + " " + name;
            case Order::What::name_survivors:
                machine.survived(order.service, "killed, and still there: " + survivors, now);
                return "survivors " + name;
        }
        return "";
    }

    void start(std::size_t index, const std::string& name) {
        if (const auto why = cannot_start.find(name); why != cannot_start.end()) {
            return machine.not_started(index, why->second, now);
        }
        ++last_number;
        machine.started(index, last_number, 1000 + last_number, now);
    }
};

}  // namespace flowlet::stack::test
