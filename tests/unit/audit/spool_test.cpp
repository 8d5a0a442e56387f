#include <sys/stat.h>

#include "unit/audit/scene.h"

namespace flowlet::audit {
namespace {

using test::deploy_plan;
using test::Json;
using test::report_of;
using test::says;

class Unwritable : public test::Scene {
protected:
    /// A run whose log cannot be written any more when it ends.
    run::Report run_and_lose_the_log(run::Outcome outcome, Kind kind) {
        const auto log = make_log(options_);
        log->begin(deploy_plan(), Time{});
        std::filesystem::rename(log_path(), base_ + "/aside");
        run::Report report = report_of(outcome, kind);
        log->end(report);
        return report;
    }
    void put_back() { std::filesystem::rename(base_ + "/aside", log_path()); }
    [[nodiscard]] std::string spool() const { return folder_ + "/outcome.spool"; }
};

TEST_F(Unwritable, a_success_becomes_unaudited_and_its_record_is_kept) {
    const run::Report report = run_and_lose_the_log(run::Outcome::succeeded, Kind::ok);
    EXPECT_EQ(report.kind, Kind::unaudited);
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_TRUE(says(report.left[0], "removed or replaced"));
    EXPECT_TRUE(says(report.left[0], spool()));
    struct stat info {};
    ASSERT_EQ(::stat(spool().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST_F(Unwritable, a_failure_keeps_its_kind) {
    EXPECT_EQ(run_and_lose_the_log(run::Outcome::failed, Kind::timeout).kind, Kind::timeout);
}

TEST_F(Unwritable, the_next_run_takes_the_kept_outcome_into_the_log) {
    run_and_lose_the_log(run::Outcome::succeeded, Kind::ok);
    put_back();
    run_once();
    expect_whole(4);
    const Json outcome = record(1);
    EXPECT_EQ(outcome["phase"], "outcome");
    EXPECT_EQ(outcome["of"], 0);
    EXPECT_EQ(outcome["spooled"], true);
    EXPECT_EQ(outcome["out"]["status"], "success");
    EXPECT_EQ(outcome["out"]["code"], exit_code(Kind::unaudited));
    EXPECT_FALSE(std::filesystem::exists(spool()));
    EXPECT_EQ(evidence::verify(log_text()).open_intents, 0U);
}

TEST_F(Unwritable, what_answers_no_open_intent_is_kept_as_an_event) {
    run_and_lose_the_log(run::Outcome::succeeded, Kind::ok);
    test::append_to(spool(), "foreign \xFF text\n{\"of\":99,\"phase\":\"outcome\"}\n");
    run_once();  // into a new log: nothing there is answered
    expect_whole(5);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(record(i)["phase"], "event");
    EXPECT_EQ(record(1)["text"], "foreign \xEF\xBF\xBD text");
    EXPECT_FALSE(std::filesystem::exists(spool()));
}

TEST_F(Unwritable, a_replaced_log_is_not_written) {
    const auto log = make_log(options_);
    log->begin(deploy_plan(), Time{});
    std::filesystem::copy(log_path(), base_ + "/copy");
    std::filesystem::rename(base_ + "/copy", log_path());
    run::Report report = report_of(run::Outcome::succeeded, Kind::ok);
    log->end(report);
    EXPECT_EQ(report.kind, Kind::unaudited);
    expect_whole(1);
}

TEST_F(Unwritable, a_replaced_folder_is_noticed_and_the_record_is_said_where_it_cannot_be_kept) {
    const auto log = make_log(options_);
    log->begin(deploy_plan(), Time{});
    std::filesystem::rename(folder_, base_ + "/aside");
    test::append_to(folder_, "a file");
    run::Report report = report_of(run::Outcome::succeeded, Kind::ok);
    log->end(report);
    EXPECT_EQ(report.kind, Kind::unaudited);
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_TRUE(says(report.left[0], "keep this record: {\"act\":\"deploy\""));
}

}  // namespace
}  // namespace flowlet::audit
