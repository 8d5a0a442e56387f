#include "commands/backup/digests.h"

#include <map>

namespace flowlet::commands::backup {
namespace {

/// What decides how a row reads as text; and nothing may hide rows.
constexpr std::string_view settings =
    "SET LOCAL search_path = pg_catalog; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; "
    "SET LOCAL timezone = 'UTC'; SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex'; "
    "SET LOCAL lc_monetary = 'C'; SET LOCAL xmlbinary = 'base64'; SET LOCAL row_security = off; "
    "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'; ";

/// Tables of an extension are made by CREATE EXTENSION; those that it marks as configuration are dumped with their
/// rows.
constexpr std::string_view tables =
    "SELECT name FROM (SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND c.relpersistence <> 't' "
    "AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' "
    "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid "
    "AND d.deptype = 'e') "
    ") AS tables ORDER BY name COLLATE \"C\"";

std::string half(int from) {
    return "coalesce(sum(('x' || substr(h, " + std::to_string(from) + ", 16))::bit(64)::bigint::numeric), 0)";
}

/// `table` comes from the server, quoted. The name is sent back with the numbers, as a literal.
std::string digest_of(const std::string& table) {
    return "SELECT " + quote_literal(table) + ", count(*), " + half(1) + " || '/' || " + half(17) +
           " FROM (SELECT encode(sha256(convert_to(t::text, getdatabaseencoding())), 'hex') AS h FROM ONLY " + table +
           " AS t) AS hashes";
}

std::vector<std::string> choose(const host::Rows& names) {
    std::vector<std::string> statements;
    for (const std::vector<std::string>& row : names.rows)
        statements.push_back(digest_of(row.at(0)));
    return statements;
}

}  // namespace

std::string quote_literal(std::string_view text) {
    std::string quoted = "'";
    for (const char letter : text) {
        if (letter == '\'') quoted += '\'';
        quoted += letter;
    }
    return quoted + "'";
}

plan::Survey survey_by(const host::Database& database, const std::string& first,
                       std::function<std::vector<std::string>(const host::Rows& first)> choose, TakeDigests take) {
    plan::Survey survey;
    survey.database = database;
    survey.first = first;
    survey.choose = std::move(choose);
    survey.judge = [take = std::move(take)](std::span<const host::Rows> answers) {
        std::vector<TableDigest> found;
        for (const host::Rows& answer : answers) {
            for (const std::vector<std::string>& row : answer.rows)
                found.push_back({row.at(0), row.at(1), row.at(2)});
        }
        return take(std::move(found));
    };
    return survey;
}

plan::Survey survey_tables(const host::Database& database, TakeDigests take) {
    return survey_by(database, std::string(settings) + std::string(tables), choose, std::move(take));
}

plan::Survey survey_nothing(const host::Database& database) {
    plan::Survey survey;
    survey.database = database;
    survey.first = "SELECT 1";
    survey.choose = [](const host::Rows&) { return std::vector<std::string>(); };
    survey.judge = [](std::span<const host::Rows>) { return std::optional<plan::Cause>(); };
    return survey;
}

std::vector<std::string> compare(std::span<const TableDigest> wanted, std::span<const TableDigest> found,
                                 std::size_t most) {
    std::map<std::string, const TableDigest*> left;
    for (const TableDigest& table : found)
        left[table.table] = &table;
    std::vector<std::string> differences;
    for (const TableDigest& table : wanted) {
        const auto other = left.find(table.table);
        if (other == left.end()) {
            differences.push_back(table.table + ": missing");
            continue;
        }
        if (other->second->rows != table.rows) {
            differences.push_back(table.table + ": " + other->second->rows + " rows instead of " + table.rows);
        } else if (other->second->digest != table.digest) {
            differences.push_back(table.table + ": " + table.rows + " rows, but not the same");
        }
        left.erase(other);
    }
    for (const auto& [name, table] : left)
        differences.push_back(name + ": was not in the backup");
    if (differences.size() > most) {
        const std::size_t more = differences.size() - most;
        differences.resize(most);
        differences.push_back("and " + std::to_string(more) + " more");
    }
    return differences;
}

}  // namespace flowlet::commands::backup
