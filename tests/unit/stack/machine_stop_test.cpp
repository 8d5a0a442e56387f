#include <gtest/gtest.h>

#include <csignal>
#include <functional>

#include "stage.h"

namespace flowlet::stack {
namespace {

using services::State;
using services::Verb;
using test::service;
using test::Stage;
using test::with_look;

Kind kind_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.kind();
    }
    return Kind::ok;
}

Stage three() {
    Stage stage({service("db"), service("cache"), service("app", {"db", "cache"})});
    stage.act();
    return stage;
}

// ---- the way down --------------------------------------------------------------------------------------------------

TEST(MachineStop, it_goes_against_the_edges_and_at_once_where_there_is_none) {
    Stage stage = three();
    EXPECT_EQ(stage.ask(Verb::stop), "signal 15 app");
    EXPECT_EQ(stage.state("db"), State::ready);
    EXPECT_EQ(stage.end("app"), "signal 15 db, signal 15 cache");
    stage.end("cache");
    EXPECT_FALSE(stage.machine.over());
    stage.end("db");
    EXPECT_TRUE(stage.machine.over());
    EXPECT_EQ(stage.machine.signal(), 0);
    EXPECT_FALSE(stage.machine.failure());
    EXPECT_EQ(*stage.machine.ending(), "asked to stop");
}

TEST(MachineStop, one_that_has_ended_but_left_somebody_still_holds_up_what_it_is_after) {
    Stage stage = three();
    stage.ask(Verb::stop);
    stage.machine.ended(stage.number("app"), {0, 0}, 1, stage.now);
    EXPECT_EQ(stage.act(), "");
    stage.machine.emptied(stage.number("app"), stage.now);
    EXPECT_EQ(stage.act(), "signal 15 db, signal 15 cache");
}

TEST(MachineStop, each_gets_its_own_signal_and_its_own_grace) {
    Spec db = service("db");
    db.stop_signal = SIGINT;
    db.grace = Millis{300};
    Stage stage({db});
    stage.act();
    EXPECT_EQ(stage.ask(Verb::stop), "signal 2 db");
    EXPECT_EQ(stage.until_next(), Millis{300});
    EXPECT_EQ(stage.after(Millis{299}), "");
    EXPECT_EQ(stage.after(Millis{1}), "signal 9 db");
    EXPECT_EQ(stage.after(Millis{1}), "");
}

TEST(MachineStop, whoever_outlives_sigkill_is_named_and_not_waited_for) {
    Stage stage({service("db")});
    stage.act();
    stage.ask(Verb::stop);
    stage.after(Millis{10000});
    EXPECT_EQ(stage.after(Millis{4999}), "");
    EXPECT_EQ(stage.after(Millis{1}), "survivors db");
    EXPECT_TRUE(stage.machine.over());
    EXPECT_EQ(stage.machine.survivors(), (std::vector<std::string>{"db: killed, and still there: 7 (mad)"}));
    EXPECT_EQ(stage.state("db"), State::failed);
    EXPECT_EQ(stage.status("db").why, "killed, and still there: 7 (mad)");
}

TEST(MachineStop, nobody_is_started_beside_one_that_outlived_sigkill) {
    Stage stage({service("db"), service("other")});
    stage.act();
    EXPECT_EQ(stage.ask(Verb::restart, {"db"}), "signal 15 db");
    EXPECT_EQ(stage.after(Millis{10000}), "signal 9 db");
    EXPECT_EQ(stage.after(Millis{5000}), "survivors db, signal 15 other");
    EXPECT_EQ(stage.state("db"), State::failed);
    EXPECT_EQ(stage.machine.failure()->why, "killed, and still there: 7 (mad)");
}

TEST(MachineStop, a_second_interrupt_kills_all_at_once) {
    Stage stage = three();
    stage.machine.interrupted(SIGINT, stage.now);
    EXPECT_EQ(stage.act(), "signal 15 app");
    stage.machine.interrupted(SIGTERM, stage.now);
    EXPECT_EQ(stage.act(), "signal 15 db, signal 9 db, signal 15 cache, signal 9 cache, signal 9 app");
    EXPECT_EQ(stage.machine.signal(), SIGINT);
    EXPECT_EQ(stage.act(), "");
}

TEST(MachineStop, the_first_interrupt_after_another_wish_to_stop_does_not_kill) {
    Stage stage = three();
    stage.ask(Verb::stop);
    stage.machine.interrupted(SIGINT, stage.now);
    EXPECT_EQ(stage.act(), "");
    EXPECT_EQ(stage.machine.signal(), SIGINT);
}

TEST(MachineStop, what_waits_is_not_started_any_more) {
    Stage stage({with_look(service("db")), service("app", {"db"})});
    stage.act();
    stage.machine.interrupted(SIGTERM, stage.now);
    EXPECT_EQ(stage.act(), "signal 15 db");
    EXPECT_EQ(stage.state("app"), State::stopped);
    EXPECT_EQ(stage.look("db", ""), "");
    EXPECT_EQ(stage.state("db"), State::stopping);
}

TEST(MachineStop, an_end_while_it_is_stopped_is_no_failure) {
    Stage stage = three();
    stage.ask(Verb::stop);
    stage.end("db", 1);  // its turn had not come
    stage.end("app", 1);
    stage.end("cache", 1);
    EXPECT_TRUE(stage.machine.over());
    EXPECT_FALSE(stage.machine.failure());
    EXPECT_EQ(stage.state("db"), State::stopped);
}

TEST(MachineStop, one_that_waits_for_its_turn_to_go_does_not_fail_at_its_time) {
    Stage stage({with_look(service("db")), service("app", {"db"})});
    stage.act();
    stage.look("db", "");
    stage.ask(Verb::restart, {"db"});
    stage.end("db");
    stage.act();
    EXPECT_EQ(stage.state("db"), State::starting);
    EXPECT_EQ(stage.after(Millis{59995}), "");
    EXPECT_EQ(stage.ask(Verb::stop), "signal 15 app");
    EXPECT_EQ(stage.after(Millis{5000}), "");
    EXPECT_GT(stage.until_next(), Millis{0});
    EXPECT_EQ(stage.end("app"), "signal 15 db");
    stage.end("db");
    EXPECT_EQ(stage.state("db"), State::stopped);
    EXPECT_FALSE(stage.machine.failure());
}

TEST(MachineStop, one_that_did_not_get_ready_again_fails_once_and_waits_for_its_turn) {
    Stage stage({with_look(service("db")), service("app", {"db"})});
    stage.act();
    stage.look("db", "");
    stage.ask(Verb::restart, {"db"});
    stage.end("db");
    EXPECT_EQ(stage.after(Millis{60000}), "signal 15 app");
    EXPECT_EQ(stage.act(), "");
    EXPECT_EQ(stage.machine.failure()->why, "not ready within 1m");
    EXPECT_EQ(stage.status("db").why, "not ready within 1m");
    EXPECT_EQ(stage.until_next(), Millis{10000});
    EXPECT_EQ(stage.end("app"), "signal 15 db");
}

// ---- what is asked for ---------------------------------------------------------------------------------------------

TEST(MachineAsk, a_restart_leaves_exactly_one_copy_of_one_that_is_ready) {
    Stage stage = three();
    EXPECT_EQ(stage.ask(Verb::restart, {"db"}), "signal 15 db");
    EXPECT_EQ(stage.state("app"), State::ready);
    EXPECT_EQ(stage.end("db"), "start db");
    EXPECT_EQ(stage.status("db").restarts, 0);
}

TEST(MachineAsk, a_restart_leaves_exactly_one_copy_of_one_that_is_starting) {
    Stage stage({with_look(service("db"))});
    stage.act();
    EXPECT_EQ(stage.ask(Verb::restart, {"db"}), "signal 15 db");
    EXPECT_EQ(stage.ask(Verb::restart, {"db"}), "");
    EXPECT_EQ(stage.end("db"), "start db, look db");
    EXPECT_EQ(stage.act(), "");
}

TEST(MachineAsk, a_restart_leaves_exactly_one_copy_of_one_that_is_stopping) {
    Stage stage({service("db"), service("other")});
    stage.act();
    EXPECT_EQ(stage.ask(Verb::stop, {"db"}), "signal 15 db");
    EXPECT_EQ(stage.ask(Verb::restart, {"db"}), "");
    EXPECT_EQ(stage.end("db"), "start db");
    EXPECT_EQ(stage.act(), "");
}

TEST(MachineAsk, a_restart_leaves_exactly_one_copy_of_one_that_waits) {
    Stage stage({with_look(service("db")), service("app", {"db"})});
    stage.act();
    EXPECT_EQ(stage.ask(Verb::restart, {"app"}), "");
    EXPECT_EQ(stage.look("db", ""), "start app");
    EXPECT_EQ(stage.act(), "");
}

TEST(MachineAsk, a_restart_starts_one_that_was_stopped) {
    Stage stage({service("db"), service("other")});
    stage.act();
    stage.ask(Verb::stop, {"db"});
    stage.end("db");
    EXPECT_EQ(stage.state("db"), State::stopped);
    EXPECT_EQ(stage.ask(Verb::restart, {"db"}), "start db");
}

TEST(MachineAsk, a_restart_of_all_keeps_to_the_edges_whatever_their_order) {
    Stage stage({service("app", {"db"}), service("db")});
    stage.act();
    EXPECT_EQ(stage.ask(Verb::restart), "signal 15 app");
    EXPECT_EQ(stage.end("app"), "signal 15 db");
    EXPECT_EQ(stage.end("db"), "start db, start app");
}

TEST(MachineAsk, a_start_of_one_that_is_stopping_brings_it_back) {
    Stage stage({service("db"), service("other")});
    stage.act();
    stage.ask(Verb::stop, {"db"});
    EXPECT_EQ(stage.ask(Verb::start, {"db"}), "");
    EXPECT_EQ(stage.end("db"), "start db");
}

TEST(MachineAsk, a_start_of_one_that_runs_changes_nothing) {
    Stage stage = three();
    EXPECT_EQ(stage.ask(Verb::start, {"app"}), "");
    EXPECT_EQ(stage.ask(Verb::start), "");
    EXPECT_EQ(stage.state("app"), State::ready);
}

TEST(MachineAsk, to_stop_the_last_service_ends_the_stack) {
    Stage stage({service("db"), service("cache")});
    stage.act();
    stage.ask(Verb::stop, {"db"});
    EXPECT_FALSE(stage.machine.ending());
    stage.ask(Verb::stop, {"cache"});
    EXPECT_EQ(*stage.machine.ending(), "every service was asked to stop");
    stage.end("db");
    stage.end("cache");
    EXPECT_TRUE(stage.machine.over());
}

TEST(MachineAsk, nothing_is_started_during_the_end) {
    Stage stage = three();
    stage.ask(Verb::stop);
    EXPECT_EQ(kind_of([&] { stage.ask(Verb::start, {"db"}); }), Kind::conflict);
    EXPECT_EQ(kind_of([&] { stage.ask(Verb::restart, {"app"}); }), Kind::conflict);
    EXPECT_EQ(kind_of([&] { stage.ask(Verb::stop); }), Kind::ok);
}

TEST(MachineAsk, an_unknown_name_is_a_usage_error_and_changes_nothing) {
    Stage stage = three();
    for (const Verb verb : {Verb::start, Verb::stop, Verb::restart})
        EXPECT_EQ(kind_of([&] { stage.ask(verb, {"db", "nobody"}); }), Kind::usage);
    EXPECT_EQ(stage.act(), "");
    EXPECT_EQ(stage.state("db"), State::ready);
}

TEST(MachineAsk, the_statuses_stand_in_the_order_of_the_services_and_say_since_when) {
    Stage stage({service("db"), with_look(service("app", {"db"}))});
    stage.act();
    stage.after(Millis{250});
    stage.look("app", "");
    const std::vector<services::Status> all = stage.machine.statuses();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].service, "db");
    EXPECT_EQ(all[0].since, test::begin);
    EXPECT_EQ(all[1].state, State::ready);
    EXPECT_EQ(all[1].since, test::begin + Millis{250});
    EXPECT_EQ(all[1].took, Millis{250});
    EXPECT_EQ(all[1].why, "");
}

}  // namespace
}  // namespace flowlet::stack
