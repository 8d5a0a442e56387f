#include "commands/stack/reader.h"

#include <algorithm>
#include <charconv>

#include "commands/shared/env_file.h"

namespace flowlet::commands::stack {
namespace {

constexpr std::size_t largest_env_file = std::size_t{1} << 20U;
constexpr Millis engine_time{10000};

int signal_of(const std::string& name) {
    // As the grammar of services.*.stop.signal lists them; the numbers are those of Linux on every machine it runs on.
    static const std::map<std::string, int, std::less<>> numbers = {
        {"HUP", 1}, {"INT", 2}, {"QUIT", 3}, {"KILL", 9}, {"USR1", 10}, {"USR2", 12}, {"TERM", 15}};
    return numbers.at(name);
}

plan::Restart::Policy policy_of(const std::string& name) {
    using Policy = plan::Restart::Policy;
    if (name == "always") return Policy::always;
    return name == "on-failure" ? Policy::on_failure : Policy::never;
}

std::optional<int> parse_port(std::string_view text) {
    int port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && port > 0 && port < 65536 ? std::optional(port) : std::nullopt;
}

/// The port of this machine that a URL speaks of; nothing for another machine's. Throws Error{usage} for what is no
/// URL.
std::optional<int> local_port(const std::string& url) {
    const bool tls = url.starts_with("https://");
    if (!tls && !url.starts_with("http://")) throw Error(Kind::usage, "it is no http:// or https:// address");
    const std::size_t begin = url.find("://") + 3;
    const std::string authority = url.substr(begin, std::min(url.find_first_of("/?#", begin), url.size()) - begin);
    const std::size_t colon = authority.rfind(':');
    const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
    const std::string host = has_port ? authority.substr(0, colon) : authority;
    const auto port = has_port ? parse_port(authority.substr(colon + 1)) : std::optional(tls ? 443 : 80);
    if (host.empty() || !port) throw Error(Kind::usage, "it is no http:// or https:// address");
    const bool here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
    return here ? port : std::nullopt;
}

class Reader {
public:
    Reader(const Session& session, std::string name, std::vector<plan::Finding>& findings)
        : session_(session), config_(*session.config), name_(std::move(name)), findings_(findings) {}

    Service read(const std::string& mark) {
        service_.keep.service = name_;
        service_.keep.launch.mark = mark;
        read_folder();
        read_environment();
        read_command();
        read_ready();
        read_stop();
        service_.after = list("after");
        return std::move(service_);
    }

private:
    [[nodiscard]] std::string path(const std::string& key) const { return "services." + name_ + "." + key; }
    [[nodiscard]] std::string text(const std::string& key) const { return config_.text(path(key)); }
    [[nodiscard]] std::vector<std::string> list(const std::string& key) const { return config_.list(path(key)); }
    [[nodiscard]] const std::string& folder() const { return service_.keep.launch.command.folder; }

    void complain(const std::string& key, const std::string& problem, const std::string& hint) {
        const config::Value* value = config_.find(path(key));
        if (value == nullptr || value->layer == config::Layer::fallback) value = first_value();
        plan::Finding finding;
        finding.severity = plan::Finding::Severity::error;
        finding.object = "service " + name_;
        finding.message = problem;
        finding.place = value == nullptr ? config_.file() : render_place(value->place);
        finding.hint = hint;
        findings_.push_back(std::move(finding));
    }

    /// Where something is said of the service at all.
    [[nodiscard]] const config::Value* first_value() const {
        const config::Value* first = nullptr;
        for (const std::string& said : config_.paths()) {
            const config::Value* const value = said.starts_with(path("")) ? config_.find(said) : nullptr;
            if (value == nullptr || value->layer == config::Layer::fallback) continue;
            if (first == nullptr || value->place.line < first->place.line) first = value;
        }
        return first;
    }

    void read_folder() {
        const std::string named = config_.path(path("dir"));
        service_.keep.launch.command.folder = named.empty() ? config_.root() : named;
        if (session_.probe.file_info(folder()).type == host::FileType::folder) return;
        complain("dir", "its folder " + folder() + " is not there", "make it, or correct " + path("dir"));
    }

    void read_environment() {
        auto& env = service_.keep.launch.env;
        for (const std::string& file : list("env_file"))
            read_env_file(file.starts_with('/') ? file : folder() + "/" + file);
        for (const std::string& name : config_.children(path("env")))
            env[name] = Secret(text("env." + name));
        env["PWD"] = Secret(folder());
        // On a terminal an engine's client paints screens, which no log can hold.
        const bool chosen = config_.require(path("terminal")).layer != config::Layer::fallback;
        const bool paints = !text("compose").empty() && !chosen;
        const bool terminal = !paints && config_.boolean(path("terminal"));
        service_.keep.launch.output = terminal ? host::Launch::Output::terminal : host::Launch::Output::pipe;
    }

    void read_env_file(const std::string& file) {
        try {
            const Secret whole(session_.probe.read_file(file, largest_env_file));
            for (auto& [name, value] : parse_env_file(whole.reveal(), file))
                service_.keep.launch.env[name] = std::move(value);
        } catch (const Error& error) {
            const bool missing = session_.probe.file_info(file).type == host::FileType::none;
            complain("env_file", error.what(),
                     missing ? "flowletctl setup writes one, or take it out of " + path("env_file") : error.hint());
        }
    }

    void read_command() {
        std::vector<std::string> words = list("command");
        if (const std::string compose = config_.path(path("compose")); !compose.empty()) {
            if (!words.empty()) complain("compose", "it has a command and a compose file", "leave one of them out");
            read_compose(compose, words);
        }
        if (words.empty())
            return complain("command", "it has no command", "write " + path("command") + ": [PROGRAM, ARG]");
        host::Command& command = service_.keep.launch.command;
        command.args = {words.begin() + 1, words.end()};
        if (auto program = find_program(words.front())) {
            command.program = std::move(*program);
        } else {
            complain("command", "its program " + printable(words.front()) + " is not there, or may not be executed",
                     words.front().find('/') == std::string::npos
                         ? "install it, or name it with its folder"
                         : "a name with a slash is looked up from " + folder());
        }
    }

    /// The engine's client stays in the foreground, and is the service; the containers are the engine's.
    void read_compose(const std::string& file, std::vector<std::string>& words) {
        service_.keep.elsewhere = true;
        if (session_.probe.file_info(file).type != host::FileType::regular) {
            complain("compose", file + " is not there", "correct " + path("compose"));
        }
        words = find_compose();
        if (words.empty()) {
            words = {"docker"};
            return complain("compose", "neither docker with its compose plugin nor docker-compose is there",
                            "install one of them: https://docs.docker.com/compose/install/");
        }
        words.insert(words.end(), {"--file", file});
        compose_ = words;
        words.insert(words.end(), {"up", abort_option_});
    }

    /// The plugin of docker, or the program that was there before it. With the older option a project in which a job
    /// has done its work is not ended by a container that fails later.
    [[nodiscard]] std::vector<std::string> find_compose() {
        for (const auto& [program, words] :
             std::map<std::string, std::vector<std::string>>{{"docker", {"compose"}}, {"docker-compose", {}}}) {
            const auto path = find_program(program);
            if (!path) continue;
            // Without its plugin docker helps with something else, and that is no failure.
            const std::string help = ask_for_help(*path, words).out;
            for (const char* const option : {"--abort-on-container-exit", "--abort-on-container-failure"}) {
                if (help.find(option) != std::string::npos) abort_option_ = option;
            }
            if (abort_option_.empty()) continue;
            std::vector<std::string> found = {*path};
            found.insert(found.end(), words.begin(), words.end());
            return found;
        }
        return {};
    }

    [[nodiscard]] host::Exit ask_for_help(const std::string& program, std::vector<std::string> words) const {
        constexpr Millis answer_time{10000};
        host::Command ask;
        ask.program = program;
        ask.args = std::move(words);
        ask.args.insert(ask.args.end(), {"up", "--help"});
        ask.timeout = answer_time;
        ask.env = environment();
        return session_.probe.query(ask);
    }

    /// What the service gets, too.
    [[nodiscard]] std::map<std::string, std::string> environment() const {
        std::map<std::string, std::string> all = session_.probe.env_with_prefix("");
        for (const auto& [name, value] : service_.keep.launch.env)
            all[name] = value.reveal();
        return all;
    }

    [[nodiscard]] std::optional<std::string> find_program(const std::string& name) const {
        const bool relative = name.find('/') != std::string::npos && !name.starts_with('/');
        return session_.probe.find_program(relative ? folder() + "/" + name : name);
    }

    void read_ready() {
        plan::Ready& ready = service_.keep.ready;
        ready.http = text("ready.http");
        if (config_.find(path("ready.tcp")) != nullptr)
            ready.tcp = static_cast<int>(config_.integer(path("ready.tcp")));
        ready.log = text("ready.log");
        ready.timeout = config_.duration(path("ready.timeout"));
        ready.exec = list("ready.exec");
        if (!ready.exec.empty()) {
            if (auto program = find_program(ready.exec.front())) {
                ready.exec.front() = std::move(*program);
            } else {
                complain("ready.exec", "the program " + printable(ready.exec.front()) + " is not there",
                         "correct " + path("ready.exec"));
            }
        }
        if (const std::string at = text("ready.postgres"); !at.empty()) read_postgres(at);
        read_ports();
        plan::Restart& restart = service_.keep.restart;
        restart.policy = policy_of(text("restart.policy"));
        restart.budget = static_cast<int>(config_.integer(path("restart.budget")));
        restart.within = config_.duration(path("restart.within"));
    }

    void read_postgres(const std::string& at) {
        host::Database database;
        const std::vector<std::string> known = config_.children("databases");
        if (std::find(known.begin(), known.end(), at) != known.end()) {
            database.host = config_.text("databases." + at + ".host");
            if (config_.find("databases." + at + ".port") != nullptr) {
                database.port = static_cast<int>(config_.integer("databases." + at + ".port"));
            }
        } else if (const std::size_t colon = at.rfind(':');
                   colon != std::string::npos && parse_port(at.substr(colon + 1))) {
            database.host = at.substr(0, colon);
            database.port = *parse_port(at.substr(colon + 1));
            if (!database.host.starts_with('/') && database.host.find('/') != std::string::npos) {
                database.host = config_.root() + "/" + database.host;
            }
        } else {
            const auto near = did_you_mean(at, known);
            complain("ready.postgres", printable(at) + " is no name of `databases`, and no FOLDER:PORT",
                     near ? "did you mean " + *near + "?"
                          : "write a name of `databases`, or the folder of its socket and the port");
        }
        service_.keep.ready.postgres = std::move(database);
    }

    void read_ports() {
        std::set<int> ports;
        for (const std::string& port : list("ports"))
            ports.insert(parse_port(port).value_or(0));
        if (ports.contains(0)) complain("ports", "a port is a number from 1 to 65535", "correct " + path("ports"));
        if (service_.keep.ready.tcp != 0) ports.insert(service_.keep.ready.tcp);
        if (const auto port = port_of_url()) ports.insert(*port);
        service_.keep.ports = {ports.begin(), ports.end()};
    }

    std::optional<int> port_of_url() {
        const std::string& url = service_.keep.ready.http;
        try {
            return url.empty() ? std::nullopt : local_port(url);
        } catch (const Error& error) {
            complain("ready.http", printable(url) + ": " + error.what(), "such as http://127.0.0.1:5000/health");
            return std::nullopt;
        }
    }

    void read_stop() {
        service_.keep.stop_signal = signal_of(text("stop.signal"));
        service_.keep.grace = config_.duration(path("stop.grace"));
        std::vector<std::string> words = list("stop.command");
        Millis patience = service_.keep.grace;
        if (words.empty() && !compose_.empty()) {
            // The engine kills the containers after the grace itself, and tells its client a little later.
            const auto seconds = std::chrono::ceil<std::chrono::seconds>(service_.keep.grace).count();
            words = compose_;
            words.insert(words.end(), {"stop", "--timeout", std::to_string(seconds)});
            patience += engine_time;
            service_.keep.grace = patience + engine_time;
        }
        if (words.empty()) return;
        host::Command command;
        command.program = find_program(words.front()).value_or("");
        command.args = {words.begin() + 1, words.end()};
        command.folder = folder();
        command.env = environment();
        command.timeout = patience;
        if (command.program.empty()) {
            complain("stop.command", "the program " + printable(words.front()) + " is not there",
                     "correct " + path("stop.command"));
        }
        service_.keep.stop_command = std::move(command);
    }

    const Session& session_;
    const config::Config& config_;
    std::string name_;
    std::vector<plan::Finding>& findings_;
    Service service_;
    std::vector<std::string> compose_;  ///< the program, and the file
    std::string abort_option_;
};

}  // namespace

Service read_service(const Session& session, const std::string& name, const std::string& mark,
                     std::vector<plan::Finding>& findings) {
    return Reader(session, name, findings).read(mark);
}

}  // namespace flowlet::commands::stack
