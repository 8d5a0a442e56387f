#include <algorithm>
#include <utility>

#include "commands/backup/backup.h"
#include "commands/backup/copies.h"
#include "commands/shared/database.h"

namespace flowlet::commands::backup {
namespace {

const Artifact& find_dump(const Manifest& manifest, const std::string& database) {
    for (const Artifact& artifact : manifest.artifacts) {
        if (artifact.kind == Artifact::Kind::dump && artifact.database == database) return artifact;
    }
    throw Error(Kind::verification, "backup " + manifest.id + " has no dump of " + database);
}

/// Keeps the wanted ones of the record, and says how their server calls them.
Tables choose_tables(DatabaseRecord& record, const std::vector<std::string>& wanted) {
    Tables chosen;
    std::vector<TableDigest> kept;
    std::vector<std::string> known;
    for (const TableDigest& table : record.tables)
        known.push_back(table.table);
    for (const std::string& name : wanted) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end()) {
            const auto near = did_you_mean(name, known);
            throw Error(Kind::precondition, "the backup holds no table " + printable(name),
                        near ? "did you mean " + *near + "?" : "write it as SCHEMA.TABLE; backup list ID names them");
        }
        const auto [schema, table] = split_name(name);
        if (!chosen.names.empty() && schema != chosen.schema) {
            throw Error(Kind::usage, "the tables are of two schemas: " + chosen.schema + " and " + schema,
                        "restore those of one after those of the other");
        }
        chosen.schema = schema;
        chosen.names.push_back(table);
        kept.push_back(record.tables[static_cast<std::size_t>(found - known.begin())]);
    }
    record.tables = std::move(kept);
    return chosen;
}

/// Over data that lives nothing is ever restored: at most it is set aside, once its name was typed.
std::optional<RestoreFacts::Replacing> find_replacing(const RestoreFacts& facts, Time now) {
    const std::string& name = facts.target.name;
    if (facts.place.holds.empty()) return std::nullopt;
    const bool can = facts.dialect->rename(facts.target, name).has_value() && facts.tables.names.empty();
    if (!can) {
        throw Error(Kind::precondition,
                    "the database " + render(facts.target) + " is not empty: it holds " + facts.place.holds,
                    "restore into a new one: --to " + name + "_restored");
    }
    const std::string stamp = lower_case(stream::render_amazon_time(now));
    RestoreFacts::Replacing replacing{name + "_new_" + stamp, name + "_old_" + stamp};
    check_copy_name(replacing.aside);
    return replacing;
}

}  // namespace

RestoreFacts observe_restore(const Session& session, const RestoreOptions& options) {
    if (options.to.empty()) {
        throw Error(Kind::usage, "where is it to be restored to?",
                    "--to NAME for a database, --files NAME and --into FOLDER for a folder");
    }
    check_copy_name(options.to);
    RestoreFacts facts;
    facts.backup = observe_opened(session, {options.id, options.identity, "", "", options.from}, "to restore");
    const Manifest& manifest = facts.backup.entry.manifest;
    facts.record = find_record(manifest, options.database);
    facts.dump = find_dump(manifest, facts.record.name);
    facts.target = find_copy(session, facts.record.name, options.to);
    facts.dialect = facts.backup.dialects.at(facts.record.engine);
    if (!options.tables.empty()) facts.tables = choose_tables(facts.record, options.tables);
    if (!facts.dialect->loader(facts.target, facts.tables, facts.backup.timeout)) {
        throw Error(Kind::precondition, "single tables cannot be taken from a dump of MariaDB",
                    "restore all of it beside the original, and copy them from there");
    }
    facts.place = facts.dialect->look_at(session, facts.target);
    facts.replacing = find_replacing(facts, session.probe.now());
    facts.shifts = find_shifts(session, facts.backup, facts.dump, *facts.dialect, options.jobs);
    return facts;
}

}  // namespace flowlet::commands::backup
