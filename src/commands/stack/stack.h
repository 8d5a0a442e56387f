// stack: start, stop, restart, status and logs of the services that developers run on their machine.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "flowlet/commands.h"
#include "flowlet/services.h"

namespace flowlet::commands::stack {

void declare_start(CLI::App& part, Invocation& invocation);
void declare_stop(CLI::App& part, Invocation& invocation);
void declare_restart(CLI::App& part, Invocation& invocation);
void declare_status(CLI::App& part, Invocation& invocation);
void declare_logs(CLI::App& part, Invocation& invocation);

// ---- what flowlet.yaml wants ---------------------------------------------------------------------------------------

struct Service {
    plan::Keep keep;
    std::vector<std::string> after;
};

/// What is wanted, and what is wrong with it: findings of severity error, each with its place.
struct Wanted {
    std::vector<Service> services;
    std::vector<plan::Finding> findings;
};
/// Reads the section `services`, the files it names, and looks for the programs. Throws Error{precondition} if there is
/// no service.
Wanted observe_wanted(const Session& session);
/// The command that stops what a service runs elsewhere, as flowlet.yaml has it now; nothing if it has none.
std::optional<host::Command> find_stop_command(const Session& session, const std::string& service);
/// The names of a circle in `after`, in its order; empty if there is none.
std::vector<std::string> find_circle(const std::vector<Service>& services);
/// The chosen services and all that they are after. Throws Error{usage} with the nearest name for one that there is
/// not.
std::set<std::string> choose_services(const std::vector<Service>& services, const std::vector<std::string>& chosen);

// ---- what runs -----------------------------------------------------------------------------------------------------

/// Names of the stack's places.
struct Places {
    std::string root;
    std::string project;
    std::string folder;  ///< of the control socket and the record
    std::string logs;
    std::string mark;
    [[nodiscard]] host::Endpoint control() const;
};
Places find_places(const Session& session);

struct Presence {
    Places places;
    std::optional<services::Snapshot> running;  ///< what the supervisor says
    bool silent = false;                        ///< it is there, and does not answer
    std::optional<services::Record> record;
    std::string boot;
    int self = 0;
    std::vector<host::ProcessInfo> left;  ///< processes of the stack that nobody keeps
    /// Stop commands of what a killed supervisor had started: of what may run elsewhere still.
    std::vector<std::pair<std::string, host::Command>> elsewhere;
    std::vector<plan::Finding> findings;  ///< warnings
    /// Something is to be ended, though nobody keeps it.
    [[nodiscard]] bool litter() const { return !left.empty() || !elsewhere.empty(); }
};
Presence observe_presence(const Session& session);

// ---- commands ------------------------------------------------------------------------------------------------------

struct StartOptions {
    std::vector<std::string> services;
    bool detach = false;
    bool wait = false;
};
struct StartFacts {
    Wanted wanted;
    Presence presence;
    std::vector<host::Listener> listeners;  ///< on the ports that services need
    std::string program;                    ///< this very program
    std::vector<std::string> args;          ///< of the supervisor that goes on by itself
    std::uint64_t log_limit = 0;
    int log_older = 0;
    Time now{};
    std::optional<plan::Yield> output;  ///< of the stack that runs, as it comes
};
StartFacts observe_start(const Session& session, const StartOptions& options);
Answer plan_start(const StartFacts& facts, const StartOptions& options);

Answer plan_stop(const Presence& presence, const std::vector<std::string>& services);
plan::Plan plan_restart(const Presence& presence, const std::vector<std::string>& services);
plan::View view_status(const Presence& presence, Time now, Kind when_nothing_runs);

struct LogsOptions {
    std::vector<std::string> services;
    std::string since;
    long tail = 500;
    bool follow = false;
};
/// Throws Error{usage} for a time that is none, or a service without a log.
plan::View view_logs(const Session& session, const LogsOptions& options);

/// What the services say from now on. What was written after `read_until` and before the stream began is read from the
/// files, so nothing is missed and nothing told twice.
plan::Yield make_output(const Session& session, const Places& places, const std::vector<std::string>& services,
                        Time read_until);

// ---- parts ---------------------------------------------------------------------------------------------------------

/// The place of a service's name in the mark of a supervisor that goes on by itself: no service can be called so.
inline constexpr std::string_view supervisor_name = ".";

/// What a change of the stack begins with.
plan::Plan make_plan(const Presence& presence, const std::string& command, const std::string& title);
/// Ends what is left, here and elsewhere, and forgets the supervisor that kept it. The last of the steps does that.
std::vector<plan::Step> make_end_steps(const Presence& presence, const std::string& id);
/// Ends a supervisor that goes on by itself, which stops what it keeps, and then whatever is left.
plan::End make_stop_action(const Presence& presence);
/// Waits until these services are ready, or the stack ends.
plan::Await make_await_up(const Places& places, const std::set<std::string>& services);
/// Waits until these services are down; none: until the supervisor has ended.
plan::Await make_await_down(const Places& places, const std::set<std::string>& services);

}  // namespace flowlet::commands::stack
