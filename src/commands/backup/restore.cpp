#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"
#include "commands/backup/copies.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"
#include "commands/shared/secret.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis standing_still{30 * 60 * 1000};

const Artifact& find_dump(const Manifest& manifest, const std::string& database) {
    for (const Artifact& artifact : manifest.artifacts) {
        if (artifact.kind == Artifact::Kind::dump && artifact.database == database) return artifact;
    }
    throw Error(Kind::verification, "backup " + manifest.id + " has no dump of " + database);
}

/// Over data that lives nothing is ever restored.
void check_empty(const host::Database& target, const Place& place) {
    if (place.holds.empty()) return;
    throw Error(Kind::precondition, "the database " + render(target) + " is not empty: it holds " + place.holds,
                "restore into a new one: --to " + target.name + "_restored");
}

}  // namespace

RestoreFacts observe_restore(const Session& session, const RestoreOptions& options) {
    check_copy_name(options.to);
    RestoreFacts facts;
    facts.backup = observe_verify(session, {options.id, options.identity, "", "", options.from});
    if (!facts.backup.identity) {
        throw Error(Kind::usage, "to restore, the backup has to be decrypted",
                    "--identity FILE names the age identity of one of its recipients, or backup.identity refers to it");
    }
    const Manifest& manifest = facts.backup.entry.manifest;
    facts.record = find_record(manifest, options.database);
    facts.dump = find_dump(manifest, facts.record.name);
    facts.target = find_copy(session, facts.record.name, options.to);
    facts.dialect = facts.backup.dialects.at(facts.record.engine);
    facts.place = facts.dialect->look_at(session, facts.target);
    check_empty(facts.target, facts.place);
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
    plan.changes.push_back({facts.place.exists ? plan::Op::update : plan::Op::create,
                            "database " + target,
                            {},
                            "backup " + facts.backup.entry.id});
    const auto in_time = [&facts](plan::Execute execute) {
        execute.timeout = facts.backup.timeout;
        return execute;
    };
    const plan::Execute create = in_time(facts.dialect->create(facts.target, facts.record));
    const plan::Execute drop = in_time(facts.dialect->drop(facts.target));
    std::vector<std::string> after;
    if (!facts.place.exists) {
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
    load.flow.stages = {read_stage(facts.backup.store, facts.backup.entry, facts.dump.file),
                        host::Measure{"stored"},
                        decrypt(*facts.backup.age, *facts.backup.identity, facts.backup.timeout),
                        host::Inflate{},
                        host::Measure{"plain"},
                        facts.dialect->loader(facts.target, facts.backup.timeout)};
    load.flow.timeout = facts.backup.timeout;
    load.flow.idle = standing_still;
    load.judge = [dump = facts.dump](const host::FlowEnd& end) { return check_artifact(dump, end, Depth::plain); };
    plan.steps.push_back({"load", "load " + facts.dump.file, std::move(load), after, {}, false});
    if (facts.place.exists && facts.dialect->failure() == Dialect::Failure::leaves_a_part) {
        // It was empty, and is to be so again.
        plan.steps.back().undo = {{"drop the database " + facts.target.name, drop},
                                  {"create the database " + facts.target.name + " again, empty", create}};
    }
    if (facts.record.digested) {
        plan.steps.push_back({"compare",
                              "compare every table with what was backed up",
                              compare_copy(*facts.dialect, facts.target, facts.record),
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
