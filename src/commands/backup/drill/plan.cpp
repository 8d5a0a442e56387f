#include "commands/backup/drill/drill.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/copies.h"
#include "commands/backup/tools.h"
#include "commands/shared/chain.h"

namespace flowlet::commands::backup {
namespace {

constexpr const char* database_name = "drill";
constexpr Millis standing_still{30 * 60 * 1000};

/// When what was over.
struct Stamps {
    Time ready{};
    Time loaded{};
    Time compared{};
    Time checked{};
    nlohmann::json evidence;
};

Millis between_times(Time from, Time to) {
    return std::chrono::duration_cast<Millis>(to - from);
}

class DrillPlan {
public:
    DrillPlan(const Session& session, const DrillFacts& facts)
        : session_(session), facts_(facts), stamps_(std::make_shared<Stamps>()) {
        login_ = facts.server->login(facts.folder);
        copy_ = login_;
        copy_.name = database_name;
    }

    plan::Plan make() {
        add_claim();
        add_server();
        add_load();
        add_checks();
        add_end();
        describe();
        return std::move(plan_);
    }

private:
    plan::Step& add(const std::string& id, const std::string& what, plan::Action action) {
        return add_after_last(plan_, id, what, std::move(action));
    }

    [[nodiscard]] plan::Invoke to_action(ServerCall call) const {
        host::Command& command = call.command;
        const auto wrap = [&command](const std::string& program, std::vector<std::string> args) {
            args.push_back(command.program);
            args.insert(args.end(), command.args.begin(), command.args.end());
            command.args = std::move(args);
            command.program = program;
        };
        if (call.stops == ServerCall::Stops::when_done) {
            wrap(facts_.env, {"--block-signal=INT", "--block-signal=TERM"});
            command.grace = command.timeout;
        }
        if (!facts_.user.empty() && call.as == ServerCall::As::server) {
            wrap(facts_.setpriv, {"--reuid=" + facts_.user, "--regid=" + facts_.user, "--init-groups"});
        }
        command.folder = "/";
        return {std::move(command), std::move(call.accept)};
    }

    [[nodiscard]] host::Command make_folder() const {
        host::Command command;
        command.program = facts_.install;
        command.args = {"-d", "-m", "700", "-o", facts_.user, facts_.folder};
        command.folder = "/";
        return command;
    }

    /// Who holds the lock is alone: whoever began the others is dead.
    void add_claim() {
        const std::string lock = facts_.records + "/" + std::string(lock_file);
        plan::Step& claim = add("lock", "lock the drills of this job", plan::Claim{lock, facts_.records, facts_.names});
        claim.undo.push_back({"unlock the drills of this job", plan::Release{lock}});
        claim.always = true;
        for (const std::string& dead : facts_.dead) {
            add("stop/" + dead, "stop the server that a killed drill has left", to_action(facts_.server->stop(dead)));
            add("clear/" + dead, "remove " + dead, plan::Clear{dead});
        }
    }

    void add_server() {
        plan::Step& folder =
            facts_.user.empty()
                ? add("folder", "create " + facts_.folder, plan::MakeFolder{facts_.folder})
                : add("folder", "create " + facts_.folder + " for " + facts_.user, plan::Invoke{make_folder()});
        ServerCall stop = facts_.server->stop(facts_.folder);
        const std::string what = stop.what;
        folder.undo.push_back({what, to_action(std::move(stop))});
        folder.undo.push_back({"remove " + facts_.folder, plan::Clear{facts_.folder}});
        folder.always = true;
        for (ServerCall& call : facts_.server->start(facts_.folder))
            add(call.id, call.what, to_action(call));
        add_look("ready", "ask it", [stamps = stamps_, &probe = session_.probe] {
            stamps->ready = probe.now();
            return std::optional<plan::Cause>();
        });
    }

    /// A look at the server whose time, or whose judgement, is what matters.
    void add_look(const std::string& id, const std::string& what, std::function<std::optional<plan::Cause>()> judge) {
        plan::Survey survey = survey_nothing(login_);
        survey.judge = [judge = std::move(judge)](std::span<const host::Rows>) { return judge(); };
        survey.unfit = Kind::unhealthy;
        add(id, what, std::move(survey));
    }

    [[nodiscard]] plan::Transfer restore(const Artifact& artifact, host::Command program) const {
        plan::Transfer transfer = read_artifact(facts_.backup, artifact, std::move(program));
        transfer.failed = Kind::verification;
        return transfer;
    }

    void add_load() {
        if (facts_.globals) {
            host::Command loader = facts_.server->load_globals(login_, facts_.backup.timeout);
            add("roles", "load the roles", restore(*facts_.globals, std::move(loader)));
        }
        add("create", "create a database", facts_.dialect->create(copy_, facts_.record));
        if (facts_.shifts.empty()) {
            add("load", "load " + facts_.dump.file,
                restore(facts_.dump, *facts_.dialect->loader(copy_, Tables(), facts_.backup.timeout)));
        }
        for (plan::Step& step :
             load_in_shifts(facts_.backup, facts_.dump, *facts_.dialect, copy_, facts_.shifts, plan_.steps.back().id)) {
            std::get<plan::Transfer>(step.action).failed = Kind::verification;
            plan_.steps.push_back(std::move(step));
        }
        add_look("loaded", "look at the clock", [stamps = stamps_, &probe = session_.probe] {
            stamps->loaded = probe.now();
            return std::optional<plan::Cause>();
        });
    }

    void add_checks() {
        if (facts_.record.digested) {
            add("compare", "compare every table with what was backed up",
                compare_copy(*facts_.dialect, copy_, facts_.record));
        }
        add_look("compared", "look at the clock", [stamps = stamps_, &probe = session_.probe] {
            stamps->compared = probe.now();
            return std::optional<plan::Cause>();
        });
        if (!facts_.server->checker().empty()) add_check();
        if (!facts_.checks.empty()) add_questions();
        add_look("checked", "look at the clock", [stamps = stamps_, &probe = session_.probe] {
            stamps->checked = probe.now();
            return std::optional<plan::Cause>();
        });
    }

    void add_check() {
        const std::string checker = facts_.server->checker();
        plan::Transfer transfer;
        transfer.flow.stages = {facts_.server->check(copy_, facts_.backup.timeout), host::Measure{"said"}};
        transfer.flow.timeout = facts_.backup.timeout;
        transfer.flow.idle = standing_still;
        transfer.failed = Kind::verification;
        transfer.judge = [checker](const host::FlowEnd& end) {
            const host::FlowEnd::Measured& said = end.measured.at("said");
            if (said.bytes == 0) return std::optional<plan::Cause>();
            plan::Cause cause;
            cause.object = "database " + std::string(database_name);
            cause.reason = "Damaged";
            cause.message = checker + " says: " + printable(trim(said.tail));
            return std::optional(cause);
        };
        add("check", "check every table and index with " + checker, std::move(transfer));
    }

    void add_questions() {
        plan::Survey survey;
        survey.database = copy_;
        survey.first = "SELECT 1";
        survey.choose = [checks = facts_.checks](const host::Rows&) { return checks; };
        survey.judge = [checks = facts_.checks, yes = facts_.server->yes()](std::span<const host::Rows> answers) {
            for (std::size_t i = 0; i < checks.size(); ++i) {
                const std::vector<std::vector<std::string>>& rows = answers[i].rows;
                if (rows.size() == 1 && rows[0].size() == 1 && rows[0][0] == yes) continue;
                plan::Cause cause;
                cause.object = "database " + std::string(database_name);
                cause.reason = "CheckFailed";
                cause.message = "check " + std::to_string(i + 1) + " does not give true: " + printable(checks[i]);
                return std::optional(cause);
            }
            return std::optional<plan::Cause>();
        };
        add("questions", "ask what backup.drill.checks asks", std::move(survey));
    }

    void add_end() {
        add("evidence", "write the evidence",
            plan::Compose{facts_.records + "/" + session_.run_id + ".json", [facts = facts_, stamps = stamps_] {
                              stamps->evidence = evidence(facts, *stamps);
                              return stamps->evidence.dump(1) + "\n";
                          }});
        add_look("verdict", "compare with the targets",
                 [facts = facts_, stamps = stamps_] { return conclude(facts, *stamps); });
    }

    static nlohmann::json evidence(const DrillFacts& facts, const Stamps& stamps) {
        const Millis rto = between_times(facts.now, stamps.checked);
        const Millis rpo = between_times(facts.backup.entry.manifest.started, facts.now);
        const Course course{between_times(facts.now, stamps.ready), between_times(stamps.ready, stamps.checked),
                            facts.dump.plain.bytes};
        return {{"apiVersion", "flowlet/v1"},
                {"kind", "BackupDrill"},
                {"backup", facts.backup.entry.id},
                {"manifest_sha256", facts.backup.entry.manifest_sha256},
                {"from", facts.backup.store.folder},
                {"database", facts.record.name},
                {"at", render_time(facts.now)},
                {"bytes", facts.dump.plain.bytes},
                {"tables", facts.record.tables.size()},
                {"type", name(facts.record.engine)},
                {"checked_with", facts.server->checker()},
                {"checks", facts.checks.size()},
                {"phases_ms",
                 {{"server", between_times(facts.now, stamps.ready).count()},
                  {"load", between_times(stamps.ready, stamps.loaded).count()},
                  {"compare", between_times(stamps.loaded, stamps.compared).count()},
                  {"check", between_times(stamps.compared, stamps.checked).count()}}},
                {"rto_ms", rto.count()},
                {"rto_target_ms", facts.rto.count()},
                {"rpo_ms", rpo.count()},
                {"rpo_target_ms", facts.rpo.count()},
                {"largest_in_time", largest_in_time(course, facts.rto)},
                {"passed", rto <= facts.rto && rpo <= facts.rpo}};
    }

    static std::optional<plan::Cause> conclude(const DrillFacts& facts, const Stamps& stamps) {
        const Millis rto{stamps.evidence.at("rto_ms").get<std::int64_t>()};
        const Millis rpo{stamps.evidence.at("rpo_ms").get<std::int64_t>()};
        std::vector<std::string> missed;
        if (rto > facts.rto) {
            missed.push_back("the restore took " + render_age(rto) + ", and may take " + render_duration(facts.rto));
        }
        if (rpo > facts.rpo) {
            missed.push_back("the backup is " + render_age(rpo) + " old, and " + render_duration(facts.rpo) +
                             " of work may be lost at most");
        }
        if (missed.empty()) return std::nullopt;
        plan::Cause cause;
        cause.object = "backup " + facts.backup.entry.id;
        cause.reason = "TargetMissed";
        cause.message = "it restores, every row as it was backed up, but: " + join(missed, "; ");
        return cause;
    }

    void describe() {
        plan_.title = "drill: restore " + facts_.record.name + " of backup " + facts_.backup.entry.id +
                      " into a server of its own";
        plan_.effect = plan::Effect::files;
        plan_.subject.command = "backup drill";
        plan_.subject.environment = session_.config->environment();
        plan_.subject.facts = {{"id", facts_.backup.entry.id},
                               {"path", facts_.backup.entry.folder},
                               {"config", session_.config->digest()}};
        const auto warn = [&](const std::string& object, const std::string& message, const std::string& hint) {
            plan_.findings.push_back({plan::Finding::Severity::warning, object, message, "", hint});
        };
        if (!facts_.record.digested) {
            warn("backup " + facts_.backup.entry.id, "holds no digests: the data cannot be compared", "");
        }
        if (facts_.server->checker().empty()) {
            const bool postgres = facts_.record.engine == host::Engine::postgres;
            warn(postgres ? "pg_amcheck" : "mariadb-check", "is not there: tables and indexes are not checked", "");
        }
        if (facts_.free_space < 2 * facts_.dump.plain.bytes) {
            warn(facts_.folder, "there may not be room for " + render_size(2 * facts_.dump.plain.bytes),
                 "backup.drill.folder names another place");
        }
        plan_.result = [stamps = stamps_, facts = facts_] {
            const auto phase = [&](const char* name) {
                return render_age(Millis{stamps->evidence.at("phases_ms").at(name).get<std::int64_t>()});
            };
            plan::Result result;
            nlohmann::json document = stamps->evidence;
            document.erase("apiVersion");
            document.erase("kind");
            result.document = std::make_shared<const nlohmann::json>(std::move(document));
            result.text = "restored in " + render_age(Millis{stamps->evidence.at("rto_ms").get<std::int64_t>()}) +
                          " (target " + render_duration(facts.rto) + "): server " + phase("server") + ", load " +
                          phase("load") + ", compare " + phase("compare") + ", check " + phase("check") +
                          "\n  backup " + render_age(Millis{stamps->evidence.at("rpo_ms").get<std::int64_t>()}) +
                          " old (target " + render_duration(facts.rpo) + ")\n  at this rate " +
                          render_duration(facts.rto) + " is enough for a dump of " +
                          render_size(stamps->evidence.at("largest_in_time").get<std::uint64_t>());
            return result;
        };
    }

    const Session& session_;
    const DrillFacts& facts_;
    std::shared_ptr<Stamps> stamps_;
    host::Database login_;
    host::Database copy_;
    plan::Plan plan_;
};

}  // namespace

std::uint64_t largest_in_time(const Course& course, Millis most) {
    if (most <= course.fixed) return 0;
    const auto room = static_cast<double>((most - course.fixed).count());
    const auto growing = static_cast<double>(std::max<Millis::rep>(course.growing.count(), 1));
    constexpr double largest = 1e18;
    return static_cast<std::uint64_t>(std::min(static_cast<double>(course.bytes) * room / growing, largest));
}

plan::Plan plan_drill(const Session& session, const DrillFacts& facts) {
    return DrillPlan(session, facts).make();
}

}  // namespace flowlet::commands::backup
