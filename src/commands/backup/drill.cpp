#include "commands/backup/drill.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/copies.h"
#include "commands/backup/tools.h"

namespace flowlet::commands::backup {
namespace {

constexpr const char* superuser = "flowletctl_drill";
constexpr const char* database_name = "drill";
constexpr int port = 5432;
constexpr Millis short_time{120000};
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
        server_ = {facts.folder, port, "postgres", superuser, Secret(), host::Engine::postgres};
        copy_ = server_;
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
        std::vector<std::string> after;
        if (!plan_.steps.empty()) after.push_back(plan_.steps.back().id);
        plan_.steps.push_back({id, what, std::move(action), std::move(after), {}, false});
        return plan_.steps.back();
    }

    /// As whoever runs the server.
    [[nodiscard]] host::Command as_server(const Tool& tool, std::vector<std::string> args, Millis timeout) const {
        host::Command command;
        command.program = tool.path;
        command.args = std::move(args);
        if (!facts_.user.empty()) {
            std::vector<std::string> prefix = {"--reuid=" + facts_.user, "--regid=" + facts_.user, "--init-groups",
                                               tool.path};
            prefix.insert(prefix.end(), command.args.begin(), command.args.end());
            command.args = std::move(prefix);
            command.program = facts_.setpriv;
        }
        command.folder = "/";
        command.timeout = timeout;
        return command;
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
            add("stop/" + dead, "stop the server that a killed drill has left", stop_server(dead));
            add("clear/" + dead, "remove " + dead, plan::Clear{dead});
        }
    }

    /// Where there is no server, there is none to stop: 1, or 4 where there is no folder of its data.
    [[nodiscard]] plan::Invoke stop_server(const std::string& folder) const {
        return {as_server(facts_.programs.pg_ctl,
                          {"--pgdata=" + folder + "/data", "--mode=immediate", "--wait", "stop"}, short_time),
                {0, 1, 4}};
    }

    void add_server() {
        const std::string data = facts_.folder + "/data";
        plan::Step& folder =
            facts_.user.empty()
                ? add("folder", "create " + facts_.folder, plan::MakeFolder{facts_.folder})
                : add("folder", "create " + facts_.folder + " for " + facts_.user, plan::Invoke{make_folder()});
        folder.undo.push_back({"stop the server of the drill", stop_server(facts_.folder)});
        folder.undo.push_back({"remove " + facts_.folder, plan::Clear{facts_.folder}});
        folder.always = true;
        add("init", "make a server",
            plan::Invoke{as_server(facts_.programs.initdb,
                                   {"--pgdata=" + data, "--username=" + std::string(superuser), "--encoding=UTF8",
                                    "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject", "--no-sync"},
                                   short_time)});
        // Thrown away, so never flushed; and nobody can reach it but through a socket in a folder that is its own.
        const std::string options = "-c listen_addresses='' -c unix_socket_directories=" + facts_.folder +
                                    " -c port=" + std::to_string(port) +
                                    " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
                                    " -c autovacuum=off -c max_wal_size=4GB -c shared_buffers=256MB"
                                    " -c maintenance_work_mem=256MB -c dynamic_shared_memory_type=mmap";
        host::Command start = as_server(
            facts_.programs.pg_ctl,
            {"--pgdata=" + data, "--log=" + facts_.folder + "/log", "--wait", "--options=" + options, "start"},
            short_time);
        // Stopped half-way, pg_ctl would leave a server behind that cannot be stopped yet: it has written no number
        // of its process. So whoever asks to stop waits for the start, which takes a second.
        start.args.insert(start.args.begin(), {"--block-signal=INT", "--block-signal=TERM", start.program});
        start.program = facts_.env;
        start.grace = short_time;
        add("start", "start it on a socket", plan::Invoke{std::move(start)});
        add_look("ready", "ask it", [stamps = stamps_, &probe = session_.probe] {
            stamps->ready = probe.now();
            return std::optional<plan::Cause>();
        });
    }

    /// A look at the server whose time, or whose judgement, is what matters.
    void add_look(const std::string& id, const std::string& what, std::function<std::optional<plan::Cause>()> judge) {
        plan::Survey survey = survey_nothing(server_);
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
            host::Command psql;
            psql.program = facts_.programs.psql.path;
            psql.args = {"--host=" + server_.host,
                         "--port=" + std::to_string(port),
                         "--username=" + server_.user,
                         "--dbname=" + server_.name,
                         "--no-psqlrc",
                         "--quiet",
                         "--output=/dev/null",
                         "--set=ON_ERROR_STOP=1",
                         "--no-password"};
            psql.timeout = facts_.backup.timeout;
            add("roles", "load the roles", restore(*facts_.globals, std::move(psql)));
        }
        add("create", "create a database", facts_.dialect->create(copy_, facts_.record));
        add("load", "load " + facts_.dump.file,
            restore(facts_.dump, *facts_.dialect->loader(copy_, {}, facts_.backup.timeout)));
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
        if (facts_.programs.pg_amcheck) add_amcheck();
        if (!facts_.checks.empty()) add_questions();
        add_look("checked", "look at the clock", [stamps = stamps_, &probe = session_.probe] {
            stamps->checked = probe.now();
            return std::optional<plan::Cause>();
        });
    }

    void add_amcheck() {
        host::Command command;
        command.program = facts_.programs.pg_amcheck->path;
        command.args = {"--host=" + copy_.host,     "--port=" + std::to_string(port),
                        "--username=" + copy_.user, "--no-password",
                        "--install-missing",        "--heapallindexed",
                        "--database=" + copy_.name};
        command.timeout = facts_.backup.timeout;
        plan::Transfer transfer;
        transfer.flow.stages = {command, host::Measure{"said"}};
        transfer.flow.timeout = facts_.backup.timeout;
        transfer.flow.idle = standing_still;
        transfer.failed = Kind::verification;
        transfer.judge = [](const host::FlowEnd&) { return std::optional<plan::Cause>(); };
        add("amcheck", "check every table and index with pg_amcheck", std::move(transfer));
    }

    void add_questions() {
        plan::Survey survey;
        survey.database = copy_;
        survey.first = "SELECT 1";
        survey.choose = [checks = facts_.checks](const host::Rows&) { return checks; };
        survey.judge = [checks = facts_.checks](std::span<const host::Rows> answers) {
            for (std::size_t i = 0; i < checks.size(); ++i) {
                const std::vector<std::vector<std::string>>& rows = answers[i].rows;
                if (rows.size() == 1 && rows[0].size() == 1 && rows[0][0] == "t") continue;
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
                {"amcheck", facts.programs.pg_amcheck.has_value()},
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
        if (!facts_.programs.pg_amcheck) warn("pg_amcheck", "is not there: indexes are not checked", "");
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
    host::Database server_;
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
