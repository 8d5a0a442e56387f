#include "commands/shared/database.h"

#include <algorithm>
#include <array>

#include "commands/shared/cluster.h"
#include "commands/shared/secret.h"

namespace flowlet::commands {
namespace {

constexpr Millis forward_wait{15000};

std::string key_of(const std::string& name, const char* key) {
    return "databases." + name + "." + key;
}

/// "service/postgresql", checked: it becomes an argument of kubectl.
std::string read_way(const config::Config& config, const std::string& path) {
    const config::Value& value = config.require(path);
    constexpr std::array<std::string_view, 5> kinds = {"pod", "service", "svc", "deployment", "statefulset"};
    const std::size_t slash = value.text.find('/');
    const std::string kind = value.text.substr(0, slash);
    const bool good = slash != std::string::npos && std::find(kinds.begin(), kinds.end(), kind) != kinds.end() &&
                      is_dns_subdomain(std::string_view(value.text).substr(slash + 1));
    if (good) return value.text;
    throw Error(Kind::config,
                render_place(value.place) + ": " + path + ": " + printable(value.text) +
                    " is nothing that kubectl could forward a port to",
                "write it as service/NAME, pod/NAME, deployment/NAME or statefulset/NAME");
}

std::string space_of(const config::Config& config, const std::string& name) {
    const std::string own = key_of(name, "namespace");
    return config.find(own) != nullptr ? config.text(own) : config.require("namespace").text;
}

}  // namespace

host::Database read_database(const Session& session, const std::string& name) {
    const config::Config& config = *session.config;
    const std::string path = "databases." + name + ".";
    host::Database database;
    const bool forwarded = config.find(path + "port_forward") != nullptr;
    if (forwarded && config.find(path + "host") != nullptr) {
        throw Error(Kind::config,
                    render_place(config.require(path + "host").place) + ": " + path +
                        "host: is there, and port_forward, too: which of them leads to the database?",
                    "leave one of them out");
    }
    if (forwarded) {
        database.host = "127.0.0.1";
        database.known_as = read_way(config, path + "port_forward") + " in " + space_of(config, name);
    } else {
        database.host = config.require(path + "host").text;
    }
    const std::string type = config.find(path + "type") == nullptr ? "postgres" : config.text(path + "type");
    if (type != "postgres" && type != "mysql") {
        throw Error(Kind::config,
                    render_place(config.require(path + "type").place) + ": " + path + "type: " + printable(type) +
                        " is no kind of database that is known here",
                    "write postgres, or mysql, which is MariaDB, too");
    }
    if (type == "mysql") {
        database.engine = host::Engine::mysql;
        constexpr int mysql_port = 3306;
        database.port = mysql_port;
    }
    if (config.find(path + "port") != nullptr) database.port = static_cast<int>(config.integer(path + "port"));
    database.user = config.require(path + "user").text;
    database.name = config.find(path + "name") == nullptr ? database.user : config.text(path + "name");
    return database;
}

void reach_database(const Session& session, const std::string& name, host::Database& database) {
    if (database.known_as.empty()) return;
    const config::Config& config = *session.config;
    const Cluster cluster = observe_cluster(session);
    host::Command command;
    command.program = cluster.kubectl.path;
    command.args = {"port-forward",
                    "--context=" + cluster.context,
                    "--namespace=" + space_of(config, name),
                    "--address=127.0.0.1",
                    read_way(config, key_of(name, "port_forward")),
                    ":" + std::to_string(database.port)};
    if (const std::string kubeconfig = config.path("kube.kubeconfig"); !kubeconfig.empty()) {
        command.args.push_back("--kubeconfig=" + kubeconfig);
    }
    try {
        database.port = session.probe.forward(command, forward_wait);
    } catch (const Error& error) {
        if (error.kind() != Kind::precondition) throw;
        throw Error(error.kind(), "the way to " + key_of(name, "port_forward") + ": " + error.what(),
                    "it needs a pod that runs, and the right to create pods/portforward there");
    }
}

host::Database read_login(const Session& session, const std::string& name) {
    host::Database database = read_database(session, name);
    reach_database(session, name, database);
    const std::string password = "databases." + name + ".password";
    if (session.config->find(password) != nullptr) database.password = resolve(session, password);
    return database;
}

std::vector<Candidate> offer_databases(const Session& session) {
    std::vector<Candidate> found;
    if (session.config == nullptr) return found;
    for (const std::string& name : session.config->children("databases"))
        found.push_back({name, "a database"});
    return found;
}

}  // namespace flowlet::commands
