#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "commands/backup/schedule/schedule.h"
#include "unit/commands/deploy_world.h"

namespace flowlet::commands::backup::schedule {
namespace {

std::string config_file(const std::string& schedule) {
    return "apiVersion: flowlet/v1\nproject: bank\nnamespace: bank\n"
           "environments:\n  test: {kube: {context: here}}\n"
           "databases:\n  primary: {type: postgres, host: db, user: keeper, name: bank}\n"
           "backup:\n  store: /store\n  schedule: {" +
           schedule + "}\n";
}

constexpr const char* nightly = "via: cron, at: \"15 2 * * *\"";
constexpr const char* mail_line = "MAILTO=ops@example.org\n";

/// A machine with cron, its programs and this crontab; what is written comes back on the next look.
struct Machine : deploy::Desk {
    explicit Machine(const std::string& schedule = nightly, std::optional<std::string> text = std::nullopt)
        : Desk(config_file(schedule)), crontab(std::move(text)) {
        for (const char* const name :
             {"flowletctl", "pg_dump", "pg_dumpall", "pg_restore", "age", "age-keygen", "sendmail"})
            world.program(name, host::Exit{});
        world.files["/proc/self/cmdline"] = {std::string("flowletctl\0backup\0schedule\0", 27), 0444};
        world.files["/run/crond.pid"] = {"7\n", 0644};
        world.program("crontab", [this](const host::Command& command) {
            host::Exit exit;
            if (command.args.front() == "-l") {
                exit.code = crontab ? 0 : 1;
                exit.err = crontab ? "" : "no crontab for ana\n";
                exit.out = crontab.value_or("");
            } else if (command.args.front() == "-r") {
                crontab.reset();
            } else {
                crontab = command.input;
            }
            return exit;
        });
    }

    plan::Plan ask(Goal goal = Goal::install) { return answer(session, goal); }
    void perform(const plan::Action& action) { world.run(std::get<plan::Invoke>(action).command); }
    plan::Plan install(Goal goal = Goal::install) {
        plan::Plan plan = ask(goal);
        plan::check(plan);
        for (const plan::Step& step : plan.steps)
            perform(step.action);
        return plan;
    }

    std::optional<std::string> crontab;
};

TEST(BackupScheduleCron, our_line_stands_between_two_marks_and_a_second_time_there_is_nothing_to_do) {
    Machine machine;
    EXPECT_EQ(machine.install().steps.size(), 1U);
    EXPECT_EQ(machine.crontab,
              "# flowletctl: begin backups of bank (test)\n"
              "15 2 * * * nice -n 10 env PATH=/usr/bin:/usr/local/bin:/bin FLOWLET_AUDIT__DIR=/audit "
              "/usr/bin/flowletctl backup --env test --root /p\n"
              "# flowletctl: end backups of bank (test)\n");
    const plan::Plan again = machine.ask();
    EXPECT_TRUE(again.steps.empty());
    EXPECT_EQ(again.unchanged, 1U);
    machine.install(Goal::remove);
    EXPECT_EQ(machine.crontab, std::nullopt);
    EXPECT_TRUE(machine.ask(Goal::remove).steps.empty());
}

TEST(BackupScheduleCron, another_time_takes_the_place_of_the_old_one) {
    Machine machine(nightly, mail_line);
    machine.install();
    const std::string before = *machine.crontab;
    Machine other("via: cron, at: \"30 3 * * 1\"", before + "# mine\n");
    const plan::Plan plan = other.install();
    ASSERT_EQ(plan.changes.size(), 1U);
    EXPECT_EQ(plan.changes[0].op, plan::Op::update);
    std::string wanted = before + "# mine\n";
    wanted.replace(wanted.find("15 2 * * *"), 10, "30 3 * * 1");
    EXPECT_EQ(other.crontab, wanted);
    other.perform(plan.steps.at(0).undo.at(0).action);
    EXPECT_EQ(other.crontab, before + "# mine\n");
}

TEST(BackupScheduleCron, who_had_no_crontab_gets_none_back) {
    Machine machine;
    const plan::Plan plan = machine.install();
    machine.perform(plan.steps.at(0).undo.at(0).action);
    EXPECT_EQ(machine.crontab, std::nullopt);
}

TEST(BackupScheduleCron, no_byte_of_another_line_changes) {
    std::mt19937 random(42);
    const auto any = [&random](std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random);
    };
    const std::vector<std::string> parts = {"\n",
                                            "# flowletctl: begin backups of bank (prod)\n",
                                            "* * * * * x %\n",
                                            "# flowletctl: begin backups of bank (test) \n",
                                            "\xff\r\n",
                                            " # flowletctl: end backups of bank (test)\n",
                                            mail_line,
                                            "a"};
    for (int i = 0; i < 500; ++i) {
        std::string text;
        for (std::size_t count = any(6); count > 0; --count)
            text += parts[any(parts.size())];
        if (!text.empty() && !text.ends_with('\n')) text += '\n';
        Machine machine(nightly, text);
        machine.install();
        ASSERT_NE(machine.crontab, text);
        machine.crontab = *machine.crontab + "# later\n";
        machine.install(Goal::remove);
        ASSERT_EQ(machine.crontab, text + "# later\n");
    }
}

TEST(BackupScheduleCron, half_of_our_marks_is_an_error_that_names_the_line) {
    const std::string begin = "# flowletctl: begin backups of bank (test)\n";
    const std::string end = "# flowletctl: end backups of bank (test)\n";
    struct Row {
        std::string text;
        const char* words;
    };
    for (const Row& row : std::vector<Row>{{mail_line + begin + "x\n", "line 2 of the crontab"},
                                           {begin + begin + end, "line 1 of the crontab"},
                                           {mail_line + end, "has no beginning"},
                                           {begin + end + begin + end, "line 3 of the crontab"},
                                           {begin + end + end, "line 3 of the crontab"}}) {
        Machine machine(nightly, row.text);
        for (const Goal goal : {Goal::install, Goal::remove}) {
            try {
                machine.ask(goal);
                ADD_FAILURE() << row.text;
            } catch (const Error& error) {
                EXPECT_EQ(error.kind(), Kind::precondition);
                EXPECT_NE(std::string(error.what()).find(row.words), std::string::npos) << error.what();
            }
        }
    }
}

TEST(BackupScheduleCron, words_are_quoted_for_the_shell_and_for_cron) {
    EXPECT_EQ(quote_for_cron("/usr/bin/x"), "/usr/bin/x");
    EXPECT_EQ(quote_for_cron(""), "''");
    EXPECT_EQ(quote_for_cron("a b"), "'a b'");
    EXPECT_EQ(quote_for_cron("it's 5%"), R"('it'\''s 5\%')");
    EXPECT_EQ(quote_for_cron("$(x);`y`"), "'$(x);`y`'");
}

TEST(BackupScheduleCron, what_would_be_lost_or_missing_is_told) {
    Machine machine("via: cron, at: \"@daily\", log: /var/log/backup.log");
    EXPECT_TRUE(machine.ask().findings.empty());
    EXPECT_NE(machine.ask().changes.at(0).fields.at(0).after.find(">>/var/log/backup.log 2>&1"), std::string::npos);
    machine.world.files.erase("/run/crond.pid");
    const std::vector<plan::Finding> findings = machine.ask().findings;
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_NE(findings[0].message.find("does not seem to run"), std::string::npos);
}

TEST(BackupScheduleCron, the_tables_of_people_that_cannot_be_read_are_no_empty_ones) {
    Machine machine;
    host::Exit denied;
    denied.code = 1;
    denied.err = "You (ana) are not allowed to use this program (crontab)\n";
    machine.world.program("crontab", denied);
    EXPECT_THROW(machine.ask(), Error);
}

TEST(BackupSchedule, a_wrong_time_is_told_with_its_place) {
    struct Row {
        const char* schedule;
        const char* words;
    };
    for (const Row& row : std::to_array<Row>({
             {"via: cron, at: \"61 2 * * *\"", "flowlet.yaml:10:29: backup.schedule.at: \"61 2 * * *\": minute: 61"},
             {"via: cron, at: \"0 0 30 2 *\"", "never comes"},
             {"via: crond, at: \"@daily\"", "backup.schedule.via: \"crond\" starts no backups"},
             {"via: cron, at: \"@daily\", nice: 20", "backup.schedule.nice: 20 is not from 0 to 19"},
         })) {
        Machine machine(row.schedule);
        try {
            machine.ask();
            ADD_FAILURE() << row.schedule;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), Kind::config);
            EXPECT_NE(std::string(error.what()).find(row.words), std::string::npos) << error.what();
        }
    }
}

// ---- systemd ---------------------------------------------------------------------------------------------------

SystemdFacts systemd() {
    SystemdFacts facts;
    facts.wanted.via = Via::systemd;
    facts.wanted.project = "bank";
    facts.wanted.environment = "test";
    facts.wanted.at = parse_calendar("15 2 * * *");
    facts.wanted.nice = 10;
    facts.wanted.call = {"/usr/bin/flowletctl", "test", "/srv/bank 100%", "/usr/bin", "/audit"};
    facts.options.writable = {"/store", "/audit"};
    facts.options.needed = {"/srv/bank 100%"};
    facts.options.spread = Millis{60000};
    facts.folder = "/etc/systemd/system";
    facts.folder_there = true;
    facts.systemctl = "/usr/bin/systemctl";
    return facts;
}

std::vector<std::string> ids(const plan::Plan& plan) {
    return deploy::ids(plan.steps);
}

SystemdFacts installed() {
    SystemdFacts facts = systemd();
    facts.service = render_service(facts.wanted, facts.options);
    facts.timer = render_timer(facts.wanted, facts.options);
    facts.enabled = facts.active = true;
    return facts;
}

TEST(BackupScheduleSystemd, both_units_are_written_before_the_timer_is_enabled) {
    const plan::Plan plan = plan_systemd(systemd(), Goal::install);
    plan::check(plan);
    EXPECT_EQ(ids(plan), (std::vector<std::string>{"write/flowletctl-backup-bank-test.service",
                                                   "write/flowletctl-backup-bank-test.timer", "reload", "enable"}));
    EXPECT_EQ(plan::render(plan.steps.at(0).undo.back().action), "systemctl daemon-reload");
    EXPECT_TRUE(plan_systemd(installed(), Goal::install).steps.empty());
}

TEST(BackupScheduleSystemd, another_time_replaces_the_timer_only_and_the_old_one_can_come_back) {
    SystemdFacts facts = installed();
    const std::string old = *facts.timer;
    facts.wanted.at = parse_calendar("30 3 * * *");
    const plan::Plan plan = plan_systemd(facts, Goal::install);
    EXPECT_EQ(ids(plan),
              (std::vector<std::string>{"erase/flowletctl-backup-bank-test.timer",
                                        "write/flowletctl-backup-bank-test.timer", "reload", "enable", "restart"}));
    EXPECT_EQ(std::get<plan::Write>(plan.steps[0].undo.at(0).action).content, old);
    EXPECT_EQ(plan::render(plan.steps[0].undo.back().action), "systemctl restart flowletctl-backup-bank-test.timer");
    EXPECT_EQ(plan.unchanged, 1U);
}

TEST(BackupScheduleSystemd, one_that_was_switched_off_is_switched_on_again) {
    SystemdFacts facts = installed();
    facts.enabled = facts.active = false;
    EXPECT_EQ(ids(plan_systemd(facts, Goal::install)), (std::vector<std::string>{"reload", "enable"}));
}

TEST(BackupScheduleSystemd, it_is_stopped_before_its_files_go_and_their_absence_is_told) {
    const plan::Plan plan = plan_systemd(installed(), Goal::remove);
    EXPECT_EQ(ids(plan), (std::vector<std::string>{"disable", "erase/flowletctl-backup-bank-test.timer",
                                                   "erase/flowletctl-backup-bank-test.service", "reload"}));
    EXPECT_TRUE(plan_systemd(systemd(), Goal::remove).steps.empty());
}

TEST(BackupScheduleSystemd, what_lies_in_tmp_is_not_hidden) {
    SystemdFacts facts = systemd();
    EXPECT_NE(render_service(facts.wanted, facts.options).find("PrivateTmp=true"), std::string::npos);
    for (const char* const path : {"/tmp", "/tmp/socket", "/var/tmp/x"}) {
        facts.options.needed = {path};
        EXPECT_EQ(render_service(facts.wanted, facts.options).find("PrivateTmp"), std::string::npos) << path;
    }
    facts.options.needed = {"/tmpfiles"};
    EXPECT_NE(render_service(facts.wanted, facts.options).find("PrivateTmp=true"), std::string::npos);
}

TEST(BackupScheduleSystemd, words_are_quoted_for_a_unit) {
    EXPECT_EQ(quote_for_unit("/srv/bank 100%"), "\"/srv/bank 100%%\"");
    EXPECT_EQ(quote_for_unit("a\"b\\c$d"), R"("a\"b\\c$$d")");
    EXPECT_NE(render_service(systemd().wanted, {}).find("--root \"/srv/bank 100%%\"\n"), std::string::npos);
}

// ---- Kubernetes ------------------------------------------------------------------------------------------------

nlohmann::json cronjob() {
    return render_cronjob(systemd().wanted, {"bank", "registry/flowletctl:1", "backups", "flowlet", "backup-keys",
                                             "/backups", Millis{3600000}});
}

TEST(BackupScheduleKubernetes, the_pod_may_do_nothing_but_back_up) {
    const nlohmann::json job = cronjob();
    const nlohmann::json& spec = job.at("spec");
    EXPECT_EQ(spec.at("schedule"), "15 2 * * *");
    EXPECT_EQ(spec.at("timeZone"), "Etc/UTC");
    EXPECT_EQ(spec.at("concurrencyPolicy"), "Forbid");
    EXPECT_EQ(spec.at("jobTemplate").at("spec").at("backoffLimit"), 0);
    EXPECT_EQ(spec.at("jobTemplate").at("spec").at("activeDeadlineSeconds"), 3600);
    const nlohmann::json& pod = spec.at("jobTemplate").at("spec").at("template").at("spec");
    EXPECT_EQ(pod.at("automountServiceAccountToken"), false);
    EXPECT_EQ(pod.at("securityContext").at("runAsNonRoot"), true);
    EXPECT_EQ(pod.at("securityContext").at("seccompProfile").at("type"), "RuntimeDefault");
    const nlohmann::json& container = pod.at("containers").at(0);
    EXPECT_EQ(container.at("args"), nlohmann::json::parse(R"(["backup", "--env", "test", "--root", "/project"])"));
    EXPECT_EQ(container.at("securityContext"),
              nlohmann::json::parse(R"({"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                                        "capabilities": {"drop": ["ALL"]}})"));
    EXPECT_TRUE(container.at("resources").contains("limits"));
    EXPECT_EQ(job.dump().find("secretKeyRef"), std::string::npos);
}

TEST(BackupScheduleKubernetes, only_one_with_our_labels_is_ours) {
    nlohmann::json live = cronjob();
    EXPECT_TRUE(is_ours(live, systemd().wanted));
    live["metadata"]["labels"]["flowletctl.io/environment"] = "other";
    EXPECT_FALSE(is_ours(live, systemd().wanted));
    live["metadata"].erase("labels");
    EXPECT_FALSE(is_ours(live, systemd().wanted));
}

// ---- status ----------------------------------------------------------------------------------------------------

TEST(BackupScheduleState, it_tells_the_next_run_or_why_there_is_none) {
    Machine machine;
    EXPECT_NE(observe_state(machine.session)->text.find("none: it is not in your crontab"), std::string::npos);
    machine.install();
    EXPECT_EQ(observe_state(machine.session)->text, "2026-08-23T02:15:00Z, by cron");
    machine.crontab->replace(machine.crontab->find("15 2"), 4, "16 2");
    EXPECT_NE(observe_state(machine.session)->text.find("unknown: what cron has is not"), std::string::npos);
    machine.crontab = "# flowletctl: begin backups of bank (test)\n";
    EXPECT_NE(observe_state(machine.session)->text.find("unknown: line 1"), std::string::npos);
    EXPECT_FALSE(observe_state(Machine("").session));
}

TEST(BackupScheduleState, the_time_zone_of_the_machine_counts_for_cron) {
    Machine machine;
    machine.install();
    machine.world.files["/etc/localtime"] = {"", 0644};
    host::Exit date;
    date.out = "+0130\n";
    machine.world.program("date", date);
    EXPECT_EQ(observe_state(machine.session)->text, "2026-08-23T00:45:00Z, by cron");
    date.out = "nonsense\n";
    machine.world.program("date", date);
    EXPECT_EQ(observe_state(machine.session)->text, "at 15 2 * * * in the time of this machine, by cron");
}

}  // namespace
}  // namespace flowlet::commands::backup::schedule
