#include <map>

#include "commands/backup/dialect.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"

namespace flowlet::commands::backup {
namespace {

constexpr std::string_view dump_tail = "-- Dump completed";
/// The first thing in a dump that is written after its transaction has begun (mariadb-dump and mysqldump alike).
constexpr const char* after_beginning = "\n--\n-- Table structure for table";

constexpr const char* facts_statement =
    "SELECT VERSION(), DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, "
    "(SELECT COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0) FROM information_schema.TABLES "
    "WHERE TABLE_SCHEMA = DATABASE()), "
    "(SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' "
    "AND ENGINE <> 'InnoDB') "
    "FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()";

/// What has no key must not decide on the order of a sum: the rows' hashes are added.
constexpr const char* columns_statement =
    "SELECT t.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE FROM information_schema.TABLES t "
    "JOIN information_schema.COLUMNS c ON c.TABLE_SCHEMA = t.TABLE_SCHEMA AND c.TABLE_NAME = t.TABLE_NAME "
    "WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') "
    "ORDER BY t.TABLE_NAME, c.ORDINAL_POSITION";

std::string quote_name(std::string_view name) {
    std::string quoted = "`";
    for (const char letter : name) {
        if (letter == '`') quoted += '`';
        quoted += letter;
    }
    return quoted + "`";
}

/// A text without quotes, which mean different things in different modes of a server.
std::string hex_literal(std::string_view text) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string literal = "CONVERT(X'";
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        literal += digits[byte >> 4U];
        literal += digits[byte & 15U];
    }
    return literal + "' USING utf8mb4)";
}

/// The bytes of a value, so that two values are told apart, and NULL from each. What may be long is hashed by itself: a
/// row is not to grow past what the server takes for one value.
std::string bytes_of(const std::string& column, const std::string& type) {
    const std::string name = quote_name(column);
    const bool shape = type == "geometry" || type == "point" || type == "linestring" || type == "polygon" ||
                       type.starts_with("multi") || type == "geometrycollection";
    if (shape) return "COALESCE(SHA2(ST_AsWKB(" + name + "), 256), 'n')";
    if (type.ends_with("text") || type.ends_with("blob") || type == "json") {
        return "COALESCE(SHA2(CAST(" + name + " AS BINARY), 256), 'n')";
    }
    // The same moment whatever the session's time zone is.
    const std::string value = "CAST(" + (type == "timestamp" ? "UNIX_TIMESTAMP(" + name + ")" : name) + " AS BINARY)";
    return "COALESCE(CONCAT(LENGTH(" + value + "), ':', " + value + "), 'n')";
}

std::string half(int from) {
    return "COALESCE(SUM(CAST(CONV(SUBSTR(h, " + std::to_string(from) + ", 16), 16, 10) AS UNSIGNED)), 0)";
}

std::vector<std::string> digest_statements(const host::Rows& columns) {
    std::map<std::string, std::string> rows_of;
    for (const std::vector<std::string>& row : columns.rows) {
        std::string& text = rows_of[row.at(0)];
        text += (text.empty() ? "" : ", ") + bytes_of(row.at(1), row.at(2));
    }
    std::vector<std::string> statements;
    for (const auto& [table, bytes] : rows_of) {
        statements.push_back("SELECT " + hex_literal(quote_name(table)) + ", COUNT(*), CONCAT(" + half(1) + ", '/', " +
                             half(17) + ", '/', COALESCE(SUM(h IS NULL), 0)) FROM (SELECT SHA2(CONCAT(" + bytes +
                             "), 256) AS h FROM " + quote_name(table) + ") AS hashes");
    }
    return statements;
}

/// An option file: what stands in quotes may hold anything, with a backslash before the quote and the backslash.
Secret option_file(const Secret& password) {
    std::string text = "[client]\npassword=\"";
    for (const char letter : password.reveal()) {
        if (letter == '"' || letter == '\\') text += '\\';
        text += letter;
    }
    return Secret(text + "\"\n");
}

/// Without the option files of the machine and of whoever calls.
host::Command client(const Tool& tool, const host::Database& database, const std::vector<std::string>& args,
                     Millis timeout) {
    host::Command command;
    command.program = tool.path;
    command.args = {database.password.empty() ? "--no-defaults" : "--defaults-file=/dev/fd/3"};
    if (database.host.starts_with('/')) {
        command.args.push_back("--socket=" + database.host);
    } else {
        command.args.push_back("--host=" + database.host);
        command.args.push_back("--port=" + std::to_string(database.port));
    }
    command.args.push_back("--user=" + database.user);
    command.args.emplace_back("--default-character-set=utf8mb4");
    command.args.emplace_back("--max-allowed-packet=1G");
    command.args.insert(command.args.end(), args.begin(), args.end());
    command.timeout = timeout;
    if (!database.password.empty()) command.handed = {option_file(database.password)};
    return command;
}

host::Database maintenance(const host::Database& target) {
    host::Database other = target;
    other.name.clear();
    return other;
}

class Mariadb final : public Dialect {
public:
    explicit Mariadb(MariadbTools tools) : tools_(std::move(tools)) {}

    [[nodiscard]] std::map<std::string, std::string> versions() const override {
        if (!tools_.mariadb_dump) return {};
        return {{"mariadb-dump", render_version(tools_.mariadb_dump->version)}};
    }

    [[nodiscard]] Source observe(const Session& session, const std::string& name) const override {
        Source source;
        source.database = read_login(session, name);
        const host::Rows rows = look(session, source.database, facts_statement, name);
        const std::vector<std::string>& row = rows.rows.at(0);
        source.record.version = row.at(0);
        source.record.encoding = row.at(1);
        source.record.collation = row.at(2);
        source.bytes = std::stoull(row.at(3));
        if (row.at(4) != "0") {
            source.doubts.push_back({plan::Finding::Severity::warning, "database " + name,
                                     row.at(4) + (row.at(4) == "1" ? " table is" : " tables are") +
                                         " not InnoDB's: what is written to them meanwhile may be in the dump or not",
                                     "", "ALTER TABLE … ENGINE=InnoDB gives them transactions"});
        }
        // Only MariaDB's server can tell its users in a form that its program asks for.
        source.all_roles = row.at(0).find("MariaDB") != std::string::npos;
        if (!source.all_roles) {
            source.doubts.push_back({plan::Finding::Severity::warning, "database " + name,
                                     "the server is MySQL: its users and grants are not backed up", "", ""});
        }
        return source;
    }

    [[nodiscard]] std::vector<Piece> pieces(const Source& source, Millis timeout) const override {
        const std::string& name = source.record.name;
        std::vector<Piece> pieces;
        if (source.all_roles) {
            pieces.push_back({Artifact::Kind::globals, ".globals.sql.gz.age", "dump the users of " + name + "'s server",
                              client(*tools_.mariadb_dump, maintenance(source.database),
                                     {"--system=users", "--insert-ignore"}, timeout),
                              Piece::State::whatever, ""});
        }
        pieces.push_back({Artifact::Kind::dump, ".sql.gz.age", "dump " + name,
                          client(*tools_.mariadb_dump, source.database,
                                 {"--single-transaction", "--quick", "--routines", "--events", "--triggers",
                                  "--hex-blob", "--no-tablespaces", source.database.name},
                                 timeout),
                          Piece::State::held, after_beginning});
        return pieces;
    }

    [[nodiscard]] std::string fault(Artifact::Kind, const Measured& plain) const override {
        return plain.tail.find(dump_tail) == std::string::npos ? "does not come to its end" : "";
    }

    /// Text that no program reads without doing it: its end, its digest and a restore are what there is.
    [[nodiscard]] std::optional<host::Command> reader(Artifact::Kind, Millis) const override { return std::nullopt; }

    [[nodiscard]] plan::Survey survey(const host::Database& database, TakeDigests take) const override {
        return survey_by(database, columns_statement, digest_statements, std::move(take));
    }

    [[nodiscard]] Place look_at(const Session& session, const host::Database& target) const override {
        const std::string of_it = " = " + hex_literal(target.name);
        const host::Rows found =
            look(session, maintenance(target), "SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME" + of_it);
        if (found.rows.empty()) return {};
        const host::Rows objects =
            look(session, maintenance(target),
                 "SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA" + of_it +
                     ") + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA" + of_it +
                     ") + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA" + of_it + ")");
        const std::string& count = objects.rows.at(0).at(0);
        return {true, count == "0" ? "" : count + " tables, routines and the like"};
    }

    [[nodiscard]] plan::Execute create(const host::Database& target, const DatabaseRecord& record) const override {
        return {maintenance(target), "CREATE DATABASE " + quote_name(target.name) + " CHARACTER SET " +
                                         quote_name(record.encoding) + " COLLATE " + quote_name(record.collation)};
    }

    [[nodiscard]] plan::Execute drop(const host::Database& target) const override {
        return {maintenance(target), "DROP DATABASE IF EXISTS " + quote_name(target.name)};
    }

    [[nodiscard]] std::optional<plan::Execute> rename(const host::Database&, const std::string&) const override {
        return std::nullopt;
    }

    [[nodiscard]] std::optional<host::Command> loader(const host::Database& target, const Portion& portion,
                                                      Millis timeout) const override {
        const auto* const tables = std::get_if<Tables>(&portion);
        if (tables == nullptr || !tables->names.empty()) return std::nullopt;
        return client(tools_.mariadb, target, {"--batch", target.name}, timeout);
    }
    [[nodiscard]] std::optional<host::Command> lister(Millis /*timeout*/) const override { return std::nullopt; }
    /// What defines tables ends every transaction.
    [[nodiscard]] Failure failure() const override { return Failure::leaves_a_part; }

private:
    MariadbTools tools_;
};

}  // namespace

DialectPtr make_mariadb(MariadbTools tools) {
    return std::make_shared<const Mariadb>(std::move(tools));
}

}  // namespace flowlet::commands::backup
