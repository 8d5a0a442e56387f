#include "flowlet/host.h"
#include "host/attend.h"
#include "host/cgroup.h"
#include "host/database.h"
#include "host/detach.h"
#include "host/environment.h"
#include "host/files.h"
#include "host/flow.h"
#include "host/http.h"
#include "host/keeper.h"
#include "host/knock.h"
#include "host/log_file.h"
#include "host/person.h"
#include "host/processes.h"
#include "host/relay.h"
#include "host/s3.h"
#include "host/state.h"
#include "host/stop.h"

#include <poll.h>

#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace flowlet::host {

namespace {

using Clock = std::chrono::steady_clock;

/// Once a process, before any thread uses libcurl.
void set_up_http() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw Error(Kind::failed, std::string("cannot set up HTTP: ") + curl_easy_strerror(code));
}

class Machine : public Host {
public:
    explicit Machine(Interrupt* interrupt) : interrupt_(interrupt), http_(interrupt), relays_(interrupt) {
        set_up_http();
    }

    [[nodiscard]] Time now() const override { return host::now(); }
    [[nodiscard]] std::optional<std::string> env(const std::string& name) const override { return variable(name); }
    [[nodiscard]] std::map<std::string, std::string> env_with_prefix(const std::string& prefix) const override {
        return variables_with_prefix(prefix);
    }
    [[nodiscard]] std::string current_folder() const override {
        std::error_code error;
        const auto folder = std::filesystem::current_path(error);
        if (error) {
            throw Error(Kind::precondition, "cannot name the current folder: " + error.message(),
                        "if it was removed: cd to one that is there, or give --root FOLDER");
        }
        return folder.string();
    }

    [[nodiscard]] FileInfo file_info(const std::string& path) const override { return look_at(path); }
    [[nodiscard]] std::string read_file(const std::string& path, std::size_t limit) const override {
        return read_whole(path, limit);
    }
    [[nodiscard]] std::vector<std::string> list_folder(const std::string& path) const override {
        return names_in(path);
    }

    [[nodiscard]] std::uint64_t free_space(const std::string& path) const override { return space_at(path); }
    [[nodiscard]] bool may_write(const std::string& path) const override { return is_writable(path); }
    [[nodiscard]] bool clock_is_kept() const override { return is_clock_kept(); }

    [[nodiscard]] std::optional<std::string> find_program(const std::string& name) const override {
        if (name.find('/') != std::string::npos) {
            const std::string path = name.starts_with('/') ? name : current_folder() + '/' + name;
            return is_program(path) ? std::optional(path) : std::nullopt;
        }
        for (const auto& folder : split(variable("PATH").value_or(""), ':')) {
            // An empty or relative entry means the current folder, where anybody may have put a program.
            if (!folder.starts_with('/')) continue;
            std::string path = folder;
            path.append("/").append(name);
            if (is_program(path)) return path;
        }
        const std::string own = tools_folder();
        for (const char* const folder : {"/bin/", "/python/bin/"}) {
            std::string path = own + folder + name;
            if (!own.empty() && is_program(path)) return path;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::string tools_folder() const override {
        const std::string data = variable("XDG_DATA_HOME").value_or("");
        if (data.starts_with('/')) return data + "/flowletctl/tools";
        const std::string home = variable("HOME").value_or("");
        return home.starts_with('/') ? home + "/.local/share/flowletctl/tools" : "";
    }
    Exit query(const Command& command) override { return attend(command, Purpose::look, interrupt_); }
    Exit query(const Flow& flow) override { return look_through(flow, interrupt_); }

    [[nodiscard]] std::vector<ProcessInfo> processes() const override { return all_processes(); }
    [[nodiscard]] std::vector<Listener> listeners(std::span<const int> ports) const override {
        return find_listeners(ports);
    }
    [[nodiscard]] std::string boot() const override { return boot_id(); }
    [[nodiscard]] Process self() const override { return look_at_process(::getpid())->id; }
    [[nodiscard]] std::string knock(const std::string& address, int port, Millis timeout) const override {
        return knock_at(address, port, timeout);
    }
    [[nodiscard]] std::string knock(const Database& database, Millis timeout) const override {
        return knock_at_postgres(database, timeout);
    }

    Endpoint relay(const Command& command, Millis wait) override { return relays_.open(command, wait); }
    int forward(const Command& command, Millis wait) override { return relays_.open_port(command, wait); }
    std::vector<Response> ask(const Endpoint& endpoint, std::span<const Request> requests, Millis timeout) override {
        return http_.ask(endpoint, requests, timeout);
    }
    void follow(const Endpoint& endpoint, Follower& follower) override { host::follow(endpoint, follower, interrupt_); }

    Rows look_up(const Database& database, const std::string& statement, Millis timeout) override {
        return run_statement(database, statement, Purpose::look, timeout, interrupt_);
    }
    std::unique_ptr<Reading> read_from(const Database& database, Millis timeout) override {
        return open_reading(database, timeout, interrupt_);
    }
    std::vector<Object> list_objects(const Bucket& bucket, const std::string& prefix) override {
        return list_bucket(bucket, prefix, interrupt_);
    }
    std::string read_object(const Bucket& bucket, const Object& object, std::size_t limit) override {
        return read_from_bucket(bucket, object, limit, interrupt_);
    }
    ObjectLock look_at_lock(const Bucket& bucket, const std::string& key) override {
        return lock_in_bucket(bucket, key, interrupt_);
    }
    Secret read_input(std::size_t limit) override { return read_standard_input(limit, interrupt_); }
    Secret ask_person(const std::string& question, Echo echo) override {
        return ask_terminal(question, echo, interrupt_);
    }

    Exit run(const Command& command) override { return attend(command, Purpose::change, interrupt_); }
    FlowEnd flow(const Flow& flow) override { return run_flow(flow, interrupt_); }
    Response send(const Endpoint& endpoint, const Request& request, Millis timeout) override {
        return http_.send(endpoint, request, timeout);
    }
    Rows execute(const Database& database, const std::string& statement, Millis timeout) override {
        return run_statement(database, statement, Purpose::change, timeout, interrupt_);
    }
    std::unique_ptr<Snapshot> hold(const Database& database, Millis timeout) override {
        return open_snapshot(database, timeout, interrupt_);
    }
    void put_object(const NewObject& object) override { put_into_bucket(object, interrupt_); }
    int remove_object(const Bucket& bucket, const std::string& key, const std::string& version) override {
        return remove_from_bucket(bucket, key, version, interrupt_);
    }
    void keep(const std::string& folder, Household& household) override {
        keep_household(folder, household, interrupt_);
    }
    void detach(const Command& command, const std::string& log, const std::string& socket, Millis wait) override {
        start_apart(command, log, socket, wait, interrupt_);
    }
    bool signal(const Process& process, int signal) override { return signal_process(process, signal); }
    void remove_groups(const std::string& mark) override { Cgroup::remove_empty(mark); }
    void await_ends(std::span<const Process> processes, Millis wait) override {
        await_all(processes, wait, stop_descriptor(interrupt_));
    }
    std::unique_ptr<LogFile> open_log(const std::string& path, std::uint64_t limit, int older) override {
        return open_log_file(path, limit, older);
    }
    bool sleep(Millis duration) override {
        const auto end = Clock::now() + duration;
        for (;;) {
            if (stop_signal(interrupt_) != 0) return false;
            const int rest = poll_timeout(end, Clock::now());
            if (rest == 0) return true;
            pollfd watched = {stop_descriptor(interrupt_), POLLIN, 0};
            ::poll(&watched, 1, rest);
        }
    }
    void make_folder(const std::string& path, std::uint32_t mode) override { make_folders(path, mode); }
    void write_file(const std::string& path, std::string_view bytes, std::uint32_t mode) override {
        write_whole(path, bytes, mode);
    }
    void create_file(const std::string& path, std::string_view bytes, std::uint32_t mode) override {
        create_whole(path, bytes, mode);
    }
    void remove_file(const std::string& path) override { remove_whole(path); }
    std::unique_ptr<FileLock> lock_file(const std::string& path) override { return lock_whole(path); }
    void move_folder(const std::string& from, const std::string& to) override { move_whole_folder(from, to); }
    void remove_folder(const std::string& path) override { remove_whole_folder(path); }

private:
    Interrupt* interrupt_;
    Http http_;
    Relays relays_;
};

}  // namespace

Time now() {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

std::unique_ptr<Host> make_host(Interrupt* interrupt) {
    return std::make_unique<Machine>(interrupt);
}

}  // namespace flowlet::host
