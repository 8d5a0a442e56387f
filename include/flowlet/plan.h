// plan: what is to be done, as data. A command returns a Plan (or a View); run performs it; console shows it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "flowlet/base.h"
#include "flowlet/host.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace flowlet::plan {

// ---- actions ---------------------------------------------------------------------------------------------------

/// Run a program that changes something. An exit status outside `accept` fails the step.
struct Invoke {
    host::Command command;
    std::vector<int> accept = {0};
};

/// Send one request. A status outside `accept` fails the step. When `only_if_empty` is given, that list is read first
/// and the request is skipped, and said to be, if it has items.
struct Send {
    host::Endpoint endpoint;
    host::Request request;
    std::vector<int> accept = {200, 201};
    std::optional<host::Request> only_if_empty;
    Kind refused = Kind::failed;  ///< what a refusal counts as: a lock that is held is a conflict
    /// A secret body has no part in the plan's digest, from which a short secret could be guessed.
    enum class Body { open, secret } body = Body::open;
};

/// Run one statement on a database. It holds no password, not even that of the role it changes.
struct Execute {
    host::Database database;
    std::string statement;
    /// What counts as success: that it was done, or that the login was refused.
    enum class Expect { done, login_refused } expect = Expect::done;
    std::optional<Secret> otherwise = std::nullopt;  ///< the password to try when that of the database is refused
    Millis timeout{15000};
};

/// Why something failed, as an operator needs it at night.
struct Cause {
    std::string object;               ///< "Deployment/wallet in flowlet-core"
    std::string container;            ///< "wallet" or empty
    std::string reason;               ///< one word: CrashLoopBackOff, ImagePullBackOff, Unschedulable, HelmFailed …
    std::string message;              ///< one sentence
    std::vector<std::string> log;     ///< the last lines of the container, oldest first
    std::vector<std::string> events;  ///< "Warning BackOff: …", oldest first
    std::vector<std::string> also;    ///< other objects that fail for the same reason
    std::string next;                 ///< the command or the change that mends it; may be empty
};

/// Looks long: fed by watches until it is content or gives up. Pure, so it can be replayed.
class Waiter : public host::Follower {
public:
    /// "Deployment/wallet in flowlet-core (0 of 1 ready: container wallet is starting)", one a subject not yet ready.
    [[nodiscard]] virtual std::vector<std::string> waiting(Time now) const = 0;
    /// Set once the wait is over and has failed. `next()` returns nothing from then on.
    [[nodiscard]] virtual std::optional<Cause> failure() const = 0;
    /// What to read to explain the failure before anything is undone, and the cause completed with what came back.
    [[nodiscard]] virtual std::vector<host::Request> evidence() const { return {}; }
    [[nodiscard]] virtual Cause conclude(std::span<const host::Response> evidence) const;
    /// For the report: one row a subject.
    struct Row {
        std::string object;
        bool ready = false;
        std::string state;
    };
    [[nodiscard]] virtual std::vector<Row> rows(Time now) const {
        (void)now;
        return {};
    }
};

/// Wait for something. `subjects` says for what; `make` begins one wait.
struct Await {
    host::Endpoint endpoint;
    std::vector<std::string> subjects;
    Millis timeout{0};  ///< for show: the Waiter itself gives up
    std::function<std::unique_ptr<Waiter>(Time start)> make;
    Kind failed = Kind::failed;  ///< what a failure counts as
};

/// Read a list and send what `choose` makes of it; again after `pause`, until it chooses nothing or `rounds` are over,
/// which is no failure: what is left is for a later step to judge.
struct Sweep {
    host::Endpoint endpoint;
    host::Request list;
    std::function<std::vector<host::Request>(const host::Response& list)> choose;
    int rounds = 5;
    Millis pause{500};
    std::vector<int> accept = {200, 202, 404};
};

/// Write a whole file, atomically. Fails, as a conflict and with the status 409, if there is one already; 201: written.
struct Write {
    std::string path;
    std::string content;
    std::uint32_t mode = 0644;
};

/// Remove a file, unless it holds anything but this by now.
struct Erase {
    std::string path;
    std::string content;
};

/// Ask a database many things in one transaction that only reads: `first`, then what `choose` makes of its answer.
/// `judge` takes all these answers, in their order, and says what is wrong with them, or nothing.
struct Survey {
    host::Database database;
    std::string first;
    std::function<std::vector<std::string>(const host::Rows& first)> choose;
    std::function<std::optional<Cause>(std::span<const host::Rows> answers)> judge;
    Kind unfit = Kind::verification;  ///< what it counts as when `judge` finds something wrong
    Millis timeout{3600000};          ///< for each of them
};

/// Move bytes. `judge` is told what came of a flow that went well, and says what is wrong with it, or nothing. With a
/// `snapshot`, that database's state is held still meanwhile: its name takes the place of "@snapshot@" in the arguments
/// of the flow's programs, and the survey is made of the same state. Where the server's snapshots have no names, the
/// first program must begin a transaction of its own, and has begun it when `begun` is in its output.
struct Transfer {
    host::Flow flow;
    std::function<std::optional<Cause>(const host::FlowEnd& end)> judge;
    Kind unfit = Kind::verification;
    Kind failed = Kind::tool_failed;  ///< what a program that fails counts as: one that reads a backup verifies it
    std::optional<Survey> snapshot = std::nullopt;
    std::string begun = {};
};

/// Put a file into a bucket.
struct Upload {
    host::NewObject object;
    Kind failed = Kind::partial;  ///< what it counts as: the backup itself is there
};

/// Prove that a bucket keeps its word: the lock of an object is told back, not shorter than it was set, and an attempt
/// to remove it is refused. A bucket that lies loses that object to the attempt.
struct ProveLock {
    host::Bucket bucket;
    std::string key;
    Time until{};
    Kind unfit = Kind::verification;
};

/// Hold a lock file until it is released, or this process ends. A conflict if somebody else holds it, or if the names
/// in `folder` are not `names` any more: somebody was there after it was looked at. Both folders are made where
/// missing.
struct Claim {
    std::string lock;
    std::string folder;
    std::vector<std::string> names;
};
struct Release {
    std::string lock;
};

/// A new folder, 0700. A conflict if there is something of that name.
struct MakeFolder {
    std::string path;
};
/// Remove a folder and all that is in it.
struct Clear {
    std::string path;
};
/// Give a finished folder its name, never over another: a conflict.
struct Publish {
    std::string from;
    std::string to;
};
/// Write a file like Write does, 0600, whose text is known only once the steps before it are done.
struct Compose {
    std::string path;
    std::function<std::string()> text;
};

/// Put another text into a file, unless it holds anything but `before` by now: a conflict, and the status 409.
struct Amend {
    std::string path;
    std::string before;
    std::string after;
};

/// When a service is ready: when all that is set is so. Nothing is set: as soon as it runs.
struct Ready {
    std::string http;                        ///< answers 2xx
    int tcp = 0;                             ///< a port of 127.0.0.1 or ::1 that accepts
    std::string log;                         ///< stands in a line of its output
    std::vector<std::string> exec;           ///< a program that ends with 0, in the service's folder and environment
    std::optional<host::Database> postgres;  ///< takes logins
    Millis timeout{60000};                   ///< for all that
};

/// Whether it is started again when it ends by itself: at most `budget` times `within` that time.
struct Restart {
    enum class Policy { never, on_failure, always } policy = Policy::never;
    int budget = 5;
    Millis within{60000};
};

/// Keep a service running, from when its step's turn comes until the stack is stopped. Such a step is performed by the
/// supervisor (room `stack`) alone; its `after` are services.
struct Keep {
    std::string service;
    host::Launch launch;
    Ready ready;
    Restart restart;
    int stop_signal = 15;
    /// Run before the signal, and when the service has ended by itself: it is down once that has succeeded, too.
    std::optional<host::Command> stop_command = std::nullopt;
    Millis grace{10000};     ///< after the signal, then SIGKILL
    std::vector<int> ports;  ///< what must be free before, and be its own when it is ready
    bool wanted = true;      ///< false: known, but not started by itself
    bool elsewhere = false;  ///< what answers is no process of its own, but an engine's
};

/// End processes to the last one: SIGTERM, `grace` later SIGKILL. `choose` picks them out of all that are there, again
/// and again until it picks none. Then these files are removed.
struct End {
    std::function<std::vector<host::ProcessInfo>(std::span<const host::ProcessInfo>)> choose;
    std::vector<std::string> subjects;  ///< for show
    Millis grace{10000};
    std::vector<std::string> files;
    std::string mark = {};  ///< of the stack whose groups of the kernel's are removed, if they are empty
};

/// Start a program that goes on by itself; done once its socket accepts.
struct Detach {
    host::Command command;
    std::string log;
    std::string socket;
    Millis wait{15000};
};

using Action = std::variant<Invoke, Send, Execute, Await, Sweep, Write, Erase, Survey, Transfer, Claim, Release,
                            MakeFolder, Clear, Publish, Compose, Upload, ProveLock, Amend, Keep, End, Detach>;

// ---- steps -----------------------------------------------------------------------------------------------------

struct Step {
    std::string id;    ///< unique in the plan: "apply/data/StatefulSet/postgresql"
    std::string what;  ///< "apply StatefulSet/postgresql in flowlet-data"
    Action action;
    std::vector<std::string> after;  ///< ids of the steps that must have succeeded before
    /// How to take it back, in this order; also when the step itself failed, for it may have half happened.
    struct Undo {
        std::string what;
        Action action;
        /// Only if the step's own request was answered with this, or not at all: what was there already is not removed.
        std::optional<int> after_status = std::nullopt;
        /// Only if everything that was taken back before it could be: what is needed to go on by hand stays.
        bool if_whole = false;
        /// Not once the step of this id has succeeded: what it gave its place stays.
        std::string unless = {};
    };
    std::vector<Undo> undo;
    bool always = false;  ///< its undo runs last, after success too, unless the step itself failed: a lock
};

// ---- what changes ----------------------------------------------------------------------------------------------

enum class Op { create, update, remove };

/// One field before and after, as JSON text; empty: it is not there. Values of Secrets never stand here.
struct FieldChange {
    std::string path;
    std::string before;
    std::string after;
};

struct Change {
    Op op = Op::update;
    std::string object;  ///< "Deployment/wallet in flowlet-core"
    std::vector<FieldChange> fields;
    std::string by;  ///< "manifests/30-data/postgresql.yaml:1" or "chart flowlet"
};

/// Something that is worth saying before it is done; an `error` stops the plan from being run.
struct Finding {
    enum class Severity { note, warning, error } severity = Severity::note;
    std::string object;
    std::string message;
    std::string place;
    std::string hint;
};

// ---- plan and view ---------------------------------------------------------------------------------------------

/// What a plan touches, in rising order. It decides on lock, audit and confirmation.
enum class Effect { none, files, cluster, data };

/// Who and what a plan is about, for the audit log, the report and JSON output.
struct Subject {
    std::string command;      ///< "deploy"
    std::string environment;  ///< "staging"
    std::string space;        ///< the Kubernetes namespace
    std::string release;
    std::string cluster;                                     ///< kube context and the cluster's uid
    std::vector<std::pair<std::string, std::string>> facts;  ///< versions of tools, chart, digest of the config …
};

/// What came of a plan: for the record and for -o json, whose document it joins; and in a few words, for people.
struct Result {
    std::shared_ptr<const nlohmann::json> document;
    std::string text;  ///< "2 tables, each as it was backed up"
    /// What the exit code is made of when all was done, and yet not all is well.
    Kind verdict = Kind::ok;
};

/// What has to be typed before a plan is run: at a terminal, or with --confirm.
struct Confirm {
    std::string name;  ///< of the thing that it is about: "flowlet"
    std::string what;  ///< "flowlet holds 14 tables; they are set aside as flowlet_old_20261121t…"
};

/// A plan of services that are kept: performed by the supervisor, whose steps are Keep, and first an End, if there is
/// one.
struct Stack {
    std::string project;
    std::string folder;  ///< of the state and the control socket
    std::string logs;    ///< the folder of their logs: SERVICE.log
    std::uint64_t log_limit = std::uint64_t{16} << 20U;
    int log_older = 4;
};

struct Plan {
    std::string title;  ///< "deploy flowlet 0.1.0 to staging"
    Subject subject;
    Effect effect = Effect::none;
    std::vector<Step> steps;
    std::vector<Change> changes;
    std::vector<Finding> findings;
    std::size_t unchanged = 0;  ///< objects that are as they should be
    /// Performed after an undo, whatever it found: proves that all is as it was.
    std::vector<Step> settle;
    std::function<Result()> result;  ///< asked once all steps have succeeded; may be empty
    std::optional<Confirm> confirm = std::nullopt;
    std::optional<Stack> stack = std::nullopt;
};

/// Throws Error{bug}: two steps of one id, an unknown `after`, a cycle.
void check(const Plan& plan);

/// SHA-256 over what would be done: ids, actions, edges. Two plans with one digest do the same.
std::string digest(const Plan& plan);

/// The action as a person would type or name it: a command line, or "PATCH /api/…".
std::string render(const Action& action);

/// The `Plan` document of -o json (docs/json.md): {apiVersion, kind: Plan, title, effect, changes[], findings[],
/// steps[]}.
nlohmann::json to_json(const Plan& plan);

/// A line that a service said.
struct Said {
    std::string service;
    std::string line;  ///< as it was said: it may hold colours
};

/// A look that goes on: after the rest of a View, what `show` makes of the lines of a stream is printed as it comes,
/// until that ends or somebody asks to stop, which is no failure.
struct Yield {
    host::Endpoint endpoint;
    host::Request request;
    std::function<std::vector<Said>(std::string_view line)> show;
};

/// A look: one JSON document, the same as a table, and the verdict that becomes the exit code.
struct View {
    std::shared_ptr<const nlohmann::json> document;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> notes;  ///< lines after the table
    Kind verdict = Kind::ok;
    std::optional<Write> copy = std::nullopt;  ///< the same for another program: put in the place of that file first
    std::vector<Said> said;                    ///< after the table and its notes
    std::optional<Yield> yield = std::nullopt;
};

}  // namespace flowlet::plan
