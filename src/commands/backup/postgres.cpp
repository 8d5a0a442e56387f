#include "commands/backup/dialect.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"

namespace flowlet::commands::backup {
namespace {

constexpr std::string_view archive_head = "PGDMP";
constexpr std::string_view globals_tail = "-- PostgreSQL database cluster dump complete";

/// Some versions name the locale of ICU in another column, others have none.
constexpr const char* facts_statement =
    "SELECT split_part(current_setting('server_version'), ' ', 1), pg_encoding_to_char(encoding), datcollate, "
    "datctype, coalesce(to_jsonb(d)->>'daticulocale', CASE to_jsonb(d)->>'datlocprovider' WHEN 'i' THEN "
    "to_jsonb(d)->>'datlocale' END, ''), pg_database_size(oid), "
    "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user) "
    "FROM pg_database d WHERE datname = current_database()";

/// As ~/.pgpass has it: a colon or a backslash in the password is escaped.
Secret password_file(const Secret& password) {
    std::string line = "*:*:*:*:";
    for (const char letter : password.reveal()) {
        if (letter == ':' || letter == '\\') line += '\\';
        line += letter;
    }
    return Secret(line + '\n');
}

host::Command client(const Tool& tool, const host::Database& database, const std::vector<std::string>& args,
                     Millis timeout) {
    host::Command command;
    command.program = tool.path;
    command.args = {"--host=" + database.host, "--port=" + std::to_string(database.port), "--username=" + database.user,
                    "--no-password"};
    command.args.insert(command.args.end(), args.begin(), args.end());
    command.env["PGAPPNAME"] = "flowletctl";
    command.timeout = timeout;
    if (!database.password.empty()) {
        command.env["PGPASSFILE"] = "/dev/fd/3";
        command.handed = {password_file(database.password)};
    }
    return command;
}

host::Database maintenance(const host::Database& target) {
    host::Database other = target;
    other.name = "postgres";
    return other;
}

class Postgres final : public Dialect {
public:
    explicit Postgres(PostgresTools tools) : tools_(std::move(tools)) {}

    [[nodiscard]] std::map<std::string, std::string> versions() const override {
        if (!tools_.pg_dump) return {};
        return {{"pg_dump", render_version(tools_.pg_dump->version)}};
    }

    [[nodiscard]] Source observe(const Session& session, const std::string& name) const override {
        Source source;
        source.database = read_login(session, name);
        const host::Rows rows = look(session, source.database, facts_statement, name);
        const std::vector<std::string>& row = rows.rows.at(0);
        source.record.version = row.at(0);
        source.record.encoding = row.at(1);
        source.record.collation = row.at(2);
        source.record.ctype = row.at(3);
        source.record.icu_locale = row.at(4);
        source.bytes = std::stoull(row.at(5));
        source.all_roles = row.at(6) == "t";
        if (!source.all_roles) {
            source.doubts.push_back({plan::Finding::Severity::warning, "database " + name,
                                     source.database.user + " is no superuser: roles are backed up without passwords",
                                     "", "after a restore their passwords have to be set"});
        }
        check_version(source, name);
        return source;
    }

    [[nodiscard]] std::vector<Piece> pieces(const Source& source, Millis timeout) const override {
        std::vector<std::string> globals = {"--globals-only", "--database=" + source.database.name};
        // Only a superuser may read the verifiers of passwords; for the others they are left out, and that is said.
        if (!source.all_roles) globals.emplace_back("--no-role-passwords");
        const std::string& name = source.record.name;
        return {{Artifact::Kind::globals, ".globals.sql.gz.age", "dump the roles of " + name + "'s server",
                 client(*tools_.pg_dumpall, source.database, globals, timeout), Piece::State::whatever, ""},
                {Artifact::Kind::dump, ".dump.gz.age", "dump " + name,
                 client(*tools_.pg_dump, source.database,
                        {"--dbname=" + source.database.name, "--format=custom", "--compress=0",
                         "--lock-wait-timeout=60s", "--snapshot=@snapshot@"},
                        timeout),
                 Piece::State::held, ""}};
    }

    [[nodiscard]] std::string fault(Artifact::Kind kind, const Measured& plain) const override {
        if (kind == Artifact::Kind::dump) {
            return plain.head.starts_with(archive_head) ? "" : "is no archive of pg_dump";
        }
        return plain.tail.find(globals_tail) == std::string::npos ? "does not come to its end" : "";
    }

    [[nodiscard]] std::optional<host::Command> reader(Artifact::Kind kind, Millis timeout) const override {
        if (kind != Artifact::Kind::dump) return std::nullopt;
        host::Command command;
        command.program = tools_.pg_restore.path;
        command.args = {"--file=/dev/null"};
        command.timeout = timeout;
        return command;
    }

    [[nodiscard]] plan::Survey survey(const host::Database& database, TakeDigests take) const override {
        return survey_tables(database, std::move(take));
    }

    [[nodiscard]] Place look_at(const Session& session, const host::Database& target) const override {
        const host::Rows found = look(session, maintenance(target),
                                      "SELECT 1 FROM pg_database WHERE datname = " + quote_literal(target.name));
        if (found.rows.empty()) return {};
        const host::Rows objects =
            look(session, target,
                 "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT "
                 "LIKE 'pg\\_%' AND n.nspname <> 'information_schema'");
        const std::string& count = objects.rows.at(0).at(0);
        return {true, count == "0" ? "" : count + " tables, indexes and the like"};
    }

    /// With the encoding and the locale of the one that was backed up: they decide what its text may hold, and its
    /// order.
    [[nodiscard]] plan::Execute create(const host::Database& target, const DatabaseRecord& record) const override {
        std::string statement = "CREATE DATABASE \"" + target.name + "\" TEMPLATE template0 ENCODING " +
                                quote_literal(record.encoding) + " LC_COLLATE " + quote_literal(record.collation) +
                                " LC_CTYPE " + quote_literal(record.ctype);
        if (!record.icu_locale.empty()) {
            statement += " LOCALE_PROVIDER icu ICU_LOCALE " + quote_literal(record.icu_locale);
        }
        return {maintenance(target), statement};
    }

    [[nodiscard]] plan::Execute drop(const host::Database& target) const override {
        return {maintenance(target), "DROP DATABASE IF EXISTS \"" + target.name + "\""};
    }

    [[nodiscard]] std::optional<plan::Execute> rename(const host::Database& database,
                                                      const std::string& to) const override {
        return plan::Execute{maintenance(database),
                             "ALTER DATABASE \"" + database.name + "\" RENAME TO \"" + to + "\""};
    }

    [[nodiscard]] std::optional<host::Command> loader(const host::Database& target, const Portion& portion,
                                                      Millis timeout) const override {
        const auto* const job = std::get_if<Job>(&portion);
        return job == nullptr ? load_tables(target, std::get<Tables>(portion), timeout)
                              : load_job(target, *job, timeout);
    }
    [[nodiscard]] std::optional<host::Command> lister(Millis timeout) const override {
        host::Command command;
        command.program = tools_.pg_restore.path;
        command.args = {"--list"};
        command.timeout = timeout;
        return command;
    }
    [[nodiscard]] Failure failure() const override { return Failure::leaves_nothing; }

private:
    [[nodiscard]] host::Command load_tables(const host::Database& target, const Tables& tables, Millis timeout) const {
        std::vector<std::string> args = {"--dbname=" + target.name, "--exit-on-error", "--single-transaction"};
        if (!tables.names.empty()) args.push_back("--schema=" + tables.schema);
        for (const std::string& table : tables.names)
            args.push_back("--table=" + table);
        host::Command command = client(tools_.pg_restore, target, args, timeout);
        // It ends once it has what it wants.
        if (!tables.names.empty()) command.reads = host::Command::Reads::some;
        return command;
    }

    /// Each statement is a transaction of its own: a job that held its locks to the end could wait for another in a
    /// circle.
    [[nodiscard]] host::Command load_job(const host::Database& target, const Job& job, Millis timeout) const {
        host::Command command =
            client(tools_.pg_restore, target,
                   {"--dbname=" + target.name, "--exit-on-error", "--section=" + job.section}, timeout);
        command.reads = host::Command::Reads::some;
        if (job.list.empty()) return command;
        constexpr int first_handed = 3;
        command.args.push_back("--use-list=/dev/fd/" +
                               std::to_string(first_handed + static_cast<int>(command.handed.size())));
        command.handed.emplace_back(job.list);
        return command;
    }

    /// pg_dump refuses a server that is newer than itself.
    void check_version(const Source& source, const std::string& name) const {
        const std::optional<Version> server = parse_version(source.record.version);
        if (!server || server->major <= tools_.pg_dump->version.major) return;
        throw Error(
            Kind::tool_missing,
            tools_.pg_dump->path + " is of version " + render_version(tools_.pg_dump->version) +
                ", older than the server of " + name + ", which is " + source.record.version,
            "install postgresql-client-" + std::to_string(server->major) + ", or name another in tools.pg_dump");
    }

    PostgresTools tools_;
};

}  // namespace

DialectPtr make_postgres(PostgresTools tools) {
    return std::make_shared<const Postgres>(std::move(tools));
}

}  // namespace flowlet::commands::backup
