#include "samples.h"

namespace flowlet::console {
namespace {

using run::Outcome;
using run::State;

TEST(ReportText, a_success_is_one_line) {
    run::Report good = report(Outcome::succeeded, Kind::ok);
    good.workloads = {{"Deployment/a in b", true, "1 of 1 ready"}, {"Deployment/c in b", true, "1 of 1 ready"}};
    good.undone = {step("lock", State::undone)};
    good.subject.facts.emplace_back("audit record", "17");
    EXPECT_EQ(render(good, unicode()),
              "✔ deployed flowlet to staging in 12.3s: 2 workloads ready, 4 changes, audit record 17\n");
    good.changes = 0;
    good.workloads.clear();
    good.title = "cleanup of staging";
    EXPECT_EQ(render(good, plain()), "ok cleanup of staging: done in 12.3s: nothing changed, audit record 17\n");
}

TEST(ReportText, a_workload_that_is_not_ready_is_shown) {
    run::Report good = report(Outcome::succeeded, Kind::ok);
    good.workloads = {{"Deployment/a in b", true, "1 of 1 ready"}, {"Deployment/c in b", false, "0 of 1 ready"}};
    EXPECT_EQ(render(good, plain()),
              "  ! Deployment/c in b: 0 of 1 ready\n"
              "\n"
              "ok deployed flowlet to staging in 12.3s: 1 workload ready, 4 changes\n");
}

TEST(ReportText, what_was_not_recorded_is_no_plain_success) {
    run::Report done = report(Outcome::succeeded, Kind::unaudited);
    done.left = {"append this to the log: {}"};
    EXPECT_EQ(render(done, plain()),
              "Left to do\n"
              "  FAIL append this to the log: {}\n"
              "\n"
              "ok deployed flowlet to staging in 12.3s: 4 changes\n"
              "FAIL it was done, but its outcome is NOT in the audit log\n");
}

TEST(ReportText, a_failure_shows_its_cause_and_what_was_taken_back) {
    run::Report bad = report(Outcome::rolled_back, Kind::failed);
    bad.cause = crash();
    bad.steps = {step("Deployment/wallet", State::failed)};
    bad.undone = {step("Deployment/wallet", State::undone), step("proof", State::done)};
    const std::string text = render(bad, unicode());
    EXPECT_TRUE(text.starts_with(render(crash(), unicode()) + "\nTaken back\n")) << text;
    EXPECT_TRUE(
        text.ends_with("Taken back\n"
                       "  ✔ apply Deployment/wallet in flowlet-core\n"
                       "  ✔ apply proof in flowlet-core\n"
                       "\n"
                       "✖ deploy flowlet to staging: FAILED after 12.3s; what it had done was taken back\n"))
        << text;
}

TEST(ReportText, what_could_not_be_taken_back_stands_out) {
    run::Report bad = report(Outcome::rollback_failed, Kind::failed);
    run::StepReport stuck = step("Service/x", State::undo_failed);
    stuck.error = "409 conflict";
    bad.undone = {stuck, step("Service/y", State::undone)};
    bad.left = {"apply Service/z in flowlet-core: gone (kubectl get svc z)"};
    const std::string text = render(bad, plain());
    EXPECT_NE(
        text.find("NOT taken back\n"
                  "  FAIL apply Service/z in flowlet-core: gone (kubectl get svc z)\n"
                  "  FAIL apply Service/x in flowlet-core: 409 conflict\n"
                  "\n"
                  "FAIL deploy flowlet to staging: FAILED after 12.3s; NOT all of what it had done could be taken "
                  "back, see above\n"),
        std::string::npos)
        << text;
    EXPECT_EQ(text.find("ok apply Service/x"), std::string::npos);
}

TEST(ReportText, what_is_left_is_said_once) {
    run::Report bad = report(Outcome::rollback_failed, Kind::failed);
    run::StepReport stuck = step("Service/x", State::undo_failed);
    stuck.error = "409";
    bad.undone = {stuck};
    bad.left = {stuck.what + ": 409 (delete it)"};
    const std::string text = render(bad, plain());
    EXPECT_EQ(text.find("409"), text.rfind("409"));
}

TEST(ReportText, a_long_way_back_is_counted) {
    run::Report bad = report(Outcome::rolled_back, Kind::failed);
    for (int i = 0; i < 40; ++i)
        bad.undone.push_back(step("s" + std::to_string(i), State::undone));
    EXPECT_NE(render(bad, unicode()).find("  … and 28 steps more\n"), std::string::npos);
}

TEST(ReportText, a_failure_without_rollback_says_how_far_it_came) {
    run::Report bad = report(Outcome::failed, Kind::timeout);
    bad.steps = {step("a", State::done), step("b", State::failed), step("c", State::pending)};
    EXPECT_EQ(
        render(bad, plain()),
        "FAIL deploy flowlet to staging: FAILED after 12.3s; 1 of 3 steps had been done, nothing was taken back\n");
    bad.outcome = Outcome::cancelled;
    EXPECT_EQ(render(bad, plain()),
              "FAIL deploy flowlet to staging: STOPPED after 12.3s; 1 of 3 steps had been done\n");
}

TEST(ReportText, nothing_foreign_steers_the_terminal) {
    run::Report bad = report(Outcome::rollback_failed, Kind::failed);
    bad.title = hostile;
    bad.cause = plan::Cause{hostile, hostile, hostile, hostile, {hostile}, {hostile}, {hostile}, hostile};
    bad.undone = {step(hostile, State::undone), step(hostile, State::undo_failed)};
    bad.left = {hostile};
    EXPECT_TRUE(is_tame(render(bad, plain())));
    run::Report good = report(Outcome::succeeded, Kind::ok);
    good.workloads = {{hostile, false, hostile}};
    good.subject.facts = {{"audit record", hostile}};
    EXPECT_TRUE(is_tame(render(good, plain())));
}

}  // namespace
}  // namespace flowlet::console
