// Turns what happens to processes into events of the machine, and its orders into what is done to them.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "flowlet/host.h"
#include "flowlet/plan.h"
#include "flowlet/run.h"
#include "flowlet/services.h"
#include "stack/journal.h"
#include "stack/machine.h"

namespace flowlet::stack {

class Supervisor final : public host::Household {
public:
    Supervisor(const plan::Plan& plan, host::Host& host, std::span<run::Observer* const> observers, Time now);

    void begin(host::Keeper& keeper, Time now) override;
    void on_said(int number, std::string_view lines, Time now) override;
    void on_ended(int number, const host::Ending& ending, Time now) override;
    void on_emptied(int number, Time now) override;
    void on_looked(int number, const std::string& why, Time now) override;
    void on_call(const host::Call& call, Time now) override;
    void on_left(int caller) override;
    void on_signal(int signal, Time now) override;
    std::optional<Time> next(Time now) override;

    /// What came of it, once next() has returned nothing.
    void conclude(run::Report& report) const;

private:
    void perform(const Order& order, Time now);
    void start(std::size_t service, Time now);
    void signal(std::size_t service, int signal);
    void begin_parting(std::size_t service);
    void ask_to_part(std::size_t service);
    void on_parted(int number, const std::string& why, Time now);
    void part(std::size_t service, Time now);
    void name_survivors(std::size_t service, Time now);
    void answer_ask(int caller, const services::Ask& ask, Time now);
    void publish(Time now);
    void tell_change(std::size_t service, const services::Status& before, const services::Status& now);
    void tell_stop(const services::Status& before, const services::Status& now);
    void write_record();
    void close();
    [[nodiscard]] services::Snapshot snapshot() const;
    [[nodiscard]] const plan::Keep& keep(std::size_t service) const { return *keeps_[service]; }

    host::Host& host_;
    const plan::Plan& plan_;
    std::span<run::Observer* const> observers_;
    std::vector<const plan::Keep*> keeps_;
    std::vector<host::Process> leaders_;  ///< of each, the last one
    Machine machine_;
    Journal journal_;
    host::Keeper* keeper_ = nullptr;
    Time since_;
    host::Process self_;
    std::string boot_;
    std::vector<run::StepReport> reports_;
    std::vector<services::Status> told_;
    std::set<int> followers_;
    /// The stop commands of starts, by their number.
    struct Parting {
        bool over = false;
        bool empty = false;   ///< its processes have ended meanwhile
        bool killed = false;  ///< after the command was begun
        std::string why;      ///< what went wrong with the command
    };
    std::map<int, Parting> partings_;
};

}  // namespace flowlet::stack
