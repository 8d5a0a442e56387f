#include "console/progress.h"

#include <algorithm>

#include "samples.h"

namespace flowlet::console {
namespace {

struct Fixture {
    explicit Fixture(const Look& look) : progress(out, look, [this] { return now; }) {
        plan::Plan plan;
        plan.steps.resize(21);
        plan.steps[0].id = "wait";
        plan.steps[0].action = plan::Await{{}, std::vector<std::string>(13, "x"), Millis(0), nullptr};
        progress.begin(plan, Time{});
    }
    std::string said() {
        std::string text = out.str();
        out.str("");
        return text;
    }
    std::ostringstream out;
    Instant now{};
    LineProgress progress;
};

run::StepReport waiting() {
    return step("wait", run::State::running);
}

TEST(LineProgress, a_step_is_a_line_when_it_ends) {
    Fixture fixture(unicode());
    fixture.progress.step_started(step("StatefulSet/a", run::State::running), false);
    EXPECT_EQ(fixture.said(), "");
    fixture.progress.step_ended(step("StatefulSet/a", run::State::done), false);
    EXPECT_EQ(fixture.said(), "[ 1/21] apply StatefulSet/a in flowlet-core … done in 0.1s\n");
}

TEST(LineProgress, each_end_has_its_word) {
    Fixture fixture(plain());
    run::StepReport failed = step("a", run::State::failed);
    failed.error = "exit status 1\nmore";
    fixture.progress.step_ended(failed, false);
    EXPECT_EQ(fixture.said(), "[ 1/21] apply a in flowlet-core ... FAILED after 0.1s: exit status 1 more\n");
    run::StepReport skipped = step("b", run::State::skipped);
    skipped.note = "there already";
    fixture.progress.step_ended(skipped, false);
    EXPECT_EQ(fixture.said(), "[ 2/21] apply b in flowlet-core ... skipped: there already\n");
    fixture.progress.step_ended(step("undo/a", run::State::undone), true);
    EXPECT_EQ(fixture.said(), "[undo] apply undo/a in flowlet-core ... done in 0.1s\n");
}

TEST(LineProgress, a_wait_says_what_for_but_not_too_often) {
    Fixture fixture(unicode());
    fixture.progress.step_waiting(waiting(), {"a (0 of 1 ready)", "b", "c", "d"});
    EXPECT_EQ(fixture.said(), "waiting for 4 of 13: a (0 of 1 ready), b, c, …\n");
    fixture.now += std::chrono::milliseconds(4999);
    fixture.progress.step_waiting(waiting(), {"a", "b", "c"});
    EXPECT_EQ(fixture.said(), "");
    fixture.now += std::chrono::milliseconds(1);
    fixture.progress.step_waiting(waiting(), {"a", "b", "c"});
    EXPECT_EQ(fixture.said(), "waiting for 3 of 13: a, b, c\n");
    fixture.now += std::chrono::seconds(60);
    fixture.progress.step_waiting(waiting(), {"a", "b", "c"});
    EXPECT_EQ(fixture.said(), "");
    fixture.progress.step_waiting(waiting(), {});
    EXPECT_EQ(fixture.said(), "");
}

TEST(LineProgress, the_way_back_is_announced) {
    Fixture fixture(plain());
    fixture.progress.rollback_started(crash());
    EXPECT_EQ(fixture.said(), "FAIL Deployment/wallet in flowlet-core: CrashLoopBackOff; taking back what was done\n");
}

TEST(LineProgress, nothing_foreign_steers_the_terminal) {
    Fixture fixture(plain());
    run::StepReport bad = step(hostile, run::State::failed);
    bad.error = hostile;
    fixture.progress.step_ended(bad, false);
    fixture.progress.step_waiting(waiting(), {hostile});
    plan::Cause cause;
    cause.object = hostile;
    fixture.progress.rollback_started(cause);
    const std::string text = fixture.said();
    EXPECT_TRUE(is_tame(text)) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

TEST(LineProgress, it_is_what_a_pipe_gets) {
    std::ostringstream out;
    const auto progress = make_progress(out, plain());
    progress->begin({}, Time{});
    progress->step_ended(step("a", run::State::done), false);
    EXPECT_EQ(out.str(), "[1/0] apply a in flowlet-core ... done in 0.1s\n");
}

}  // namespace
}  // namespace flowlet::console
