#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include "flowlet/run.h"

namespace flowlet::run {
namespace {

plan::Action act(const std::string& name) {
    plan::Send send;
    send.request.path = name;
    return send;
}

plan::Step step(const std::string& id, std::vector<std::string> after = {}) {
    plan::Step made;
    made.id = id;
    made.what = "do " + id;
    made.action = act(id);
    made.after = std::move(after);
    made.undo.push_back({"undo " + id, act("undo " + id)});
    return made;
}

/// Performs by name: fails what it is told to fail, and remembers the order.
class Scripted final : public Performer {
public:
    std::set<std::string> failing;
    std::set<std::string> throwing;
    std::map<std::string, int> statuses;
    int signal = 0;
    std::vector<std::string> done;
    std::vector<bool> shields;

    Result perform(const plan::Action& action, const Waiting& waiting) override {
        const std::string name = std::get<plan::Send>(action).request.path;
        waiting({"waiting for " + name});
        {
            const std::lock_guard lock(mutex_);
            done.push_back(name);
        }
        if (throwing.count(name) != 0) {
            throw Error(Kind::interrupted, "asked to stop");
        }
        Result result;
        result.status = statuses.count(name) != 0 ? statuses.at(name) : 0;
        if (failing.count(name) != 0) {
            result.cause = plan::Cause{};
            result.cause->reason = "Broken";
            result.cause->message = name + " is broken";
        }
        return result;
    }
    void undoing(bool begin) override { shields.push_back(begin); }
    [[nodiscard]] Time now() const override { return Time{}; }
    [[nodiscard]] int stop_signal() const override { return signal; }

private:
    std::mutex mutex_;
};

class Listening final : public Observer {
public:
    std::vector<std::string> heard;
    bool refuse = false;
    void begin(const plan::Plan& plan, Time now) override {
        (void)now;
        heard.push_back("begin " + plan.title);
        if (refuse) {
            throw Error(Kind::audit_unavailable, "no log");
        }
    }
    void step_started(const StepReport& one, bool undo) override {
        heard.push_back((undo ? "back " : "start ") + one.id);
    }
    void step_waiting(const StepReport& one, const std::vector<std::string>& lines) override {
        heard.push_back("wait " + one.id + " " + lines.front());
    }
    void step_ended(const StepReport& one, bool undo) override {
        heard.push_back((undo ? "undone " : "end ") + one.id + " " + std::string(name(one.state)));
    }
    void rollback_started(const plan::Cause& cause) override { heard.push_back("rollback " + cause.reason); }
    void end(Report& report) override { heard.push_back("over " + std::string(name(report.outcome))); }
};

std::size_t place(const std::vector<std::string>& list, const std::string& what) {
    return static_cast<std::size_t>(std::find(list.begin(), list.end(), what) - list.begin());
}

TEST(Runner, a_step_starts_only_after_those_before_it) {
    plan::Plan plan;
    plan.steps = {step("c", {"a", "b"}), step("b", {"a"}), step("a")};
    Scripted performer;
    const Report report = run(plan, performer, {}, {});
    EXPECT_EQ(performer.done, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(report.outcome, Outcome::succeeded);
    EXPECT_EQ(report.kind, Kind::ok);
}

TEST(Runner, a_failure_takes_back_what_was_done_backwards_and_the_failed_step_first) {
    plan::Plan plan;
    plan.steps = {step("a"), step("b", {"a"}), step("c", {"b"}), step("d", {"c"})};
    Scripted performer;
    performer.failing = {"c"};
    const Report report = run(plan, performer, {}, {});
    EXPECT_EQ(performer.done, (std::vector<std::string>{"a", "b", "c", "undo c", "undo b", "undo a"}));
    EXPECT_EQ(report.outcome, Outcome::rolled_back);
    EXPECT_EQ(report.kind, Kind::failed);
    EXPECT_EQ(report.cause->message, "c is broken");
    EXPECT_EQ(report.steps[3].state, State::skipped);
    EXPECT_EQ(performer.shields, (std::vector<bool>{true, false}));
}

TEST(Runner, a_failing_undo_is_named_and_never_replaces_the_first_cause) {
    plan::Plan plan;
    plan.steps = {step("a"), step("b", {"a"})};
    Scripted performer;
    performer.failing = {"b", "undo a"};
    const Report report = run(plan, performer, {}, {});
    EXPECT_EQ(report.outcome, Outcome::rollback_failed);
    EXPECT_EQ(report.cause->message, "b is broken");
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_EQ(report.left[0], "undo a: undo a is broken");
}

TEST(Runner, without_rollback_a_failure_leaves_everything) {
    plan::Plan plan;
    plan.steps = {step("a"), step("b", {"a"})};
    Scripted performer;
    performer.failing = {"b"};
    Options options;
    options.rollback = false;
    const Report report = run(plan, performer, {}, options);
    EXPECT_EQ(performer.done, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(report.outcome, Outcome::failed);
}

TEST(Runner, what_is_needed_to_go_on_by_hand_stays_when_something_could_not_be_taken_back) {
    for (const bool broken : {false, true}) {
        plan::Plan plan;
        plan.steps = {step("a"), step("b", {"a"}), step("c", {"b"})};
        plan.steps[0].undo[0].if_whole = true;
        Scripted performer;
        performer.failing = {"c"};
        if (broken) performer.failing.insert("undo b");
        const Report report = run(plan, performer, {}, {});
        const bool undone = std::find(performer.done.begin(), performer.done.end(), "undo a") != performer.done.end();
        EXPECT_EQ(undone, !broken);
        EXPECT_EQ(report.outcome, broken ? Outcome::rollback_failed : Outcome::rolled_back);
    }
}

TEST(Runner, what_a_later_step_has_given_its_place_is_not_taken_back) {
    for (const bool published : {false, true}) {
        plan::Plan plan;
        plan.steps = {step("a"), step("publish", {"a"}), step("c", {"publish"})};
        plan.steps[0].undo[0].unless = "publish";
        plan.steps[1].undo.clear();
        plan.steps[2].undo.clear();
        Scripted performer;
        performer.failing = {published ? "c" : "publish"};
        const Report report = run(plan, performer, {}, {});
        const bool undone = std::find(performer.done.begin(), performer.done.end(), "undo a") != performer.done.end();
        EXPECT_EQ(undone, !published);
        EXPECT_EQ(report.outcome, published ? Outcome::failed : Outcome::rolled_back);
    }
}

TEST(Runner, a_step_that_must_always_be_undone_is_so_after_success) {
    plan::Plan plan;
    plan.steps = {step("lock"), step("a", {"lock"})};
    plan.steps[0].always = true;
    plan.steps[1].undo.clear();
    Scripted performer;
    run(plan, performer, {}, {});
    EXPECT_EQ(performer.done, (std::vector<std::string>{"lock", "a", "undo lock"}));
}

TEST(Runner, the_lock_is_released_after_the_undo_and_its_proof) {
    plan::Plan plan;
    plan.steps = {step("lock"), step("a", {"lock"})};
    plan.steps[0].always = true;
    plan.settle = {step("proof")};
    Scripted performer;
    performer.failing = {"a"};
    run(plan, performer, {}, {});
    EXPECT_EQ(performer.done, (std::vector<std::string>{"lock", "a", "undo a", "proof", "undo lock"}));
}

TEST(Runner, a_lock_that_could_not_be_taken_is_not_released) {
    plan::Plan plan;
    plan.steps = {step("lock"), step("a", {"lock"})};
    plan.steps[0].always = true;
    Scripted performer;
    performer.failing = {"lock"};
    run(plan, performer, {}, {});
    EXPECT_EQ(performer.done, (std::vector<std::string>{"lock"}));
}

TEST(Runner, what_was_there_already_is_not_removed_but_what_may_have_been_made_is) {
    for (const auto& [status, removed] : std::map<int, bool>{{201, true}, {200, false}, {403, false}, {0, true}}) {
        plan::Plan plan;
        plan.steps = {step("a"), step("b", {"a"})};
        plan.steps[0].undo[0].after_status = 201;
        plan.steps[1].undo.clear();
        Scripted performer;
        performer.statuses["a"] = status;
        performer.failing = {"b"};
        run(plan, performer, {}, {});
        EXPECT_EQ(place(performer.done, "undo a") < performer.done.size(), removed) << status;
    }
}

TEST(Runner, a_proof_that_fails_makes_the_rollback_a_failed_one) {
    plan::Plan plan;
    plan.steps = {step("a")};
    plan.settle = {step("proof")};
    Scripted performer;
    performer.failing = {"a", "proof"};
    EXPECT_EQ(run(plan, performer, {}, {}).outcome, Outcome::rollback_failed);
}

TEST(Runner, an_observer_that_refuses_keeps_everything_from_running) {
    plan::Plan plan;
    plan.steps = {step("a")};
    Scripted performer;
    Listening log;
    log.refuse = true;
    const std::vector<Observer*> observers = {&log};
    EXPECT_THROW(run(plan, performer, observers, {}), Error);
    EXPECT_TRUE(performer.done.empty());
}

TEST(Runner, a_finding_of_severity_error_keeps_everything_from_running) {
    plan::Plan plan;
    plan.steps = {step("a")};
    plan.findings.push_back({plan::Finding::Severity::error, "X", "is wrong", "x.yaml:3", "mend it"});
    Scripted performer;
    Listening log;
    const std::vector<Observer*> observers = {&log};
    try {
        run(plan, performer, observers, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::precondition);
        EXPECT_STREQ(error.what(), "x.yaml:3: X: is wrong");
        EXPECT_EQ(error.hint(), "mend it");
    }
    EXPECT_TRUE(performer.done.empty());
    EXPECT_TRUE(log.heard.empty());
}

TEST(Runner, asked_to_stop_before_the_first_step_nothing_is_done) {
    plan::Plan plan;
    plan.steps = {step("a")};
    Scripted performer;
    performer.signal = SIGINT;
    const Report report = run(plan, performer, {}, {});
    EXPECT_TRUE(performer.done.empty());
    EXPECT_EQ(report.outcome, Outcome::cancelled);
    EXPECT_EQ(report.kind, Kind::interrupted);
}

TEST(Runner, an_interrupted_step_is_taken_back_like_a_failed_one) {
    plan::Plan plan;
    plan.steps = {step("a"), step("b", {"a"})};
    Scripted performer;
    performer.throwing = {"b"};
    const Report report = run(plan, performer, {}, {});
    EXPECT_EQ(performer.done, (std::vector<std::string>{"a", "b", "undo b", "undo a"}));
    EXPECT_EQ(report.outcome, Outcome::rolled_back);
    EXPECT_EQ(report.kind, Kind::interrupted);
}

TEST(Runner, observers_hear_everything_in_order) {
    plan::Plan plan;
    plan.title = "t";
    plan.steps = {step("a")};
    Scripted performer;
    performer.failing = {"a"};
    Listening log;
    const std::vector<Observer*> observers = {&log};
    run(plan, performer, observers, {});
    EXPECT_EQ(log.heard, (std::vector<std::string>{"begin t", "start a", "wait a waiting for a", "end a failed",
                                                   "rollback Broken", "back undo/a", "wait undo/a waiting for undo a",
                                                   "undone undo/a undone", "over rolled_back"}));
}

/// Any graph, any failing step: nothing runs before its predecessors, nothing runs after a failure that had not begun,
/// and what ran is taken back exactly once.
TEST(Runner, every_random_graph_is_performed_and_taken_back_soundly) {
    std::mt19937 random(20261121);
    for (int round = 0; round < 200; ++round) {
        plan::Plan plan;
        const std::size_t count = 1 + random() % 12;
        for (std::size_t i = 0; i < count; ++i) {
            std::vector<std::string> after;
            for (std::size_t j = 0; j < i; ++j) {
                if (random() % 3 == 0) {
                    after.push_back("s" + std::to_string(j));
                }
            }
            plan.steps.push_back(step("s" + std::to_string(i), after));
        }
        Scripted performer;
        const bool fail = random() % 2 == 0;
        const std::string broken = "s" + std::to_string(random() % count);
        if (fail) {
            performer.failing = {broken};
        }
        Options options;
        options.parallel = 1 + random() % 5;
        const Report report = run(plan, performer, {}, options);
        for (const plan::Step& one : plan.steps) {
            const std::size_t at = place(performer.done, one.id);
            for (const std::string& before : one.after) {
                EXPECT_TRUE(at == performer.done.size() || place(performer.done, before) < at);
            }
            const auto undone = std::count(performer.done.begin(), performer.done.end(), "undo " + one.id);
            EXPECT_EQ(undone, fail && at < performer.done.size() ? 1 : 0);
        }
        EXPECT_EQ(report.outcome, fail ? Outcome::rolled_back : Outcome::succeeded);
    }
}

}  // namespace
}  // namespace flowlet::run
