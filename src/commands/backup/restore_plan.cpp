#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"
#include "commands/backup/copies.h"
#include "commands/shared/chain.h"

namespace flowlet::commands::backup {
namespace {

constexpr int done = 201;

class RestorePlan {
public:
    RestorePlan(const Session& session, const RestoreFacts& facts)
        : session_(session), facts_(facts), copy_(facts.target) {
        if (facts.replacing) copy_.name = facts.replacing->meanwhile;
    }

    plan::Plan make() {
        describe();
        if (facts_.replacing || !facts_.place.exists) add_create();
        if (!facts_.tables.names.empty() && facts_.tables.schema != "public") add_schema();
        add_load();
        add_compare();
        if (facts_.replacing) add_replace();
        return std::move(plan_);
    }

private:
    plan::Step& add(const std::string& id, const std::string& what, plan::Action action) {
        return add_after_last(plan_, id, what, std::move(action));
    }

    [[nodiscard]] plan::Execute in_time(plan::Execute execute) const {
        execute.timeout = facts_.backup.timeout;
        return execute;
    }

    void add_create() {
        plan::Step& step =
            add("create", "create the database " + copy_.name, in_time(facts_.dialect->create(copy_, facts_.record)));
        step.undo = {{"drop the database " + copy_.name, in_time(facts_.dialect->drop(copy_)), done}};
    }

    void add_schema() {
        std::string quoted = "\"";
        for (const char letter : facts_.tables.schema) {
            if (letter == '"') quoted += '"';
            quoted += letter;
        }
        add("schema", "create the schema " + facts_.tables.schema,
            plan::Execute{copy_, "CREATE SCHEMA IF NOT EXISTS " + quoted + "\""});
    }

    void add_load() {
        const std::size_t first = plan_.steps.size();
        if (facts_.shifts.empty()) {
            add("load", "load " + facts_.dump.file,
                read_artifact(facts_.backup, facts_.dump,
                              facts_.dialect->loader(copy_, facts_.tables, facts_.backup.timeout)));
        } else {
            const std::string after = plan_.steps.empty() ? "" : plan_.steps.back().id;
            for (plan::Step& step :
                 load_in_shifts(facts_.backup, facts_.dump, *facts_.dialect, copy_, facts_.shifts, after))
                plan_.steps.push_back(std::move(step));
        }
        plan::Step& step = plan_.steps[first];
        const bool leaves_a_part =
            !facts_.shifts.empty() || facts_.dialect->failure() == Dialect::Failure::leaves_a_part;
        if (facts_.place.exists && !facts_.replacing && leaves_a_part) {
            // It was empty, and is to be so again.
            step.undo = {{"drop the database " + copy_.name, in_time(facts_.dialect->drop(copy_))},
                         {"create the database " + copy_.name + " again, empty",
                          in_time(facts_.dialect->create(copy_, facts_.record))}};
        }
    }

    void add_compare() {
        if (facts_.record.digested) {
            add("compare", "compare every table with what was backed up",
                compare_copy(*facts_.dialect, copy_, facts_.record));
            return;
        }
        plan_.findings.push_back({plan::Finding::Severity::warning, "backup " + facts_.backup.entry.id,
                                  "holds no digests: the data cannot be compared with what was backed up", "", ""});
    }

    /// The old one loses its name only once the new one has shown that it holds everything.
    void add_replace() {
        const std::string& name = facts_.target.name;
        const std::string& aside = facts_.replacing->aside;
        host::Database old = facts_.target;
        old.name = aside;
        plan::Step& away =
            add("aside", "rename " + name + " to " + aside, in_time(*facts_.dialect->rename(facts_.target, aside)));
        away.undo = {{"rename " + aside + " to " + name, in_time(*facts_.dialect->rename(old, name)), done}};
        plan::Step& in_place =
            add("replace", "rename " + copy_.name + " to " + name, in_time(*facts_.dialect->rename(copy_, name)));
        in_place.undo = {{"rename " + name + " to " + copy_.name,
                          in_time(*facts_.dialect->rename(facts_.target, copy_.name)), done}};
        plan_.confirm = {name, "the database " + render(facts_.target) + " holds " + facts_.place.holds +
                                   "; it would be set aside as " + aside};
        plan_.findings.push_back({plan::Finding::Severity::note, "database " + name,
                                  "is kept as " + aside + "; nobody may be connected to it while it is renamed", "",
                                  "drop it once nobody needs it any more"});
    }

    void describe() {
        const std::string target = render(facts_.target);
        plan_.title = "restore " + facts_.record.name + " of backup " + facts_.backup.entry.id + " to " + target;
        plan_.effect = plan::Effect::data;
        plan_.subject.command = "backup restore";
        plan_.subject.environment = session_.config->environment();
        plan_.subject.facts = {{"id", facts_.backup.entry.id}, {"database", target}};
        plan_.changes.push_back({facts_.place.exists ? plan::Op::update : plan::Op::create,
                                 "database " + target,
                                 {},
                                 "backup " + facts_.backup.entry.id});
        plan_.result = [tables = facts_.record.tables.size(), digested = facts_.record.digested, target,
                        id = facts_.backup.entry.id, replacing = facts_.replacing] {
            plan::Result result;
            nlohmann::json document = {{"id", id}, {"database", target}, {"digests", tables}, {"verified", digested}};
            if (replacing) document["replaced"] = replacing->aside;
            result.document = std::make_shared<const nlohmann::json>(std::move(document));
            result.text = digested ? std::to_string(tables) + (tables == 1 ? " table" : " tables") +
                                         ", every row as it was backed up"
                                   : "its rows could not be compared";
            if (replacing) result.text += "; what was there before is " + replacing->aside;
            return result;
        };
    }

    const Session& session_;
    const RestoreFacts& facts_;
    host::Database copy_;
    plan::Plan plan_;
};

}  // namespace

plan::Plan plan_restore(const Session& session, const RestoreFacts& facts) {
    return RestorePlan(session, facts).make();
}

}  // namespace flowlet::commands::backup
