// services: the words between a supervisor and those who ask it: states, requests, answers, the record it leaves, the
// lines of its logs, and who belongs to a stack. Pure.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::services {

/// idle: not wanted. waiting: for another one, or for the pause before it is started again. failed: it ended or did not
/// get ready, and is not started again by itself.
enum class State { idle, waiting, starting, ready, stopping, stopped, failed };
std::string_view name(State state);

struct Status {
    std::string service;
    State state = State::idle;
    int pid = 0;       ///< of its leader; 0: none runs
    Time since{};      ///< when it came into this state
    Millis took{0};    ///< from its start until it was ready, the last time
    int restarts = 0;  ///< how often it was started again by itself
    std::string why;   ///< of failed and waiting
    std::vector<std::string> waits_for;
    friend bool operator==(const Status&, const Status&) = default;
};

struct Snapshot {
    std::string project;
    host::Process supervisor;
    Time since{};
    std::vector<Status> services;
    std::optional<std::string> ending;  ///< set once the whole stack is being stopped: why
    std::string failed;                 ///< the service that failed first; empty: none
    std::vector<std::string> words;     ///< what that one said last, oldest first
    friend bool operator==(const Snapshot&, const Snapshot&) = default;
};
/// One line of JSON, without a newline; parse_ gives nothing for what is no snapshot.
std::string render_snapshot(const Snapshot& snapshot);
std::optional<Snapshot> parse_snapshot(std::string_view text);

// ---- requests --------------------------------------------------------------------------------------------------

/// What can be asked of a supervisor over its control socket. `look` is answered with a snapshot, `follow` with one now
/// and after every change until the supervisor ends, `logs` with the time from which it goes on, then with stamped
/// lines.
enum class Verb { look, follow, logs, start, stop, restart };
struct Ask {
    Verb verb = Verb::look;
    std::vector<std::string> services;  ///< none: all of them
    friend bool operator==(const Ask&, const Ask&) = default;
};
host::Request render_ask(const Ask& ask);
/// Nothing if it is none: another method, path or name.
std::optional<Ask> parse_ask(std::string_view method, std::string_view path);

/// Names of files in a stack's folder.
inline constexpr const char* control_name = "control";
inline constexpr const char* record_name = "state.json";

// ---- logs ------------------------------------------------------------------------------------------------------

/// A line as logs keep it: "2026-11-22T05:40:01.123456Z text", and as `logs` streams it: "SERVICE\t" before that.
struct Stamped {
    Time at{};
    std::string_view text;
};
std::optional<Stamped> parse_stamped(std::string_view line);
/// Puts that before each of these lines.
std::string prefix_lines(std::string_view prefix, std::string_view lines);

// ---- who belongs to a stack ------------------------------------------------------------------------------------

/// What a supervisor leaves for the one who comes after its death. Of no meaning after a restart of the machine.
struct Record {
    std::string boot;
    host::Process supervisor;
    struct Started {
        std::string service;
        host::Process leader;
        Millis grace{10000};
        bool elsewhere = false;  ///< it has a stop command: something of it may live though no process does
        friend bool operator==(const Started&, const Started&) = default;
    };
    std::vector<Started> started;
    friend bool operator==(const Record&, const Record&) = default;
};
std::string render_record(const Record& record);
std::optional<Record> parse_record(std::string_view text);

/// The mark of a project's stack, by its folder; that of a service begins with it.
std::string mark_of(std::string_view root);
std::string mark_of(std::string_view root, std::string_view service);

/// Whose mark begins so, or whose session is that of a leader in the record: though not if the leader's number belongs
/// to another process by now, or the machine was started anew. Never `self` or what it descends from.
std::vector<host::ProcessInfo> find_left(std::span<const host::ProcessInfo> all, std::string_view mark,
                                         const std::optional<Record>& record, std::string_view boot, int self);

}  // namespace flowlet::services
