#include "commands/setup/plan.h"
#include "flowlet/stream.h"

namespace flowlet::commands::setup {
namespace {

constexpr Millis short_time{120000};
constexpr int no_server = 3;
constexpr int created = 201;
constexpr std::size_t salt_bytes = 16;

/// In the server's own folder, so that no path has to go through the shell that pg_ctl starts the server with.
host::Command call(const PrivateServer& server, const std::string& program, std::vector<std::string> args) {
    host::Command command;
    command.program = program;
    command.args = std::move(args);
    command.folder = server.home;
    command.timeout = short_time;
    return command;
}

/// One that is not cut half-way: it would leave a server behind that nobody can find yet.
host::Command shielded(const PrivateServer& server, host::Command command) {
    std::vector<std::string> args = {"--block-signal=INT", "--block-signal=TERM", command.program};
    args.insert(args.end(), command.args.begin(), command.args.end());
    command.program = server.env;
    command.args = std::move(args);
    command.grace = command.timeout;
    return command;
}

/// Where there is no server, there is none to stop: 1, or 4 where there is no folder of its data any more.
plan::Step::Undo stop(const PrivateServer& server) {
    host::Command command = call(server, server.pg_ctl, {"--pgdata=" + server.data(), "--mode=fast", "--wait", "stop"});
    command.folder = "/";
    return {"stop the private database", plan::Invoke{std::move(command), {0, 1, 4}}};
}

std::string quoted_name(const std::string& name) {
    std::string quoted = "\"";
    for (const char c : name)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string quoted_text(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string("''") : std::string(1, c);
    return quoted + "'";
}

/// The same, however often it is said. The password itself is not sent.
std::string make_role(const host::Database& database) {
    const std::string verifier = stream::scram_sha_256(database.password, stream::random_bytes(salt_bytes));
    const std::string user = quoted_name(database.user);
    const auto unless = [](const std::string& statement, const std::string& there) {
        return "SELECT " + quoted_text(statement) + " WHERE NOT EXISTS (" + there + ")\\gexec\n";
    };
    return unless("CREATE ROLE " + user, "SELECT FROM pg_roles WHERE rolname = " + quoted_text(database.user)) +
           "ALTER ROLE " + user + " LOGIN PASSWORD " + quoted_text(verifier) + ";\n" +
           unless("CREATE DATABASE " + quoted_name(database.name) + " OWNER " + user,
                  "SELECT FROM pg_database WHERE datname = " + quoted_text(database.name));
}

host::Command call_psql(const PrivateServer& server, std::string input) {
    host::Command command =
        call(server, server.psql,
             {"--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--no-password", "--host=" + server.socket,
              "--port=5432", "--username=postgres", "--dbname=postgres"});
    command.env["PGPASSFILE"] = "/dev/fd/3";
    command.handed = {Secret("*:*:*:*:" + server.superuser.reveal() + "\n")};
    command.input = std::move(input);
    return command;
}

void add_data(const PrivateServer& server, Steps& steps) {
    if (!server.home_there) {
        plan::Step& folder = steps.add("database/folder", "make .flowlet/postgres", plan::MakeFolder{server.home});
        folder.undo.push_back({"remove .flowlet/postgres", plan::Clear{server.home}, created, true});
    }
    if (!server.superuser_there) {
        add_secret_file(steps, ".flowlet/postgres/superuser", server.superuser_file(),
                        server.superuser.reveal() + "\n");
    }
    if (server.there) return;
    host::Command init = call(server, server.initdb,
                              {"--pgdata=data", "--username=postgres", "--pwfile=/dev/fd/3", "--auth=scram-sha-256",
                               "--encoding=UTF8", "--locale=C.UTF-8"});
    init.handed = {server.superuser};
    plan::Step& step = steps.add("database/init", "make a private PostgreSQL in .flowlet/postgres", plan::Invoke{init});
    step.undo.push_back(stop(server));
    step.undo.push_back({"remove .flowlet/postgres/data", plan::Clear{server.data()}, {}, true});
    steps.change(plan::Op::create, ".flowlet/postgres", "a private PostgreSQL, on a socket only");
}

void add_start(const PrivateServer& server, Steps& steps) {
    if (!server.socket_there && server.socket != server.home) {
        plan::Step& folder = steps.add("database/socket", "make " + server.socket, plan::MakeFolder{server.socket});
        folder.undo.push_back({"remove " + server.socket, plan::Clear{server.socket}, created});
    }
    if (server.running) return;
    plan::Step& look = steps.add("database/free", "see that nobody else runs it",
                                 plan::Invoke{call(server, server.pg_ctl, {"--pgdata=data", "status"}), {no_server}});
    look.always = true;
    look.undo.push_back(stop(server));
    const std::string place = server.socket == server.home ? ".." : server.socket;
    host::Command start =
        call(server, server.pg_ctl,
             {"--pgdata=data", "--log=log", "--wait",
              "--options=-c listen_addresses= -c unix_socket_directories=" + place + " -c port=5432", "start"});
    steps.add("database/start", "start it for the time being", plan::Invoke{shielded(server, std::move(start))});
}

}  // namespace

void plan_server(const Facts& facts, Steps& steps) {
    const PrivateServer& server = *facts.server;
    const host::Database& database = facts.tables.database;
    add_data(server, steps);
    add_start(server, steps);
    steps.add("database/role", "see that it has the database " + database.name + " and the user " + database.user,
              plan::Invoke{call_psql(server, make_role(database))});
}

}  // namespace flowlet::commands::setup
