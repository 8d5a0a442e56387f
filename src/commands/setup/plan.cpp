#include "commands/setup/plan.h"

#include <nlohmann/json.hpp>

#include "commands/setup/facts.h"

namespace flowlet::commands::setup {
namespace {

constexpr int created = 201;
constexpr Millis count_time{60000};

/// What is told once all is done.
struct Counted {
    std::size_t tables = 0;
};

std::string count_statement(const host::Database& database) {
    const std::string where = database.engine == host::Engine::postgres
                                  ? "table_schema NOT IN ('pg_catalog', 'information_schema')"
                                  : "table_schema = database()";
    // The one that alembic keeps for itself is no table of the project.
    return "SELECT count(*) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND "
           "table_name <> 'alembic_version' AND " +
           where;
}

std::string render_count(std::size_t tables) {
    return std::to_string(tables) + (tables == 1 ? " table" : " tables");
}

class SetupPlan {
public:
    explicit SetupPlan(const Facts& facts) : facts_(facts), counted_(std::make_shared<Counted>()) {}

    plan::Plan make() {
        if (!facts_.current()) add_state();
        const std::vector<std::string> root = steps_.end();
        std::vector<std::string> ready;
        const auto line = [&](bool wanted, auto add) {
            if (!wanted) {
                ++plan_.unchanged;
                return;
            }
            steps_.begin(root);
            add();
            ready.insert(ready.end(), steps_.end().begin(), steps_.end().end());
        };
        line(!facts_.python.current(), [&] { plan_packages(facts_, facts_.python, steps_); });
        line(!facts_.node.current(), [&] { plan_packages(facts_, facts_.node, steps_); });
        line(!facts_.env_file.there, [&] { add_env_file(); });
        line(!facts_.tables.current() && facts_.server, [&] { add_server(); });
        steps_.begin(ready.empty() ? root : ready);
        if (!facts_.tables.current()) add_tables();
        add_description();
        describe();
        return std::move(plan_);
    }

private:
    /// Who holds the lock is alone in the folder. It makes .flowlet, too.
    void add_state() {
        const std::string folder = in(facts_.root, ".flowlet");
        const std::string lock = in(folder, "lock");
        plan::Step& claim =
            steps_.add("lock", "lock the setup of this project", plan::Claim{in(lock, "setup"), lock, {}});
        claim.undo.push_back({"unlock the setup of this project", plan::Release{in(lock, "setup")}});
        claim.always = true;
        if (facts_.ignore_there) return;
        add_file(steps_, ".flowlet/.gitignore", in(folder, ".gitignore"), "*\n");
        if (facts_.state_there) return;
        plan_.steps.back().undo.push_back({"remove .flowlet", plan::Clear{folder}, created, true});
    }

    void add_env_file() {
        const std::string name = in(facts_.backend, ".env.local");
        add_secret_file(steps_, name, facts_.env_file.path, facts_.env_file.text);
        steps_.change(plan::Op::create, name, "new random secrets, 0600");
    }

    void add_server() {
        if (!facts_.tables.found.empty()) add_forget();
        plan_server(facts_, steps_);
    }

    void add_forget() {
        steps_.add("tables/forget", "forget what was done to the database last",
                   plan::Erase{facts_.tables.record, facts_.tables.found});
    }

    void add_tables() {
        const Tables& tables = facts_.tables;
        if (!facts_.server && !tables.found.empty()) add_forget();
        if (tables.migrate) {
            steps_.add("tables/migrate", "bring the tables of " + tables.database.name + " up to date",
                       run_tool(*tables.migrate));
            steps_.change(plan::Op::update, "tables of " + tables.database.name, host::render(*tables.migrate));
        }
        plan::Survey survey;
        survey.database = tables.database;
        survey.first = "SELECT 1";
        survey.choose = [statement = count_statement(tables.database)](const host::Rows&) {
            return std::vector<std::string>{statement};
        };
        survey.judge = [counted = counted_, name = render(tables.database)](std::span<const host::Rows> answers) {
            counted->tables = std::stoul(answers.front().rows.at(0).at(0));
            if (counted->tables > 0) return std::optional<plan::Cause>();
            plan::Cause cause;
            cause.object = "database " + name;
            cause.reason = "NoTables";
            cause.message = "there is no table in it";
            cause.next =
                "write what makes the tables: setup: {migrate: [COMMAND, …]} in flowlet.yaml; or mend the migrations";
            return std::optional(cause);
        };
        survey.timeout = count_time;
        steps_.add("tables/count", "count its tables", std::move(survey));
        plan::Step& record = steps_.add("tables/record", "record what was done to the database",
                                        plan::Compose{tables.record, [text = tables.wanted] { return text; }});
        record.undo.push_back(
            {"forget what was done to the database", plan::Erase{tables.record, tables.wanted}, created});
    }

    void add_description() {
        const Description& description = facts_.description;
        if (description.has_services) {
            ++plan_.unchanged;
            return;
        }
        const std::string added =
            nlohmann::json(description.there ? render_services(facts_) : description.after).dump();
        if (description.there) {
            plan::Step& step = steps_.add("write/flowlet.yaml", "write the services into flowlet.yaml",
                                          plan::Amend{description.path, description.before, description.after});
            step.undo.push_back({"take the services out of flowlet.yaml",
                                 plan::Amend{description.path, description.after, description.before}, created});
        } else {
            add_file(steps_, "flowlet.yaml", description.path, description.after);
        }
        plan_.changes.push_back({description.there ? plan::Op::update : plan::Op::create,
                                 "flowlet.yaml",
                                 {{description.there ? "services" : "content", "", added}},
                                 "services"});
    }

    void describe() {
        plan_.title = "setup " + facts_.project + " for development in " + printable(facts_.root);
        plan_.effect = plan::Effect::files;
        plan_.subject.command = "setup";
        plan_.subject.environment = facts_.environment;
        plan_.subject.facts = facts_.tools;
        plan_.findings = facts_.findings;
        if (plan_.steps.empty()) return;
        if (!facts_.writable) {
            throw Error(Kind::denied, "making " + printable(facts_.root) + " ready: the folder may not be written",
                        "give it to the user who develops, or copy the project to a folder of yours");
        }
        const host::Database& database = facts_.tables.database;
        const std::string where = facts_.tables.named.empty() ? "its private PostgreSQL" : facts_.tables.named;
        const bool counts = !facts_.tables.current();
        plan_.result = [counted = counted_, name = database.name, where, counts] {
            plan::Result result;
            if (!counts) {
                result.text = "the database was as it should be";
                result.document = std::make_shared<const nlohmann::json>(nlohmann::json{{"database", name}});
                return result;
            }
            result.text = render_count(counted->tables) + " in the database " + name + " of " + where;
            result.document = std::make_shared<const nlohmann::json>(
                nlohmann::json{{"database", name}, {"server", where}, {"tables", counted->tables}});
            return result;
        };
    }

    const Facts& facts_;
    std::shared_ptr<Counted> counted_;
    plan::Plan plan_;
    Steps steps_{plan_};
};

}  // namespace

plan::Plan plan_setup(const Facts& facts) {
    return SetupPlan(facts).make();
}

}  // namespace flowlet::commands::setup
