#include "commands/backup/drill/server.h"
#include "commands/backup/tools.h"
#include "commands/shared/program.h"

namespace flowlet::commands::backup {
namespace {

constexpr const char* superuser = "flowletctl_drill";
constexpr int port = 5432;
constexpr Millis short_time{120000};

struct Programs {
    Tool initdb;
    Tool pg_ctl;
    std::optional<Tool> pg_amcheck;
    Tool psql;
};

class PostgresServer final : public DrillServer {
public:
    explicit PostgresServer(Programs programs) : programs_(std::move(programs)) {}

    [[nodiscard]] std::string user() const override { return "postgres"; }
    [[nodiscard]] host::Database login(const std::string& folder) const override {
        return {folder, port, "postgres", superuser, Secret(), host::Engine::postgres};
    }

    [[nodiscard]] std::vector<ServerCall> start(const std::string& folder) const override {
        const std::string data = folder + "/data";
        host::Command init = call(programs_.initdb.path,
                                  {"--pgdata=" + data, "--username=" + std::string(superuser), "--encoding=UTF8",
                                   "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject", "--no-sync"},
                                  short_time);
        // Thrown away, so never flushed; and nobody can reach it but through a socket in a folder that is its own.
        const std::string options = "-c listen_addresses='' -c unix_socket_directories=" + folder +
                                    " -c port=" + std::to_string(port) +
                                    " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
                                    " -c autovacuum=off -c max_wal_size=4GB -c shared_buffers=256MB"
                                    " -c maintenance_work_mem=256MB -c dynamic_shared_memory_type=mmap";
        host::Command run = call(
            programs_.pg_ctl.path,
            {"--pgdata=" + data, "--log=" + folder + "/log", "--wait", "--options=" + options, "start"}, short_time);
        return {{"init", "make a server", std::move(init)},
                {"start",
                 "start it on a socket",
                 std::move(run),
                 {0},
                 ServerCall::As::server,
                 ServerCall::Stops::when_done}};
    }

    /// Where there is no server, there is none to stop: 1, or 4 where there is no folder of its data.
    [[nodiscard]] ServerCall stop(const std::string& folder) const override {
        return {"stop",
                "stop the server of the drill",
                call(programs_.pg_ctl.path, {"--pgdata=" + folder + "/data", "--mode=immediate", "--wait", "stop"},
                     short_time),
                {0, 1, 4}};
    }

    [[nodiscard]] host::Command load_globals(const host::Database& login, Millis timeout) const override {
        return call(programs_.psql.path,
                    {"--host=" + login.host, "--port=" + std::to_string(port), "--username=" + login.user,
                     "--dbname=" + login.name, "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1",
                     "--no-password"},
                    timeout);
    }

    [[nodiscard]] std::string checker() const override { return programs_.pg_amcheck ? "pg_amcheck" : ""; }
    [[nodiscard]] host::Command check(const host::Database& copy, Millis timeout) const override {
        return call(programs_.pg_amcheck->path,
                    {"--host=" + copy.host, "--port=" + std::to_string(port), "--username=" + copy.user,
                     "--no-password", "--install-missing", "--heapallindexed", "--database=" + copy.name},
                    timeout);
    }
    [[nodiscard]] std::string yes() const override { return "t"; }

private:
    Programs programs_;
};

/// tools.NAME, or the one of `folder`, or of PATH.
std::optional<Tool> find_program(const Session& session, const std::string& name, const std::string& folder) {
    const bool chosen = session.config->find("tools." + name) != nullptr;
    const bool there = !folder.empty() && session.probe.find_program(folder + "/" + name).has_value();
    if (chosen || !there) {
        try {
            return find_tool(session, name);
        } catch (const Error& error) {
            if (error.kind() != Kind::tool_missing) throw;
            return std::nullopt;
        }
    }
    return Tool{folder + "/" + name, {}};
}

}  // namespace

DrillServerPtr find_postgres_server(const Session& session, const DatabaseRecord& record) {
    const std::optional<Version> server = parse_version(record.version);
    const std::string folder = find_postgres_folder(session.probe, server ? server->major : 0);
    const auto need = [&](const std::string& name) {
        const std::optional<Tool> tool = find_program(session, name, folder);
        if (tool) return *tool;
        const std::string major = server ? std::to_string(server->major) : "15";
        throw Error(Kind::tool_missing, name + " of PostgreSQL " + major + " is not there: a drill needs a server",
                    "install it, on Debian: apt install postgresql-" + major + "; or name it in tools." + name);
    };
    return std::make_shared<const PostgresServer>(
        Programs{need("initdb"), need("pg_ctl"), find_program(session, "pg_amcheck", folder), need("psql")});
}

}  // namespace flowlet::commands::backup
