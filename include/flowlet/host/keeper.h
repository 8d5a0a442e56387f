// Processes that are kept running: started, listened to, told of, ended to the last one.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host/process.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::host {

/// A process that is not taken for another one which gets its number later, as long as the machine is not started anew.
struct Process {
    int pid = 0;
    std::uint64_t started = 0;  ///< clock ticks after the machine's start: field 22 of /proc/PID/stat
    friend auto operator<=>(const Process&, const Process&) = default;
};

struct ProcessInfo {
    Process id;
    int parent = 0;
    int group = 0;
    int session = 0;
    std::uint32_t owner = 0;
    std::string command;  ///< its words with blanks between, printable, at most 200 bytes; "[name]" if it has none
    std::string mark;     ///< what `mark_name` is in its environment; empty: not set, or not to be read
    std::string cgroup;   ///< its path in the hierarchy of version 2; empty: none, or not to be read
};

/// "4711 (python3 run_server.py)".
std::string render(const ProcessInfo& process);

/// The variable by which whatever descends from a service is known, wherever it went: a new session, a new group,
/// another parent.
inline constexpr std::string_view mark_name = "FLOWLETCTL_STACK";

/// A TCP socket that accepts on this machine.
struct Listener {
    std::string address;  ///< "127.0.0.1", "::"
    int port = 0;
    std::optional<ProcessInfo> owner;  ///< unset: it belongs to somebody whose processes this user may not look into
};

/// How a service is started: as the leader of a session of its own, with the caller's whole environment, its umask and
/// its rights; killed when the process that keeps it ends.
struct Launch {
    Command command;                    ///< of it the program, its arguments and its folder count
    std::map<std::string, Secret> env;  ///< over the caller's environment
    std::string mark;                   ///< the value of `mark_name`
    /// What its output is: a terminal, so that it is coloured and comes line by line, or a pipe.
    enum class Output { terminal, pipe } output = Output::terminal;
};

/// How a kept process ended.
struct Ending {
    int code = 0;    ///< the exit status, or 128 + signal
    int signal = 0;  ///< the signal that ended it, 0 if none
};

/// A request that came to the socket of a Keeper.
struct Call {
    int caller = 0;
    std::string method;
    std::string path;  ///< with its query
};

/// Keeps processes. Each start has a number of its own, so what is told of an earlier one is not taken for the next.
/// All calls are made from the thread of run().
class Keeper {
public:
    virtual ~Keeper() = default;

    /// Throws Error{tool_missing} if it cannot be started.
    virtual int start(const Launch& launch) = 0;
    /// The leader of that start.
    [[nodiscard]] virtual Process leader(int number) const = 0;
    /// To all that belong to that start: its group, and whoever left it.
    virtual void signal(int number, int signal) = 0;
    /// Who belongs to that start and lives, its leader included.
    virtual std::vector<ProcessInfo> members(int number) = 0;
    /// Who descends from this process and belongs to no start that is known.
    virtual std::vector<ProcessInfo> strays() = 0;
    virtual void signal(const Process& process, int signal) = 0;
    /// Lets `look` be called in another thread; what it returns comes as on_looked(): empty, if all is well. It must
    /// end by itself, within seconds. One a number at a time.
    virtual void look(int number, std::function<std::string()> look) = 0;

    /// The first answer to a call begins it with that status; `last` ends it. A caller that does not read what it is
    /// sent, or has gone, is forgotten.
    enum class More { more, last };
    virtual void answer(int caller, int status, std::string_view text, More more) = 0;

    /// Puts a text into a file of the folder, at once for every reader; not on the disk: it is of no use after a
    /// restart of the machine.
    virtual void note(const std::string& name, std::string_view text) = 0;
};

/// What becomes of kept processes, told to one state machine. All calls come from the thread of Host::keep.
class Household {
public:
    virtual ~Household() = default;
    virtual void begin(Keeper& keeper, Time now) = 0;
    /// Whole lines, each with its newline; a line of more than 64 KiB comes in pieces, and what a process leaves
    /// without a newline gets one. Terminals' "\r\n" is a newline.
    virtual void on_said(int number, std::string_view lines, Time now) = 0;
    /// The leader has ended; what it said has been told. Others of it may live.
    virtual void on_ended(int number, const Ending& ending, Time now) = 0;
    /// After its leader's end: nobody who belongs to it is left.
    virtual void on_emptied(int number, Time now) = 0;
    virtual void on_looked(int number, const std::string& why, Time now) = 0;
    virtual void on_call(const Call& call, Time now) = 0;
    virtual void on_left(int caller) = 0;
    /// SIGINT, SIGTERM or SIGHUP came; once for each, as far as they can be told apart.
    virtual void on_signal(int signal, Time now) = 0;
    /// Asked after each batch and at the time it named itself; Time::max(): nothing is due. Nothing ends it all.
    virtual std::optional<Time> next(Time now) = 0;
};

/// A file of lines that grows, and is given a number and begun anew at a size.
class LogFile {
public:
    virtual ~LogFile() = default;
    /// Whole lines. Throws Error{failed}; the next call tries again.
    virtual void append(std::string_view lines) = 0;
};

}  // namespace flowlet::host
