// host: the only room that touches the world: processes, files, clock, HTTP. `Probe` reads; `Host` also changes.
// A command is handed a Probe and so cannot change anything.
#pragma once

#include "flowlet/base.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace flowlet::host {

// ---- processes -------------------------------------------------------------------------------------------------

/// One child process. There is no shell: `args` arrive as they are. The child gets its own process group, /dev/null or
/// `input` as its standard input, no inherited descriptor, umask 077, no core dump, and an environment of the allowed
/// names (docs/decisions/0003) plus `env`.
struct Command {
    std::string program;  ///< an absolute path, as found by Probe::find_program
    std::vector<std::string> args;
    std::map<std::string, std::string> env;  ///< added to the allowed environment; never a secret that is not needed
    std::string input;                       ///< bytes for standard input; may hold a secret
    std::string folder;                      ///< working directory; empty: the caller's
    Millis timeout{60000};                   ///< then SIGTERM to the group, `grace` later SIGKILL
    Millis grace{10000};
    /// What it finds in /dev/fd/3 and /dev/fd/4: files in memory that only its user may read. Two at most.
    std::vector<Secret> handed = {};
    /// In a flow: `some`: it may end well without having read everything that it was given.
    enum class Reads { all, some } reads = Reads::all;
};

/// "helm upgrade flowlet …" as a person would type it, quoted where a shell would need it. For plans, logs, errors.
std::string render(const Command& command);

/// What became of a child. Output past 64 MiB a stream is dropped and said so in `clipped`.
struct Exit {
    int code = 0;    ///< the exit status, or 128 + signal
    int signal = 0;  ///< the signal that ended it, 0 if none
    bool timed_out = false;
    bool interrupted = false;  ///< it was ended because flowletctl was asked to stop
    bool clipped = false;
    std::string out;
    std::string err;
    [[nodiscard]] bool ok() const noexcept { return code == 0 && !timed_out && !interrupted; }
};

// ---- buckets ---------------------------------------------------------------------------------------------------

/// A bucket of an S3-compatible store, addressed by path: "https://host/bucket/key". Plain http is for this machine
/// only: another is Error{config}. The secret goes into signatures (AWS Signature Version 4) and nowhere else.
struct Bucket {
    std::string endpoint;  ///< "https://s3.eu-central-1.example.com"
    std::string region;
    std::string name;
    std::string key_id;
    Secret secret;
};

/// The first version of an object: what somebody has put over it since, or a mark that it is removed, changes nothing.
struct Object {
    std::string key;
    std::string version;  ///< "null" where the bucket keeps none; empty: the newest, whichever that is
    std::uint64_t bytes = 0;
};

/// What keeps an object from being removed, as the store tells it.
struct ObjectLock {
    std::string mode;  ///< "COMPLIANCE", "GOVERNANCE"; empty: nothing does
    Time until{};
    std::string version;  ///< empty: the bucket keeps no versions
};

/// A file that becomes an object: in parts, each with its SHA-256, four at a time. Where `locked_until` is given,
/// nobody may remove or replace it before (Object Lock, COMPLIANCE).
struct NewObject {
    Bucket bucket;
    std::string key;
    std::string path;
    std::optional<Time> locked_until;
};

// ---- bytes on their way ----------------------------------------------------------------------------------------

/// Counts and hashes what comes by, under a name.
struct Measure {
    std::string name;
};
struct Compress {};  ///< stream::make_gzip
struct Inflate {};   ///< stream::make_gunzip
/// Calls `seen` once, when that text comes by, or else at the end. May be called from any thread.
struct Spot {
    std::string text;
    std::function<void()> seen;
};
/// Not through a link at its end.
struct ReadFile {
    std::string path;
};
/// A connection that breaks is taken up where it broke.
struct ReadObject {
    Bucket bucket;
    Object object;
};
/// Fails if there is one already; 0600, on the disk when the flow has ended.
struct NewFile {
    std::string path;
};
using Stage = std::variant<Command, ReadFile, ReadObject, Measure, Spot, Compress, Inflate, NewFile>;

/// Bytes from a program, a file or a bucket, through what is to be done with them, into programs or a new file: without
/// a shell, and without a stop on any disk. The first stage is a Command, a ReadFile or a ReadObject, a NewFile is the
/// last; what comes out of another last stage is dropped.
struct Flow {
    std::vector<Stage> stages;
    Millis timeout{60000};   ///< for everything
    Millis idle{60000};      ///< for how long not one byte may move
    std::uint64_t rate = 0;  ///< at most so many bytes a second from the first stage; 0: as many as come
    /// `with_last`: once the last stage, a program, has ended well, what stands before it is ended and not judged.
    enum class Ends { with_all, with_last } ends = Ends::with_all;
};

/// "pg_dump … | gzip | age … > FILE", without what only measures.
std::string render(const Flow& flow);

struct FlowEnd {
    struct Measured {
        std::uint64_t bytes = 0;
        std::string sha256;
        std::string head;  ///< the first bytes, at most 16
        std::string tail;  ///< the last bytes, at most 256
    };
    std::map<std::string, Measured> measured;  ///< by name; only of stretches that came to their end
    std::vector<Exit> exits;                   ///< of its programs, in its order; `out` is empty
    std::optional<std::size_t> failed;         ///< which of them failed first
    std::optional<Error> broken;               ///< what went wrong between them
    bool timed_out = false;
    bool stood_still = false;
    bool interrupted = false;
    [[nodiscard]] bool ok() const noexcept { return !failed && !broken && !timed_out && !stood_still && !interrupted; }
};

// ---- HTTP ------------------------------------------------------------------------------------------------------

/// Where requests go: an HTTP server on a unix socket (the Host header sent is "localhost"), or at an address. Plain
/// http is for this machine only: another is Error{config}.
struct Endpoint {
    std::string socket;
    std::string address = {};  ///< "https://hooks.example.com", where `socket` is empty
};

struct Request {
    std::string method = "GET";
    std::string path;  ///< with its query, already percent-encoded
    std::string body;
    std::string content_type;
    std::string accept = "application/json";
};

/// `status` 0: no whole answer came (refused, reset, timed out, larger than 256 MiB); `body` then holds the reason.
struct Response {
    int status = 0;
    std::string body;
    [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// A long look: several streaming GETs at once, fed line by line to one state machine. All calls come from one thread.
class Follower {
public:
    virtual ~Follower() = default;
    /// The streams to open first, all GET. Their numbers are their positions here. next() is asked right after.
    virtual std::vector<Request> open() = 0;
    /// A complete line of that stream's 2xx answer, without its newline. A body that ends without one counts as a line;
    /// what a broken connection leaves of a line does not.
    virtual void on_line(std::size_t stream, std::string_view line, Time now) = 0;
    /// That stream has ended: the status, and the body unless it was told as lines; status 0 and a reason if it broke
    /// or a line grew beyond 16 MiB. What is returned is opened in its place under the same number, after `delay`.
    struct Again {
        Request request;
        Millis delay{0};
    };
    virtual std::optional<Again> on_end(std::size_t stream, const Response& end, Time now) = 0;
    /// Asked after each batch of lines and at the time it named itself: nothing ends the look.
    virtual std::optional<Time> next(Time now) = 0;
};

// ---- databases -------------------------------------------------------------------------------------------------

/// mysql: MariaDB or MySQL.
enum class Engine { postgres, mysql };

/// A database and who logs in. The password goes into the connection only.
struct Database {
    std::string host;  ///< a name, an address, or a unix socket: PostgreSQL's folder of it, MariaDB's socket itself
    int port = 5432;
    std::string name;
    std::string user;
    Secret password;
    Engine engine = Engine::postgres;
    std::string known_as = {};  ///< where host and port are the near end of a tunnel: "service/db in flowlet-data"
};

/// "db.internal:5432/flowlet", "service/db in flowlet-data/flowlet".
std::string render(const Database& database);

/// What one statement came to.
struct Rows {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;  ///< as text; NULL is empty
    std::string state;                           ///< empty: it succeeded; else its SQLSTATE, "08001" if nobody answers
    std::string message;                         ///< the server's words, printable
    [[nodiscard]] bool ok() const noexcept { return state.empty(); }
};

/// SQLSTATE: the password, or the user, is not accepted. That of MariaDB, too, which has another number for it.
inline constexpr std::string_view login_refused = "28P01";

/// A login that stays: one transaction that only reads, and sees the data as they were at its first statement.
class Reading {
public:
    virtual ~Reading() = default;
    /// If the login was refused, that is every answer. Throws Error{interrupted} or Error{terminated} when asked to
    /// stop.
    virtual Rows ask(const std::string& statement, Millis timeout) = 0;
};

/// A Reading whose state others can see, too. PostgreSQL gives it a name. MariaDB has none: from the beginning until
/// release() nobody can write, and a transaction that begins meanwhile sees the same.
class Snapshot : public Reading {
public:
    /// Empty where there is none; then also the login may have been refused, as the next answer tells.
    [[nodiscard]] virtual std::string name() const = 0;
    /// Lets the others write again. May be called from any thread, and more than once.
    virtual void release() = 0;
};

// ---- files -----------------------------------------------------------------------------------------------------

enum class FileType { none, regular, folder, other };

struct FileInfo {
    FileType type = FileType::none;
    std::uint64_t size = 0;
    std::uint32_t owner = 0;
    std::uint32_t mode = 0;  ///< permission bits only
};

/// A lock that ends with this object, and with the process, however that ends.
class FileLock {
public:
    virtual ~FileLock() = default;
};

// ---- stopping --------------------------------------------------------------------------------------------------

/// SIGINT, SIGTERM and SIGHUP as a thing that can be asked and waited for. Installed once, by app. Every wait of a Host
/// ends when it is raised, unless it is shielded (while things are undone); a second signal passes the shield. Of those
/// that came before the shield went up, all count as the first: a burst of them is one wish.
class Interrupt {
public:
    virtual ~Interrupt() = default;
    /// The number of the signal that asks to stop, 0 if none does (or the shield is up and only one came).
    [[nodiscard]] virtual int raised() const = 0;
    /// Readable from the moment raised() is not 0; poll it, do not read it. -1: never.
    [[nodiscard]] virtual int descriptor() const = 0;
    virtual void shield(bool up) = 0;
};

/// Blocks the three signals in the calling thread (so call it first in main) and turns them into an Interrupt.
std::unique_ptr<Interrupt> install_interrupt();

// ---- the two doors ---------------------------------------------------------------------------------------------

/// Looks at the world and changes nothing in it. Safe to call from several threads.
class Probe {
public:
    virtual ~Probe() = default;

    [[nodiscard]] virtual Time now() const = 0;
    /// A value of the environment, nothing when unset.
    [[nodiscard]] virtual std::optional<std::string> env(const std::string& name) const = 0;
    /// Every variable whose name starts with `prefix`.
    [[nodiscard]] virtual std::map<std::string, std::string> env_with_prefix(const std::string& prefix) const = 0;
    [[nodiscard]] virtual std::string current_folder() const = 0;

    [[nodiscard]] virtual FileInfo file_info(const std::string& path) const = 0;
    /// Throws Error{precondition} if it cannot be read, Error{config} if it is larger than `limit`.
    [[nodiscard]] virtual std::string read_file(const std::string& path,
                                                std::size_t limit = std::size_t{64} << 20U) const = 0;
    /// Names in a folder in byte order, without "." and "..". Throws Error{precondition}.
    [[nodiscard]] virtual std::vector<std::string> list_folder(const std::string& path) const = 0;

    /// Bytes that may still be written in the file system of that path, or of its nearest folder that exists.
    [[nodiscard]] virtual std::uint64_t free_space(const std::string& path) const = 0;
    /// May this user write there, or create it where it is missing?
    [[nodiscard]] virtual bool may_write(const std::string& path) const = 0;
    /// Does something keep the kernel's clock right (adjtimex)?
    [[nodiscard]] virtual bool clock_is_kept() const = 0;

    /// The absolute path of a program: `name` itself if it has a slash, else the first in PATH's absolute folders.
    /// Nothing if there is none that may be executed.
    [[nodiscard]] virtual std::optional<std::string> find_program(const std::string& name) const = 0;
    /// Runs a program that only looks (a version, a rendering). Throws Error{tool_missing} if it cannot be started.
    /// When asked to stop already, it is not started and the Exit says so.
    virtual Exit query(const Command& command) = 0;
    /// Runs a flow that only looks, until its last stage, a program, has ended. The Exit is that program's, or the
    /// one's that failed before it. Throws Error{bug} if it writes a file, and what broke it.
    virtual Exit query(const Flow& flow) = 0;

    /// Starts a program that only relays HTTP and waits (at most `wait`) until its socket accepts. "@socket@" in `args`
    /// is replaced by a path in a private 0700 folder. The same command is started once; it ends with this Probe.
    /// Throws Error{precondition} with the program's own last words if it does not come up.
    virtual Endpoint relay(const Command& command, Millis wait) = 0;
    /// The same for a program that carries TCP connections elsewhere, as `kubectl port-forward` does: gives back the
    /// port of 127.0.0.1 that it says it listens on.
    virtual int forward(const Command& command, Millis wait) = 0;
    /// Sends requests that only read: GET, or any with dryRun=All in the query; another is a bug (Error{bug}). At most
    /// 16 of a call are under way at once, each has `timeout`; answers stand in the order of the requests. Throws
    /// Error{interrupted} or Error{terminated} when asked to stop.
    virtual std::vector<Response> ask(const Endpoint& endpoint, std::span<const Request> requests, Millis timeout) = 0;
    /// Runs a Follower to its end. Throws Error{interrupted} or Error{terminated} when asked to stop.
    virtual void follow(const Endpoint& endpoint, Follower& follower) = 0;

    /// Logs in, runs one statement in a read-only transaction, logs out; all within `timeout`. Throws
    /// Error{interrupted} or Error{terminated} when asked to stop.
    virtual Rows look_up(const Database& database, const std::string& statement, Millis timeout) = 0;

    /// The objects whose keys begin so, in their order. Throws Error{denied}, or Error{precondition} where there is no
    /// answer or no such bucket.
    virtual std::vector<Object> list_objects(const Bucket& bucket, const std::string& prefix) = 0;
    /// Throws like list_objects, and Error{config} if it is larger than `limit`.
    virtual std::string read_object(const Bucket& bucket, const Object& object, std::size_t limit) = 0;
    /// Throws like list_objects.
    virtual ObjectLock look_at_lock(const Bucket& bucket, const std::string& key) = 0;

    /// Logs in and stays. `timeout` is for the login.
    virtual std::unique_ptr<Reading> read_from(const Database& database, Millis timeout) = 0;

    /// All of standard input, once. Throws Error{usage} if it is a terminal, or larger than `limit`.
    virtual Secret read_input(std::size_t limit) = 0;
    /// Asks the person at the terminal. Throws Error{usage} if there is no terminal, Error{cancelled} on an empty
    /// answer or the end of input.
    enum class Echo { off, on };
    virtual Secret ask_person(const std::string& question, Echo echo) = 0;
};

/// Also changes the world. Only run, audit and app hold one.
class Host : public Probe {
public:
    /// Runs a program that changes something. When asked to stop, SIGINT goes to its group, `grace` later SIGKILL.
    virtual Exit run(const Command& command) = 0;
    /// Moves bytes. When asked to stop, SIGTERM goes to its programs, SIGKILL after the longest `grace` of them. Throws
    /// Error{tool_missing} if a program cannot be started. A file that it began and did not end stays.
    virtual FlowEnd flow(const Flow& flow) = 0;
    /// One request of any method. One that changes something is never sent twice. When asked to stop, nothing is sent
    /// any more and Error{interrupted} or Error{terminated} thrown; what is under way has two seconds to be answered.
    virtual Response send(const Endpoint& endpoint, const Request& request, Millis timeout) = 0;
    /// Logs in, runs one statement, logs out. When asked to stop, it is cancelled and Error{interrupted} or
    /// Error{terminated} thrown: whether it took effect is then not known.
    virtual Rows execute(const Database& database, const std::string& statement, Millis timeout) = 0;
    /// Logs in and holds its state still for others. `timeout` is for all that.
    virtual std::unique_ptr<Snapshot> hold(const Database& database, Millis timeout) = 0;
    /// What busy or broken lines cost is tried again, up to five times. Throws Error{tool_failed} with the store's
    /// words if it does not take it, Error{denied}; no part of it stays then.
    virtual void put_object(const NewObject& object) = 0;
    /// Tries to remove that version of an object, or the object if it is empty; gives back the HTTP status.
    virtual int remove_object(const Bucket& bucket, const std::string& key, const std::string& version) = 0;
    /// Sleeps, but not past an interrupt. False when it was one.
    virtual bool sleep(Millis duration) = 0;
    /// Creates the folder and its parents with that mode where missing. Throws Error{failed}.
    virtual void make_folder(const std::string& path, std::uint32_t mode) = 0;
    /// Writes a whole file atomically: temporary name, fsync, rename, fsync of the folder. Throws Error{failed}.
    virtual void write_file(const std::string& path, std::string_view bytes, std::uint32_t mode) = 0;
    /// The same where nothing is yet, not even a broken link; else Error{conflict}, and what is there stays.
    virtual void create_file(const std::string& path, std::string_view bytes, std::uint32_t mode) = 0;
    /// Removes a file, and syncs its folder. Throws Error{failed}.
    virtual void remove_file(const std::string& path) = 0;
    /// Takes a lock on a file, which is created 0600 where missing and stays. Nothing if somebody holds it. Throws
    /// Error{failed}.
    virtual std::unique_ptr<FileLock> lock_file(const std::string& path) = 0;
    /// Gives a folder, with all its files on the disk, another name in the same file system. Throws Error{conflict} if
    /// there is something of that name, else Error{failed}.
    virtual void move_folder(const std::string& from, const std::string& to) = 0;
    /// Removes a folder and what is in it; a link in it is removed, not followed. Not there is as good. Throws
    /// Error{failed}.
    virtual void remove_folder(const std::string& path) = 0;
};

/// The real one. `interrupt` may be null and outlives it. Its relays end when it is destroyed.
std::unique_ptr<Host> make_host(Interrupt* interrupt);

}  // namespace flowlet::host
