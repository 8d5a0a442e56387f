#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "unit/audit/scene.h"

namespace flowlet::audit {
namespace {

using test::append_to;
using test::deploy_plan;
using test::in_child;
using test::Json;
using test::report_of;
using test::says;

class AuditLog : public test::Scene {};

TEST_F(AuditLog, an_intent_stands_there_before_anything_is_done) {
    const auto log = make_log(options_);
    log->begin(deploy_plan(), Time{});
    expect_whole(1);
    const Json intent = record(0);
    EXPECT_EQ(intent["phase"], "intent");
    EXPECT_EQ(intent["act"], "deploy");
    EXPECT_EQ(intent["cat"], "update");
    EXPECT_EQ(intent["env"], "staging");
    EXPECT_EQ(intent["args"], (Json{"deploy", "--env", "staging"}));
    EXPECT_EQ(intent["out"], (Json{{"status", "started"}}));
    EXPECT_EQ(intent["log"], log_path());
    EXPECT_EQ(intent["v"], 1);
    EXPECT_EQ(intent["who"]["uid"], ::getuid());
    EXPECT_EQ(intent["from"]["pid"], ::getpid());
    EXPECT_EQ(intent["tgt"][0], (Json{{"cluster", "kind-a/uid"}, {"ns", "flowlet-core"}, {"release", "flowlet"}}));
    EXPECT_EQ(intent["facts"]["helm"], "4.0.0");
    EXPECT_EQ(intent["plan"]["steps"], 2);
    EXPECT_EQ(intent["plan"]["digest"], plan::digest(deploy_plan()));
    EXPECT_TRUE(parse_time(intent["ts"].get<std::string>()));
}

TEST_F(AuditLog, an_outcome_names_its_intent_and_its_steps) {
    EXPECT_EQ(run_once().kind, Kind::ok);
    expect_whole(2);
    const Json outcome = record(1);
    EXPECT_EQ(outcome["phase"], "outcome");
    EXPECT_EQ(outcome["of"], 0);
    EXPECT_EQ(outcome["id"], record(0)["id"]);
    EXPECT_EQ(outcome["out"], (Json{{"status", "success"}, {"code", 0}, {"dur_us", 1500000}, {"err", nullptr}}));
    EXPECT_EQ(outcome["steps"], Json::parse(R"([{"id":"apply","state":"done"},{"id":"wait","state":"done"}])"));
    EXPECT_EQ(evidence::verify(log_text()).open_intents, 0U);
}

TEST_F(AuditLog, a_failure_says_what_failed_and_what_was_taken_back) {
    const auto log = make_log(options_);
    log->begin(deploy_plan(), Time{});
    run::Report report = report_of(run::Outcome::rolled_back, Kind::failed);
    report.cause.emplace();
    report.cause->object = "Deployment/wallet in flowlet-core";
    report.cause->reason = "CrashLoopBackOff";
    report.cause->message = "wallet \x1b[31mends\xFF";
    report.undone.resize(1);
    report.undone[0].id = "apply";
    report.undone[0].state = run::State::undone;
    report.left = {"a volume"};
    log->end(report);
    EXPECT_EQ(report.kind, Kind::failed);
    const Json outcome = record(1);
    EXPECT_EQ(outcome["out"]["status"], "rolled_back");
    EXPECT_EQ(outcome["out"]["code"], 1);
    EXPECT_EQ(outcome["out"]["err"], "wallet \\x1b[31mends\xEF\xBF\xBD");
    EXPECT_EQ(outcome["out"]["cause"],
              (Json{{"object", "Deployment/wallet in flowlet-core"}, {"reason", "CrashLoopBackOff"}}));
    EXPECT_EQ(outcome["undone"][0]["state"], "undone");
    EXPECT_EQ(outcome["left"], (Json{"a volume"}));
}

TEST_F(AuditLog, every_outcome_has_its_own_status) {
    for (const auto& [outcome, status] :
         std::vector<std::pair<run::Outcome, std::string>>{{run::Outcome::succeeded, "success"},
                                                           {run::Outcome::failed, "failure"},
                                                           {run::Outcome::rolled_back, "rolled_back"},
                                                           {run::Outcome::rollback_failed, "rollback_failed"},
                                                           {run::Outcome::cancelled, "cancelled"}}) {
        run_once(outcome, Kind::failed);
        const auto found = evidence::verify(log_text());
        EXPECT_EQ((*found.records.back().json)["out"]["status"], status);
    }
    expect_whole(10);
}

TEST_F(AuditLog, a_record_is_at_most_60000_bytes_and_says_what_it_leaves_out) {
    options_.actor.args.assign(5000, std::string(100, 'x'));
    const auto log = make_log(options_);
    plan::Plan plan = deploy_plan();
    for (int i = 0; i < 100; ++i)
        plan.subject.facts.emplace_back("fact" + std::to_string(i), std::string(9000, 'y'));
    log->begin(plan, Time{});
    run::Report report = report_of(run::Outcome::failed, Kind::failed);
    report.steps.assign(5000, report.steps[0]);
    report.steps[7].state = run::State::failed;
    report.steps[7].id = "the one";
    log->end(report);
    const auto found = evidence::verify(log_text());
    EXPECT_TRUE(found.faults.empty());
    ASSERT_EQ(found.records.size(), 2U);
    for (const auto& each : found.records)
        EXPECT_LE(each.line.size(), 60000U);
    EXPECT_EQ(record(1)["steps"], Json::parse(R"([{"id":"the one","state":"failed"}])"));
    EXPECT_EQ(record(1)["steps_note"], "4999 steps that are done are not listed");
    EXPECT_TRUE(record(1).contains("args_cut"));
}

TEST_F(AuditLog, the_folder_is_made_0700_and_its_files_0600) {
    options_.folder = folder_ + "/deeper/still/";
    run_once();
    const auto mode = [](const std::string& path) {
        struct stat info {};
        EXPECT_EQ(::stat(path.c_str(), &info), 0) << path;
        return info.st_mode & 07777U;
    };
    EXPECT_EQ(mode(folder_), 0700U);
    EXPECT_EQ(mode(folder_ + "/deeper/still"), 0700U);
    EXPECT_EQ(mode(folder_ + "/deeper/still/log.jsonl"), 0600U);
    EXPECT_EQ(mode(folder_ + "/deeper/still/lock"), 0600U);
}

TEST_F(AuditLog, a_folder_that_is_a_file_a_symlink_or_open_to_others_is_refused) {
    append_to(folder_, "x");
    EXPECT_TRUE(says(refusal(), "cannot open the folder"));
    std::filesystem::remove(folder_);
    std::filesystem::create_directory(base_ + "/real");
    std::filesystem::create_directory_symlink(base_ + "/real", folder_);
    EXPECT_NE(refusal(), "");
    options_.folder = folder_ + "/";
    EXPECT_NE(refusal(), "");
    options_.folder = base_ + "/real";
    ::chmod(options_.folder.c_str(), 0770);
    EXPECT_TRUE(says(refusal(), "may be written by others"));
    options_.folder = base_ + "/missing/../" + std::string(300, 'n');
    EXPECT_TRUE(says(refusal(), "cannot make"));
    options_.folder = "";
    EXPECT_NE(refusal(), "");
}

TEST_F(AuditLog, a_log_that_is_a_symlink_a_hard_link_a_fifo_or_open_to_others_is_refused) {
    run_once();
    const std::string other = base_ + "/other";
    std::filesystem::rename(log_path(), other);
    std::filesystem::create_symlink(other, log_path());
    EXPECT_TRUE(says(refusal(), "is a symlink"));
    std::filesystem::remove(log_path());
    std::filesystem::create_hard_link(other, log_path());
    EXPECT_TRUE(says(refusal(), "hard link"));
    std::filesystem::remove(log_path());
    ASSERT_EQ(::mkfifo(log_path().c_str(), 0600), 0);
    EXPECT_TRUE(says(refusal(), "no regular file"));
    std::filesystem::remove(log_path());
    std::filesystem::copy(other, log_path());
    ::chmod(log_path().c_str(), 0620);
    EXPECT_TRUE(says(refusal(), "may be written by others"));
    ::chmod(log_path().c_str(), 0600);
    EXPECT_EQ(refusal(), "");
}

TEST_F(AuditLog, a_lock_that_is_a_symlink_is_refused) {
    run_once();
    std::filesystem::remove(folder_ + "/lock");
    std::filesystem::create_symlink(log_path(), folder_ + "/lock");
    EXPECT_TRUE(says(refusal(), "is a symlink"));
}

TEST_F(AuditLog, a_lock_held_too_long_keeps_a_run_from_beginning) {
    run_once();
    const int held = ::open((folder_ + "/lock").c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(held, LOCK_EX), 0);
    options_.lock_wait = Millis(20);
    EXPECT_TRUE(says(refusal(), "another process has held"));
    ::close(held);
    EXPECT_EQ(refusal(), "");
}

TEST_F(AuditLog, without_an_intent_there_is_no_outcome) {
    const auto log = make_log(options_);
    run::Report report = report_of(run::Outcome::succeeded, Kind::ok);
    log->end(report);
    EXPECT_EQ(report.kind, Kind::ok);
    EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(AuditLog, a_log_that_moved_keeps_its_name_in_the_records) {
    run_once();
    std::filesystem::rename(folder_, base_ + "/moved");
    options_.folder = base_ + "/moved";
    run_once();
    const auto found = evidence::verify(test::read_file(base_ + "/moved/log.jsonl"));
    EXPECT_TRUE(found.faults.empty());
    ASSERT_EQ(found.records.size(), 4U);
    EXPECT_EQ((*found.records[3].json)["log"], log_path());
}

}  // namespace
}  // namespace flowlet::audit
