// host: the only room that touches the world: processes, files, clock, HTTP. `Probe` reads; `Host` also changes.
// A command is handed a Probe and so cannot change anything. What they speak of is in flowlet/host/.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host/bucket.h"
#include "flowlet/host/database.h"
#include "flowlet/host/file.h"
#include "flowlet/host/flow.h"
#include "flowlet/host/http.h"
#include "flowlet/host/keeper.h"
#include "flowlet/host/process.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::host {

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

    /// The absolute path of a program: `name` itself if it has a slash, else the first in PATH's absolute folders, or
    /// what flowletctl has installed for itself (tools_folder()). Nothing if there is none that may be executed.
    [[nodiscard]] virtual std::optional<std::string> find_program(const std::string& name) const = 0;
    /// Where flowletctl installs programs for this user: $XDG_DATA_HOME/flowletctl/tools, or ~/.local/share/… of the
    /// kind. Empty: there is no home. Its programs are in bin/, those of its Python in python/bin/.
    [[nodiscard]] virtual std::string tools_folder() const = 0;
    /// Runs a program that only looks (a version, a rendering). Throws Error{tool_missing} if it cannot be started.
    /// When asked to stop already, it is not started and the Exit says so.
    virtual Exit query(const Command& command) = 0;
    /// Runs a flow that only looks, until its last stage, a program, has ended. The Exit is that program's, or the
    /// one's that failed before it. Throws Error{bug} if it writes a file, and what broke it.
    virtual Exit query(const Flow& flow) = 0;

    /// The processes of this machine that this user can see, without those that have ended, by number.
    [[nodiscard]] virtual std::vector<ProcessInfo> processes() const = 0;
    /// Who accepts on any of these ports.
    [[nodiscard]] virtual std::vector<Listener> listeners(std::span<const int> ports) const = 0;
    /// Names the machine's present run (boot_id). A Process means nothing after it.
    [[nodiscard]] virtual std::string boot() const = 0;
    /// This very process.
    [[nodiscard]] virtual Process self() const = 0;
    /// Connects to a port of this machine and hangs up. Gives back what went wrong, nothing if it was accepted.
    [[nodiscard]] virtual std::string knock(const std::string& address, int port, Millis timeout) const = 0;
    /// Does a PostgreSQL accept logins there? Gives back what went wrong. Nobody logs in.
    [[nodiscard]] virtual std::string knock(const Database& database, Millis timeout) const = 0;

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
    /// Keeps processes until the household wants no more. `folder` is made, 0700, and is this call's alone:
    /// Error{conflict} if another holds it. In it a socket "control" takes HTTP/1.1 requests without a body; it is gone
    /// in the end, the notes stay. Whoever is left then is killed.
    virtual void keep(const std::string& folder, Household& household) = 0;
    /// Starts a program that goes on by itself, in a session of its own, with this process's environment; its words go
    /// to a file, 0600, made anew. Returns once the socket accepts. Throws Error{tool_missing}, or Error{failed} with
    /// its last words if it ends before, or does not come up within `wait`.
    virtual void detach(const Command& command, const std::string& log, const std::string& socket, Millis wait) = 0;
    /// Sends it a signal. False if it is gone.
    virtual bool signal(const Process& process, int signal) = 0;
    /// Removes the groups of the kernel's that a stack of that mark had, below this process's own, where nobody is in
    /// them any more.
    virtual void remove_groups(const std::string& mark) = 0;
    /// Waits until all of them have ended, or the time is over, or an interrupt.
    virtual void await_ends(std::span<const Process> processes, Millis wait) = 0;
    /// A file that is kept, 0600, up to so many bytes; then it is renamed to "PATH.1", that one to "PATH.2" … and the
    /// last of `older` is removed.
    virtual std::unique_ptr<LogFile> open_log(const std::string& path, std::uint64_t limit, int older) = 0;
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
