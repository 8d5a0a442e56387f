#include "commands/backup/dialect.h"

#include "commands/backup/tools.h"

namespace flowlet::commands::backup {

DialectPtr find_dialect(const Session& session, host::Engine engine, Work work) {
    const bool writes = work == Work::back_up;
    if (engine == host::Engine::mysql) {
        MariadbTools tools{find_tool(session, "mariadb"), std::nullopt};
        if (writes) tools.mariadb_dump = find_tool(session, "mariadb-dump");
        return make_mariadb(std::move(tools));
    }
    PostgresTools tools{find_tool(session, "pg_restore"), std::nullopt, std::nullopt};
    if (writes) {
        tools.pg_dump = find_tool(session, "pg_dump");
        tools.pg_dumpall = find_tool(session, "pg_dumpall");
    }
    return make_postgres(std::move(tools));
}

host::Rows look(const Session& session, const host::Database& database, const std::string& statement,
                const std::string& name) {
    constexpr Millis timeout{15000};
    host::Rows rows = session.probe.look_up(database, statement, timeout);
    if (rows.ok()) return rows;
    throw Error(
        Kind::precondition, database.user + " on " + render(database) + ": " + rows.message,
        rows.state == host::login_refused ? "check databases." + name + ".password" : "flowletctl doctor says more");
}

}  // namespace flowlet::commands::backup
