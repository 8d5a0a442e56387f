#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"
#include "commands/backup/copies.h"
#include "commands/backup/digests.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"
#include "commands/shared/secret.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis look_timeout{15000};
constexpr Millis standing_still{30 * 60 * 1000};

const Artifact& find_dump(const Manifest& manifest, const std::string& database) {
    for (const Artifact& artifact : manifest.artifacts) {
        if (artifact.kind == Artifact::Kind::dump && artifact.database == database) return artifact;
    }
    throw Error(Kind::verification, "backup " + manifest.id + " has no dump of " + database);
}

host::Database maintenance(const host::Database& target) {
    host::Database other = target;
    other.name = "postgres";
    return other;
}

host::Rows look(const Session& session, const host::Database& database, const std::string& statement) {
    host::Rows rows = session.probe.look_up(database, statement, look_timeout);
    if (rows.ok()) return rows;
    throw Error(Kind::precondition, database.user + " on " + render(database) + ": " + rows.message);
}

/// With the encoding and the locale of the one that was backed up: they decide what its text may hold, and its order.
std::string create_statement(const std::string& quoted, const DatabaseRecord& record) {
    std::string statement = "CREATE DATABASE " + quoted + " TEMPLATE template0 ENCODING " +
                            quote_literal(record.encoding) + " LC_COLLATE " + quote_literal(record.collation) +
                            " LC_CTYPE " + quote_literal(record.ctype);
    if (!record.icu_locale.empty()) {
        statement += " LOCALE_PROVIDER icu ICU_LOCALE " + quote_literal(record.icu_locale);
    }
    return statement;
}

/// Over data that lives nothing is ever restored.
bool check_target(const Session& session, const host::Database& target) {
    const host::Rows found =
        look(session, maintenance(target), "SELECT 1 FROM pg_database WHERE datname = " + quote_literal(target.name));
    if (found.rows.empty()) return false;
    const host::Rows objects =
        look(session, target,
             "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE "
             "'pg\\_%' AND n.nspname <> 'information_schema'");
    if (objects.rows.at(0).at(0) == "0") return true;
    throw Error(Kind::precondition,
                "the database " + render(target) + " is not empty: it holds " + objects.rows.at(0).at(0) +
                    " tables, indexes and the like",
                "restore into a new one: --to " + target.name + "_restored");
}

}  // namespace

RestoreFacts observe_restore(const Session& session, const RestoreOptions& options) {
    check_copy_name(options.to);
    RestoreFacts facts;
    facts.backup = observe_verify(session, {options.id, options.identity, "", ""});
    if (!facts.backup.identity) {
        throw Error(Kind::usage, "to restore, the backup has to be decrypted",
                    "--identity FILE names the age identity of one of its recipients, or backup.identity refers to it");
    }
    const Manifest& manifest = facts.backup.entry.manifest;
    facts.record = find_record(manifest, options.database);
    facts.dump = find_dump(manifest, facts.record.name);
    facts.target = find_copy(session, facts.record.name, options.to);
    facts.exists = check_target(session, facts.target);
    return facts;
}

plan::Plan plan_restore(const Session& session, const RestoreFacts& facts) {
    const std::string target = render(facts.target);
    plan::Plan plan;
    plan.title = "restore " + facts.record.name + " of backup " + facts.backup.entry.id + " to " + target;
    plan.effect = plan::Effect::data;
    plan.subject.command = "backup restore";
    plan.subject.environment = session.config->environment();
    plan.subject.facts = {{"id", facts.backup.entry.id}, {"database", target}};
    plan.changes.push_back({facts.exists ? plan::Op::update : plan::Op::create,
                            "database " + target,
                            {},
                            "backup " + facts.backup.entry.id});
    std::vector<std::string> after;
    if (!facts.exists) {
        const std::string quoted = "\"" + facts.target.name + "\"";
        plan::Execute create{maintenance(facts.target), create_statement(quoted, facts.record)};
        create.timeout = facts.backup.timeout;
        plan::Execute drop{maintenance(facts.target), "DROP DATABASE IF EXISTS " + quoted};
        drop.timeout = facts.backup.timeout;
        constexpr int created = 201;
        plan.steps.push_back({"create",
                              "create the database " + facts.target.name,
                              create,
                              {},
                              {{"drop the database " + facts.target.name, drop, created}},
                              false});
        after = {"create"};
    }
    plan::Transfer load;
    load.flow.stages = {
        host::ReadFile{facts.backup.entry.folder + "/" + facts.dump.file},
        host::Measure{"stored"},
        decrypt(*facts.backup.age, *facts.backup.identity, facts.backup.timeout),
        host::Inflate{},
        host::Measure{"plain"},
        client(*facts.backup.pg_restore, facts.target,
               {"--dbname=" + facts.target.name, "--exit-on-error", "--single-transaction"}, facts.backup.timeout)};
    load.flow.timeout = facts.backup.timeout;
    load.flow.idle = standing_still;
    load.judge = [dump = facts.dump](const host::FlowEnd& end) { return check_artifact(dump, end, Depth::plain); };
    plan.steps.push_back({"load", "load " + facts.dump.file, std::move(load), after, {}, false});
    if (facts.record.digested) {
        plan.steps.push_back({"compare",
                              "compare every table with what was backed up",
                              compare_copy(facts.target, facts.record),
                              {"load"},
                              {},
                              false});
    } else {
        plan.findings.push_back({plan::Finding::Severity::warning, "backup " + facts.backup.entry.id,
                                 "holds no digests: the data cannot be compared with what was backed up", "", ""});
    }
    plan.result = [tables = facts.record.tables.size(), digested = facts.record.digested, target,
                   id = facts.backup.entry.id] {
        plan::Result result;
        result.document = std::make_shared<const nlohmann::json>(
            nlohmann::json{{"id", id}, {"database", target}, {"digests", tables}, {"verified", digested}});
        result.text =
            digested ? std::to_string(tables) + (tables == 1 ? " table" : " tables") + ", every row as it was backed up"
                     : "its rows could not be compared";
        return result;
    };
    return plan;
}

}  // namespace flowlet::commands::backup
