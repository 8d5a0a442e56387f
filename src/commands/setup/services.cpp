#include "commands/setup/services.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/init/scalar.h"
#include "commands/setup/facts.h"

namespace flowlet::commands::setup {
namespace {

constexpr const char* backend_port = "5000";
constexpr const char* vite_port = "5173";
constexpr const char* reading = "reading how the services are started";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The digits at the beginning of a text, if they are a port that a developer would take.
std::string leading_port(std::string_view text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto length = static_cast<std::size_t>(end - text.begin());
    return length == 4 || length == 5 ? std::string(text.substr(0, length)) : "";
}

std::vector<std::string> python_sources(const host::Probe& probe, const std::string& folder) {
    std::vector<std::string> found;
    for (const std::string& name : probe.list_folder(folder)) {
        if (name.ends_with(".py") && is_file(probe, in(folder, name))) found.push_back(in(folder, name));
    }
    return found;
}

bool has_health_route(const host::Probe& probe, const std::string& folder) {
    const std::vector<std::string> sources = python_sources(probe, folder);
    return std::any_of(sources.begin(), sources.end(), [&](const std::string& path) {
        const std::string text = read_if_there(probe, path, reading);
        return text.find("\"/health\"") != std::string::npos || text.find("'/health'") != std::string::npos;
    });
}

void observe_backend(const Session& session, Facts& facts) {
    const host::Probe& probe = session.probe;
    const std::string folder = in(facts.root, facts.backend);
    const std::string python = facts.python.into.substr(folder.size() + 1) + "/bin/python";
    std::string port = backend_port;
    if (const auto said = facts.env_file.values.find("PORT"); said != facts.env_file.values.end()) port = said->second;
    facts.backend_service.command = {python, "-m", "flask", "run", "--port", port};
    for (const char* const name : {"run_server.py", "app.py", "wsgi.py"}) {
        if (!is_file(probe, in(folder, name))) continue;
        const std::string text = read_if_there(probe, in(folder, name), reading);
        // A wsgi.py is not started by itself, and an app.py only if it says how.
        if (text.find("__main__") == std::string::npos) {
            const std::string module = std::string(name).substr(0, std::string_view(name).size() - 3);
            facts.backend_service.command = {python, "-m", "flask", "--app", module, "run", "--port", port};
        } else {
            facts.backend_service.command = {python, name};
            const std::string own = find_port(text);
            if (port == backend_port && !own.empty()) port = own;
        }
        break;
    }
    facts.backend_service.ready =
        has_health_route(probe, folder) ? "{http: \"http://127.0.0.1:" + port + "/health\"}" : "{tcp: " + port + "}";
}

std::string text_of(const nlohmann::json& package, const char* section, const char* name) {
    const auto found = package.find(section);
    if (found == package.end() || !found->is_object()) return "";
    const auto value = found->find(name);
    return value == found->end() || !value->is_string() ? "" : value->get<std::string>();
}

std::string frontend_port(const host::Probe& probe, const std::string& folder, const std::string& script) {
    std::string port = find_port(script);
    for (const char* const name : {"vite.config.js", "vite.config.ts", "vite.config.mjs", "vite.config.mts"}) {
        if (port.empty()) port = find_port(read_if_there(probe, in(folder, name), reading));
    }
    if (!port.empty()) return port;
    return script.find("vite") != std::string::npos ? vite_port : "3000";
}

void observe_frontend(const Session& session, Facts& facts) {
    const std::string folder = in(facts.root, facts.frontend);
    const nlohmann::json package =
        nlohmann::json::parse(read_if_there(session.probe, in(folder, "package.json"), reading), nullptr, false);
    if (!package.is_object()) {
        throw Error(Kind::precondition, reading + (": " + in(facts.frontend, "package.json")) + " is no JSON object",
                    "correct it");
    }
    const std::string& manager = facts.node.install.program;
    for (const char* const name : {"dev", "start"}) {
        const std::string script = text_of(package, "scripts", name);
        if (script.empty()) continue;
        facts.frontend_service.command = {manager.substr(manager.rfind('/') + 1), "run", name};
        facts.frontend_service.ready = "{tcp: " + frontend_port(session.probe, folder, script) + "}";
        return;
    }
    warn(facts, in(facts.frontend, "package.json"), "has no script dev and no script start: it is no service",
         "write one, or write services.frontend in flowlet.yaml");
}

class Section {
public:
    Section& line(const std::string& text) {
        text_ += text + "\n";
        return *this;
    }
    void service(const std::string& name, const std::vector<std::string>& command, const std::string& folder) {
        line("  " + name + ":");
        line("    command: " + init::render_list(command));
        line("    dir: " + init::render_scalar(folder));
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

void add_database(Section& section, const PrivateServer& server) {
    const bool inside = server.socket == server.home;
    section.service("postgres",
                    {server.postgres, "-D", ".flowlet/postgres/data", "-c", "listen_addresses=", "-c",
                     "unix_socket_directories=" + (inside ? std::string("..") : server.socket), "-c", "port=5432"},
                    ".");
    const std::string folder = inside ? ".flowlet/postgres" : server.socket;
    section.line("    ready: {postgres: " + init::render_scalar(folder + ":5432") + "}");
    section.line("    stop: {signal: INT}");
}

}  // namespace

std::string render_database(const PrivateServer& server) {
    Section section;
    add_database(section, server);
    return section.text();
}

std::string find_port(const std::string& text) {
    constexpr std::size_t farthest = 12;
    const std::string low = lower_case(text);
    for (std::size_t at = low.find("port"); at != std::string::npos; at = low.find("port", at + 1)) {
        const std::size_t start = low.find_first_of("0123456789\n", at);
        if (start == std::string::npos || low[start] == '\n' || start - at > farthest + 4) continue;
        const std::string port = leading_port(std::string_view(low).substr(start));
        if (!port.empty()) return port;
    }
    return "";
}

void observe_services(const Session& session, Facts& facts) {
    observe_backend(session, facts);
    observe_frontend(session, facts);
}

std::string render_services(const Facts& facts) {
    Section section;
    section.line("# The programs that developers run on their machine: flowletctl start.").line("services:");
    if (facts.server) add_database(section, *facts.server);
    section.service("backend", facts.backend_service.command, facts.backend);
    section.line("    env_file: .env.local");
    if (facts.server) section.line("    after: [postgres]");
    section.line("    ready: " + facts.backend_service.ready);
    if (!facts.frontend_service.command.empty()) {
        section.service("frontend", facts.frontend_service.command, facts.frontend);
        section.line("    after: [backend]").line("    ready: " + facts.frontend_service.ready);
    }
    return section.text();
}

}  // namespace flowlet::commands::setup
