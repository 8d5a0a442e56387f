// A world in memory: what other rooms' tests hand to code that wants a Probe or a Host. Nothing here touches the
// machine. What was not scripted throws std::logic_error, so that a test cannot pass by accident.
#pragma once

#include "fakes/crowd.h"
#include "fakes/login.h"
#include "fakes/switch.h"
#include "flowlet/host.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace flowlet::fakes {

struct World : Crowd {
    using Program = std::function<host::Exit(const host::Command&)>;
    using Server = std::function<host::Response(const host::Request&)>;

    struct File {
        std::string bytes;
        std::uint32_t mode = 0644;
    };

    /// Something that a followed stream says: a line, or its end. `at` counts from the start of the look.
    struct Event {
        Millis at{0};
        std::size_t stream = 0;
        std::variant<std::string, host::Response> what;
    };
    /// What the streams will say, asked once a look with the requests that were opened first.
    using Script = std::function<std::vector<Event>(const std::vector<host::Request>&)>;

    // ---- what a test sets ----
    std::map<std::string, std::string> variables;
    std::string folder = "/home/tester";
    std::map<std::string, File> files;
    std::set<std::string> folders = {"/", "/home/tester", "/tmp"};
    Time clock{std::chrono::microseconds{1787393730000000}};  ///< 2026-08-22T10:15:30Z
    Switch stop;
    std::optional<std::pair<Time, int>> stop_at;  ///< when the virtual clock reaches it, that signal is raised
    Server server;                                ///< answers ask and send
    Script script;                                ///< feeds follow
    std::function<host::Rows(const host::Database&, const std::string&)> postgres;  ///< answers look_up and execute
    std::string input;                                           ///< standard input, and what the person answers
    std::function<host::Endpoint(const host::Command&)> relays;  ///< unset: "/fake/<program>.sock"

    std::uint64_t space = std::uint64_t{1} << 40U;
    std::set<std::string> read_only;
    std::set<std::string> locked;                           ///< lock files that somebody holds
    std::function<host::FlowEnd(const host::Flow&)> flows;  ///< answers flow
    bool clock_kept = true;
    std::map<std::string, std::string> objects;  ///< of the one bucket there is, by key
    host::ObjectLock lock_told;
    int removal_answer = 204;

    // ---- what it reads afterwards, in the order in which it happened ----
    std::vector<std::string> did;  ///< "run helm upgrade x", "PATCH /api/…", "write /x", "sleep 500ms" …
    std::vector<host::Command> commands;
    std::vector<host::Request> requests;

    /// Installs a program; for one name the match that was added last counts. Its path is "/usr/bin/<name>".
    void program(const std::string& name, Program what) { programs_.push_back({name, {}, std::move(what)}); }
    void program(const std::string& name, host::Exit exit) { program(name, {}, std::move(exit)); }
    /// Only for calls whose arguments begin with `args`.
    void program(const std::string& name, std::vector<std::string> args, host::Exit exit) {
        programs_.push_back({name, std::move(args), [exit](const host::Command&) { return exit; }});
    }
    void program(const std::string& name, std::vector<std::string> args, Program what) {
        programs_.push_back({name, std::move(args), std::move(what)});
    }

    // ---- Probe ----
    [[nodiscard]] Time now() const override {
        const std::lock_guard lock(mutex_);
        return clock;
    }
    [[nodiscard]] std::optional<std::string> env(const std::string& name) const override {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    }
    [[nodiscard]] std::map<std::string, std::string> env_with_prefix(const std::string& prefix) const override {
        std::map<std::string, std::string> found;
        std::copy_if(variables.begin(), variables.end(), std::inserter(found, found.end()),
                     [&](const auto& variable) { return variable.first.starts_with(prefix); });
        return found;
    }
    [[nodiscard]] std::string current_folder() const override { return folder; }

    [[nodiscard]] host::FileInfo file_info(const std::string& path) const override {
        const std::lock_guard lock(mutex_);
        if (const auto file = files.find(path); file != files.end()) {
            return {host::FileType::regular, file->second.bytes.size(), 0, file->second.mode};
        }
        return is_folder(path) ? host::FileInfo{host::FileType::folder, 0, 0, 0755} : host::FileInfo{};
    }
    [[nodiscard]] std::string read_file(const std::string& path,
                                        std::size_t limit = std::size_t{64} << 20U) const override {
        const std::lock_guard lock(mutex_);
        const auto file = files.find(path);
        if (file == files.end()) throw Error(Kind::precondition, "cannot read " + path + ": No such file or directory");
        if (file->second.bytes.size() > limit) throw Error(Kind::config, path + " is too large");
        return file->second.bytes;
    }
    [[nodiscard]] std::vector<std::string> list_folder(const std::string& path) const override {
        const std::lock_guard lock(mutex_);
        if (!is_folder(path)) throw Error(Kind::precondition, "cannot list " + path + ": No such file or directory");
        std::set<std::string> names;
        const auto note = [&, start = path.ends_with('/') ? path : path + '/'](const std::string& other) {
            if (other.size() > start.size() && other.starts_with(start)) {
                names.insert(other.substr(start.size(), other.find('/', start.size()) - start.size()));
            }
        };
        for (const auto& [name, file] : files)
            note(name);
        for (const auto& name : folders)
            note(name);
        return {names.begin(), names.end()};
    }

    [[nodiscard]] std::optional<std::string> find_program(const std::string& name) const override {
        const bool known = std::any_of(programs_.begin(), programs_.end(),
                                       [&](const auto& entry) { return entry.name == base(name); });
        if (!known) return std::nullopt;
        return name.find('/') == std::string::npos ? "/usr/bin/" + name : name;
    }
    [[nodiscard]] std::string tools_folder() const override { return "/home/tester/tools"; }
    host::Exit query(const host::Command& command) override { return call("query", command); }
    host::Exit query(const host::Flow& flow) override {
        return call("query", std::get<host::Command>(flow.stages.back()));
    }

    host::Endpoint relay(const host::Command& command, Millis /*wait*/) override {
        note("relay", command);
        return relays ? relays(command) : host::Endpoint{"/fake/" + base(command.program) + ".sock"};
    }
    int forward(const host::Command& command, Millis /*wait*/) override {
        note("forward", command);
        return 40000;
    }
    std::vector<host::Response> ask(const host::Endpoint& endpoint, std::span<const host::Request> asked,
                                    Millis timeout) override {
        for (const auto& request : asked) {
            const auto query = request.path.find('?');
            const auto parts = split(query == std::string::npos ? "" : request.path.substr(query + 1), '&');
            if (request.method != "GET" && std::find(parts.begin(), parts.end(), "dryRun=All") == parts.end()) {
                throw Error(Kind::bug, "not a request that only reads: " + request.method + " " + request.path);
            }
        }
        std::vector<host::Response> answers;
        for (const auto& request : asked)
            answers.push_back(send(endpoint, request, timeout));
        return answers;
    }
    void follow(const host::Endpoint& /*endpoint*/, host::Follower& follower) override {
        const auto opened = follower.open();
        for (const auto& request : opened)
            note(request);
        if (!script) throw std::logic_error("unscripted look");
        const Time start = now();
        auto events = script(opened);
        std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
        auto wake = follower.next(now());
        for (auto event = events.begin(); wake;) {
            const bool told = event != events.end() && start + event->at <= *wake;
            advance(std::max(now(), told ? start + event->at : *wake));
            check_stop();
            for (const Millis at = told ? event->at : Millis{0}; told && event != events.end() && event->at == at;) {
                tell(follower, *event++);
            }
            const auto before = std::exchange(wake, follower.next(now()));
            if (!told && wake && *wake <= *before) throw std::logic_error("a look that never ends");
        }
    }

    host::Rows look_up(const host::Database& database, const std::string& statement, Millis timeout) override {
        return execute(database, statement, timeout);
    }
    Secret read_input(std::size_t /*limit*/) override { return Secret(input); }
    Secret ask_person(const std::string& question, Echo /*echo*/) override {
        did.push_back("ask " + question);
        return Secret(input);
    }

    [[nodiscard]] std::uint64_t free_space(const std::string& /*path*/) const override { return space; }
    [[nodiscard]] bool may_write(const std::string& path) const override { return !read_only.contains(path); }
    [[nodiscard]] bool clock_is_kept() const override { return clock_kept; }

    // ---- Host ----
    host::Exit run(const host::Command& command) override { return call("run", command); }
    host::Response send(const host::Endpoint& /*endpoint*/, const host::Request& request, Millis /*timeout*/) override {
        check_stop();
        note(request);
        if (!server) throw std::logic_error("unscripted request: " + request.method + " " + request.path);
        return server(request);
    }
    host::Rows execute(const host::Database& database, const std::string& statement, Millis /*timeout*/) override {
        check_stop();
        if (!postgres) throw std::logic_error("unscripted statement: " + statement);
        {
            const std::lock_guard lock(mutex_);
            did.push_back("SQL as " + database.user + ": " + statement);
        }
        return postgres(database, statement);
    }
    host::FlowEnd flow(const host::Flow& flow) override {
        {
            const std::lock_guard lock(mutex_);
            did.push_back("flow " + host::render(flow));
        }
        if (!flows) throw std::logic_error("unscripted flow: " + host::render(flow));
        return flows(flow);
    }
    std::unique_ptr<host::Reading> read_from(const host::Database& database, Millis /*timeout*/) override {
        return std::make_unique<Login>(
            [this, database](const std::string& statement, Millis most) { return execute(database, statement, most); });
    }
    std::unique_ptr<host::Snapshot> hold(const host::Database& database, Millis /*timeout*/) override {
        return std::make_unique<Login>(
            [this, database](const std::string& statement, Millis most) { return execute(database, statement, most); });
    }
    std::vector<host::Object> list_objects(const host::Bucket& /*bucket*/, const std::string& prefix) override {
        std::vector<host::Object> found;
        for (const auto& [key, content] : objects) {
            if (key.starts_with(prefix)) found.push_back({key, "null", content.size()});
        }
        return found;
    }
    std::string read_object(const host::Bucket& /*bucket*/, const host::Object& object,
                            std::size_t /*limit*/) override {
        return objects.at(object.key);
    }
    host::ObjectLock look_at_lock(const host::Bucket& /*bucket*/, const std::string& /*key*/) override {
        return lock_told;
    }
    void put_object(const host::NewObject& object) override {
        const std::lock_guard lock(mutex_);
        did.push_back("put " + object.key);
        objects[object.key] = files.at(object.path).bytes;
    }
    int remove_object(const host::Bucket& /*bucket*/, const std::string& key, const std::string& version) override {
        const std::lock_guard lock(mutex_);
        did.push_back("remove object " + key + " " + version);
        return removal_answer;
    }
    std::unique_ptr<host::FileLock> lock_file(const std::string& path) override {
        const std::lock_guard lock(mutex_);
        did.push_back("lock " + path);
        if (locked.contains(path)) return nullptr;
        return std::make_unique<host::FileLock>();
    }
    void move_folder(const std::string& from, const std::string& to) override {
        const std::lock_guard lock(mutex_);
        did.push_back("rename " + from + " to " + to);
        if (is_folder(to)) throw Error(Kind::conflict, "cannot create " + to);
        for (auto file = files.begin(); file != files.end();) {
            if (file->first.starts_with(from + '/')) {
                files[to + file->first.substr(from.size())] = file->second;
                file = files.erase(file);
            } else {
                ++file;
            }
        }
        folders.erase(from);
        folders.insert(to);
    }
    void remove_folder(const std::string& path) override {
        const std::lock_guard lock(mutex_);
        did.push_back("remove " + path);
        folders.erase(path);
        std::erase_if(files, [&](const auto& file) { return file.first.starts_with(path + '/'); });
    }
    bool sleep(Millis duration) override {
        {
            const std::lock_guard lock(mutex_);
            did.push_back("sleep " + std::to_string(duration.count()) + "ms");
        }
        if (stop.raised() == 0) advance(now() + duration);
        return stop.raised() == 0;
    }
    void make_folder(const std::string& path, std::uint32_t /*mode*/) override {
        const std::lock_guard lock(mutex_);
        did.push_back("mkdir " + path);
        for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
            if (files.contains(path.substr(0, slash))) throw Error(Kind::failed, "cannot create " + path);
            folders.insert(path.substr(0, slash));
            if (slash == std::string::npos) return;
        }
    }
    void write_file(const std::string& path, std::string_view bytes, std::uint32_t mode) override {
        const std::lock_guard lock(mutex_);
        did.push_back("write " + path);
        const auto slash = path.rfind('/');
        if (!is_folder(slash == 0 ? "/" : path.substr(0, slash)) || folders.contains(path)) {
            throw Error(Kind::failed, "cannot write " + path);
        }
        files[path] = {std::string(bytes), mode};
    }
    void create_file(const std::string& path, std::string_view bytes, std::uint32_t mode) override {
        if (file_info(path).type != host::FileType::none) throw Error(Kind::conflict, "cannot create " + path);
        write_file(path, bytes, mode);
    }
    void remove_file(const std::string& path) override {
        const std::lock_guard lock(mutex_);
        did.push_back("remove " + path);
        if (files.erase(path) == 0) throw Error(Kind::failed, "cannot remove " + path);
    }

private:
    struct Entry {
        std::string name;
        std::vector<std::string> args;
        Program what;
    };

    static std::string base(const std::string& path) { return path.substr(path.rfind('/') + 1); }

    bool is_folder(const std::string& path) const {
        if (folders.contains(path)) return true;
        const auto below = files.lower_bound(path + '/');
        return below != files.end() && below->first.starts_with(path + '/');
    }
    void note(const std::string& verb, const host::Command& command) {
        const std::lock_guard lock(mutex_);
        commands.push_back(command);
        did.push_back(verb + ' ' + base(command.program));
        for (const auto& arg : command.args)
            did.back() += ' ' + arg;
    }
    void note(const host::Request& request) {
        const std::lock_guard lock(mutex_);
        requests.push_back(request);
        did.push_back(request.method + ' ' + request.path);
    }
    host::Exit call(const std::string& verb, const host::Command& command) {
        if (stop.raised() != 0) {
            host::Exit exit;
            exit.code = 128 + stop.raised();
            exit.interrupted = true;
            return exit;
        }
        note(verb, command);
        const auto name = base(command.program);
        if (!find_program(name))
            throw Error(Kind::tool_missing, "cannot start " + name + ": No such file or directory");
        const auto fits = [&](const Entry& entry) {
            return entry.name == name && entry.args.size() <= command.args.size() &&
                   std::equal(entry.args.begin(), entry.args.end(), command.args.begin());
        };
        const auto found = std::find_if(programs_.rbegin(), programs_.rend(), fits);
        if (found == programs_.rend()) {
            throw std::logic_error("unscripted call: " + name +
                                   (command.args.empty() ? "" : ' ' + join(command.args, " ")));
        }
        return found->what(command);
    }
    void check_stop() const {
        if (const int signal = stop.raised(); signal != 0) {
            throw Error(signal == SIGINT ? Kind::interrupted : Kind::terminated, "asked to stop");
        }
    }
    void advance(Time to) {
        const std::lock_guard lock(mutex_);
        if (stop_at && stop_at->first <= to) {
            const auto [time, signal] = *std::exchange(stop_at, std::nullopt);
            stop.raise(signal);
            if (stop.raised() != 0) to = std::max(clock, time);
        }
        clock = to;
    }
    void tell(host::Follower& follower, const Event& event) {
        if (const auto* line = std::get_if<std::string>(&event.what)) {
            follower.on_line(event.stream, *line, now());
        } else if (const auto again = follower.on_end(event.stream, std::get<host::Response>(event.what), now())) {
            note(again->request);
        }
    }

    mutable std::mutex mutex_;
    std::vector<Entry> programs_;
};

}  // namespace flowlet::fakes
