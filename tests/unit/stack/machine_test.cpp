#include "stack/machine.h"

#include <gtest/gtest.h>

#include <csignal>

#include "stage.h"

namespace flowlet::stack {
namespace {

using plan::Restart;
using services::State;
using services::Verb;
using test::restarted;
using test::service;
using test::Stage;
using test::with_line;
using test::with_look;

// ---- the way up ----------------------------------------------------------------------------------------------------

TEST(Machine, a_service_without_a_look_is_ready_as_soon_as_it_runs) {
    Stage stage({service("db")});
    EXPECT_EQ(stage.act(), "start db");
    EXPECT_EQ(stage.state("db"), State::ready);
    EXPECT_EQ(stage.status("db").pid, 1001);
    EXPECT_EQ(stage.machine.next(), Time::max());
}

TEST(Machine, a_service_is_started_once_all_it_is_after_are_ready) {
    Stage stage({service("app", {"db", "cache"}), with_look(service("db")), with_look(service("cache"))});
    EXPECT_EQ(stage.act(), "start db, start cache, look db, look cache");
    EXPECT_EQ(stage.state("app"), State::waiting);
    EXPECT_EQ(stage.status("app").waits_for, (std::vector<std::string>{"db", "cache"}));
    EXPECT_EQ(stage.look("db", ""), "");
    EXPECT_EQ(stage.status("app").waits_for, (std::vector<std::string>{"cache"}));
    EXPECT_EQ(stage.look("cache", ""), "start app");
    EXPECT_EQ(stage.state("app"), State::ready);
}

TEST(Machine, ready_needs_the_look_and_the_line) {
    Stage line_first({with_line(with_look(service("db")))});
    line_first.act();
    line_first.machine.heard(1, line_first.now);
    EXPECT_EQ(line_first.state("db"), State::starting);
    line_first.look("db", "");
    EXPECT_EQ(line_first.state("db"), State::ready);

    Stage look_first({with_line(with_look(service("db")))});
    look_first.act();
    look_first.look("db", "");
    EXPECT_EQ(look_first.state("db"), State::starting);
    look_first.now += Millis{70};
    look_first.machine.heard(1, look_first.now);
    EXPECT_EQ(look_first.state("db"), State::ready);
    EXPECT_EQ(look_first.status("db").took, Millis{70});
}

TEST(Machine, nothing_is_looked_at_again_once_it_was_seen) {
    Stage stage({with_line(with_look(service("db")))});
    stage.act();
    stage.look("db", "");
    EXPECT_EQ(stage.after(Millis{30000}), "");
    EXPECT_EQ(stage.until_next(), Millis{30000});  // the time by which the line has to have come
}

TEST(Machine, a_refused_look_is_tried_again_every_20_ms) {
    Stage stage({with_look(service("db"))});
    EXPECT_EQ(stage.act(), "start db, look db");
    for (int round = 0; round < 10; ++round) {
        EXPECT_EQ(stage.look("db", "port 5432: Connection refused"), "");
        EXPECT_EQ(stage.until_next(), Millis{20});
        EXPECT_EQ(stage.after(Millis{19}), "");
        EXPECT_EQ(stage.after(Millis{1}), "look db");
    }
    EXPECT_EQ(stage.status("db").why, "port 5432: Connection refused");
}

TEST(Machine, any_other_answer_is_asked_for_more_and_more_rarely_but_each_second) {
    Stage stage({with_look(service("db"))});
    stage.act();
    for (const int pause : {20, 40, 80, 160, 320, 640, 1000, 1000, 1000}) {
        EXPECT_EQ(stage.look("db", "answers with status 503"), "");
        EXPECT_EQ(stage.until_next(), Millis{pause});
        EXPECT_EQ(stage.after(Millis{pause}), "look db");
    }
}

TEST(Machine, who_asks_for_a_restart_does_not_wait_for_the_pause) {
    Stage stage({restarted(service("db"), plan::Restart::Policy::always)});
    stage.act();
    for (int i = 0; i < 3; ++i) {
        stage.end("db");
        stage.after(Millis{10000});
    }
    stage.end("db");
    EXPECT_EQ(stage.act(), "");
    EXPECT_EQ(stage.ask(services::Verb::restart, {"db"}), "start db");
}

TEST(Machine, one_look_at_a_time_is_under_way) {
    Stage stage({with_look(service("db"))});
    stage.act();
    EXPECT_EQ(stage.after(Millis{5000}), "");
    EXPECT_EQ(stage.until_next(), Millis{55000});
}

TEST(Machine, what_never_gets_ready_fails_at_its_time_and_ends_all) {
    Stage stage({service("cache"), with_look(service("db")), service("app", {"db"})});
    stage.act();
    stage.look("db", "port 5432: Connection refused");
    EXPECT_EQ(stage.after(Millis{59999}), "look db");
    EXPECT_FALSE(stage.machine.failure());
    EXPECT_EQ(stage.after(Millis{1}), "signal 15 db, signal 15 cache");
    ASSERT_TRUE(stage.machine.failure());
    EXPECT_EQ(stage.machine.failure()->service, 1U);
    EXPECT_TRUE(stage.machine.failure()->timed_out);
    EXPECT_EQ(stage.machine.failure()->why, "not ready within 1m: port 5432: Connection refused");
    EXPECT_EQ(*stage.machine.ending(), "db: not ready within 1m: port 5432: Connection refused");
    stage.end("cache");
    stage.end("db");
    EXPECT_TRUE(stage.machine.over());
    EXPECT_EQ(stage.state("db"), State::failed);
    EXPECT_EQ(stage.state("cache"), State::stopped);
    EXPECT_EQ(stage.state("app"), State::stopped);
}

TEST(Machine, an_end_before_ready_fails_and_ends_all) {
    Stage stage({service("cache"), with_look(service("db")), service("app", {"db"})});
    stage.act();
    EXPECT_EQ(stage.end("db", 3), "signal 15 cache");
    EXPECT_EQ(stage.state("db"), State::failed);
    EXPECT_EQ(stage.status("db").why, "ended with status 3 before it was ready");
    EXPECT_FALSE(stage.machine.failure()->timed_out);
    EXPECT_EQ(stage.state("app"), State::stopped);
}

TEST(Machine, what_cannot_be_started_fails_and_ends_all) {
    Stage stage({service("cache"), service("db")});
    stage.cannot_start["db"] = "cannot start /x: No such file or directory";
    EXPECT_EQ(stage.act(), "start cache, start db, signal 15 cache");
    EXPECT_EQ(stage.state("db"), State::failed);
    EXPECT_EQ(stage.machine.failure()->why, "cannot start /x: No such file or directory");
    stage.end("cache");
    EXPECT_TRUE(stage.machine.over());
}

TEST(Machine, a_stranger_who_answers_is_not_waited_for) {
    Stage stage({with_look(service("db"))});
    stage.act();
    stage.machine.refused(1, "port 5432 is answered by 9 (postgres), not by db", stage.now);
    EXPECT_EQ(stage.act(), "signal 15 db");
    EXPECT_EQ(stage.machine.failure()->why, "port 5432 is answered by 9 (postgres), not by db");
    EXPECT_FALSE(stage.machine.failure()->timed_out);
}

TEST(Machine, a_stranger_found_after_it_was_asked_to_stop_harms_nobody) {
    Stage stage({with_look(service("db")), service("app")});
    stage.act();
    EXPECT_EQ(stage.ask(Verb::stop, {"db"}), "signal 15 db");
    stage.machine.refused(1, "port 5432 is answered by 9 (postgres), not by db", stage.now);
    EXPECT_EQ(stage.act(), "");
    EXPECT_FALSE(stage.machine.ending());
}

TEST(Machine, what_is_not_wanted_is_idle_until_it_is_asked_for_with_all_it_is_after) {
    Spec db = service("db");
    Spec app = service("app", {"db"});
    db.wanted = app.wanted = false;
    Stage stage({db, app, service("other")});
    EXPECT_EQ(stage.act(), "start other");
    EXPECT_EQ(stage.state("app"), State::idle);
    EXPECT_EQ(stage.ask(Verb::start, {"app"}), "start db, start app");
}

TEST(Machine, what_a_wanted_one_is_after_is_wanted_too) {
    Spec db = service("db");
    db.wanted = false;
    Stage stage({db, service("app", {"db"})});
    EXPECT_EQ(stage.act(), "start db, start app");
}

TEST(Machine, a_start_takes_up_what_was_stopped_below_a_service_that_waits_for_it) {
    Stage stage({service("db"), restarted(service("app", {"db"}), Restart::Policy::always)});
    stage.act();
    stage.ask(Verb::stop, {"db"});
    stage.end("db");
    stage.end("app", 1);
    EXPECT_EQ(stage.after(Millis{100}), "");
    EXPECT_EQ(stage.status("app").waits_for, (std::vector<std::string>{"db"}));
    EXPECT_EQ(stage.ask(Verb::start, {"app"}), "start db, start app");
}

// ---- starting again ------------------------------------------------------------------------------------------------

TEST(Machine, policy_never_ends_all_whatever_the_status) {
    for (const int code : {0, 1}) {
        Stage stage({restarted(service("db"), Restart::Policy::never)});
        stage.act();
        EXPECT_EQ(stage.end("db", code), "");
        EXPECT_EQ(stage.state("db"), State::failed);
        EXPECT_TRUE(stage.machine.over());
    }
}

TEST(Machine, policy_on_failure_starts_again_what_failed_only) {
    Stage stage({restarted(service("db"), Restart::Policy::on_failure)});
    stage.act();
    EXPECT_EQ(stage.end("db", 1), "");
    EXPECT_EQ(stage.state("db"), State::waiting);
    EXPECT_EQ(stage.status("db").why, "ended with status 1");
    EXPECT_EQ(stage.after(Millis{100}), "start db");
    EXPECT_EQ(stage.status("db").restarts, 1);
    stage.end("db", 0);
    EXPECT_EQ(stage.state("db"), State::failed);
}

TEST(Machine, policy_always_starts_again_what_ended_well_too) {
    Stage stage({restarted(service("db"), Restart::Policy::always)});
    stage.act();
    stage.end("db", 0);
    EXPECT_EQ(stage.after(Millis{100}), "start db");
}

TEST(Machine, the_pause_before_a_start_grows) {
    Stage stage({restarted(service("db"), Restart::Policy::always, 20)});
    stage.act();
    for (const int pause : {100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000}) {
        EXPECT_EQ(stage.end("db", 1), "");
        EXPECT_EQ(stage.until_next(), Millis{pause});
        EXPECT_EQ(stage.after(Millis{pause}), "start db");
    }
}

TEST(Machine, a_budget_is_used_up_within_its_window) {
    Stage stage({restarted(service("db"), Restart::Policy::on_failure, 2)});
    stage.act();
    stage.end("db", 1);
    stage.after(Millis{100});
    stage.end("db", 1);
    stage.after(Millis{200});
    stage.end("db", 1);
    EXPECT_EQ(stage.state("db"), State::failed);
    EXPECT_EQ(stage.status("db").why, "ended with status 1, and was started again 2 times within 1m already");
    EXPECT_TRUE(stage.machine.over());
}

TEST(Machine, a_budget_comes_back_with_time) {
    Stage stage({restarted(service("db"), Restart::Policy::on_failure, 1)});
    stage.act();
    for (int round = 0; round < 3; ++round) {
        stage.end("db", 1);
        EXPECT_EQ(stage.after(Millis{100}), "start db");
        stage.now += Millis{59900};
    }
    EXPECT_EQ(stage.status("db").restarts, 3);
    stage.end("db", 1);
    stage.after(Millis{100});
    stage.now += Millis{59899};
    stage.end("db", 1);
    EXPECT_EQ(stage.state("db"), State::failed);
}

TEST(Machine, what_comes_back_needs_to_get_ready_anew) {
    Stage stage({restarted(with_look(service("db")), Restart::Policy::always), service("app", {"db"})});
    stage.act();
    stage.look("db", "");
    stage.end("db", 1);
    EXPECT_EQ(stage.state("app"), State::ready);
    EXPECT_EQ(stage.after(Millis{100}), "start db, look db");
    EXPECT_EQ(stage.state("db"), State::starting);
}

TEST(Machine, one_that_goes_into_the_background_is_not_started_again) {
    Stage stage({restarted(service("db"), Restart::Policy::always)});
    stage.act();
    stage.machine.ended(1, {0, 0}, 2, stage.now);
    EXPECT_EQ(stage.act(), "signal 15 db");
    EXPECT_NE(stage.machine.failure()->why.find("left 2 processes behind"), std::string::npos);
}

TEST(Machine, one_that_crashes_is_started_again_once_nobody_it_left_is_there) {
    Stage stage({restarted(service("db"), Restart::Policy::on_failure)});
    stage.act();
    stage.machine.ended(1, {139, SIGSEGV}, 2, stage.now);
    EXPECT_EQ(stage.act(), "signal 15 db");
    EXPECT_EQ(stage.after(Millis{5000}), "");
    EXPECT_EQ(stage.after(Millis{5000}), "signal 9 db");
    stage.machine.emptied(1, stage.now);
    EXPECT_EQ(stage.after(Millis{100}), "start db");
    EXPECT_FALSE(stage.machine.ending());
}

TEST(Machine, what_is_told_of_an_earlier_start_is_ignored) {
    Stage stage({restarted(with_line(with_look(service("db"))), Restart::Policy::always)});
    stage.act();
    stage.end("db", 1);
    stage.after(Millis{100});
    ASSERT_EQ(stage.number("db"), 2);
    stage.machine.looked(1, "", stage.now);
    stage.machine.heard(1, stage.now);
    stage.machine.refused(1, "a stranger", stage.now);
    stage.machine.ended(1, {1, 0}, 0, stage.now);
    stage.machine.emptied(1, stage.now);
    EXPECT_EQ(stage.act(), "");
    EXPECT_EQ(stage.state("db"), State::starting);
    EXPECT_EQ(stage.number("db"), 2);
    EXPECT_FALSE(stage.machine.ending());
    EXPECT_FALSE(stage.machine.find(1));
    EXPECT_FALSE(stage.machine.find(0));
    EXPECT_EQ(stage.machine.find(2), 0U);
}

}  // namespace
}  // namespace flowlet::stack
