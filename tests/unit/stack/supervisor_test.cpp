#include "stack/supervisor.h"

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <set>
#include <stdexcept>

#include "fakes/world.h"

namespace flowlet::stack {
namespace {

/// Remembers what it is told to do; a test says what comes of it.
struct Keeping : host::Keeper {
    int start(const host::Launch& launch) override {
        did.push_back("start " + launch.command.program);
        return ++last;
    }
    [[nodiscard]] host::Process leader(int number) const override {
        if (gone.contains(number)) throw std::out_of_range("nobody is left of it");
        return {100 + number, 1};
    }
    void signal(int number, int signal) override {
        did.push_back("signal " + std::to_string(number) + " " + std::to_string(signal));
    }
    std::vector<host::ProcessInfo> members(int number) override { return living[number]; }
    std::vector<host::ProcessInfo> strays() override { return {}; }
    void signal(const host::Process& process, int signal) override { (void)process, (void)signal; }
    void look(int number, std::function<std::string()> look) override {
        did.push_back("look " + std::to_string(number));
        looks[number] = std::move(look);
    }
    void answer(int caller, int status, std::string_view text, More more) override {
        (void)caller, (void)status, (void)text, (void)more;
    }
    void note(const std::string& name, std::string_view text) override { notes[name] = text; }

    std::vector<std::string> take() { return std::exchange(did, {}); }

    std::vector<std::string> did;
    std::map<int, std::vector<host::ProcessInfo>> living;
    std::map<int, std::function<std::string()>> looks;
    std::map<std::string, std::string> notes;
    std::set<int> gone;
    int last = 0;
};

plan::Plan plan_of_a_queue() {
    plan::Plan plan;
    plan::Keep keep;
    keep.service = "queue";
    keep.launch.command.program = "up";
    keep.stop_command.emplace();
    keep.stop_command->program = "/usr/bin/engine";
    keep.stop_command->args = {"stop"};
    keep.elsewhere = true;
    plan.steps.push_back({"service/queue", "start queue", keep, {}, {}, false});
    plan.stack = plan::Stack{"shop", "/srv/shop/.flowlet/stack", "/srv/shop/.flowlet/logs"};
    return plan;
}

/// A service that an engine runs; its client is the process that is kept.
struct Queue {
    Queue() {
        world.program("engine", [this](const host::Command&) { return answer; });
        supervisor.begin(keeper, now);
        supervisor.next(now);
    }
    void emptied() {
        keeper.gone.insert(1);
        supervisor.on_emptied(1, now);
    }
    bool over() { return !supervisor.next(now).has_value(); }
    void stop_asked() {
        supervisor.on_signal(SIGTERM, now);
        supervisor.next(now);
    }
    void parted() { supervisor.on_looked(-1, keeper.looks.at(-1)(), now); }
    run::Report report() {
        run::Report made;
        supervisor.conclude(made);
        return made;
    }

    fakes::World world;
    host::Exit answer;
    Keeping keeper;
    Time now = world.clock;
    const plan::Plan plan = plan_of_a_queue();
    Supervisor supervisor{plan, world, {}, now};
};

using Did = std::vector<std::string>;

TEST(Supervisor, the_stop_command_comes_first_and_the_signal_after_it) {
    Queue queue;
    EXPECT_EQ(queue.keeper.take(), Did{"start up"});
    queue.stop_asked();
    EXPECT_EQ(queue.keeper.take(), Did{"look -1"});
    queue.parted();
    EXPECT_EQ(queue.keeper.take(), Did{"signal 1 15"});
    queue.supervisor.on_ended(1, {}, queue.now);
    queue.emptied();
    EXPECT_TRUE(queue.over());
    EXPECT_TRUE(queue.report().left.empty());
}

TEST(Supervisor, it_is_not_down_while_the_stop_command_runs_though_its_processes_have_ended) {
    Queue queue;
    queue.stop_asked();
    queue.supervisor.on_ended(1, {}, queue.now);
    queue.emptied();
    EXPECT_FALSE(queue.over());
    queue.parted();
    EXPECT_TRUE(queue.over());
}

TEST(Supervisor, whose_client_ends_by_itself_has_what_it_runs_elsewhere_stopped) {
    Queue queue;
    queue.keeper.take();
    queue.supervisor.on_ended(1, {137, SIGKILL}, queue.now);
    queue.emptied();
    EXPECT_EQ(queue.keeper.take(), Did{"look -1"});
    EXPECT_FALSE(queue.over());
    queue.parted();
    EXPECT_TRUE(queue.over());
    EXPECT_EQ(queue.report().cause->message, "was killed by SIGKILL");
}

TEST(Supervisor, for_one_that_had_to_be_killed_the_stop_command_is_run_once_more) {
    Queue queue;
    queue.stop_asked();
    queue.parted();
    queue.keeper.take();
    queue.now += std::chrono::minutes(1);
    queue.supervisor.next(queue.now);
    EXPECT_EQ(queue.keeper.take(), Did{"signal 1 9"});
    queue.supervisor.on_ended(1, {137, SIGKILL}, queue.now);
    queue.emptied();
    EXPECT_EQ(queue.keeper.take(), Did{"look -1"});
    EXPECT_FALSE(queue.over());
    queue.parted();
    EXPECT_TRUE(queue.over());
    EXPECT_TRUE(queue.report().left.empty());
}

TEST(Supervisor, a_stop_command_that_fails_is_told_as_something_that_is_left) {
    Queue queue;
    queue.answer.code = 1;
    queue.answer.err = "no engine answers\n";
    queue.stop_asked();
    queue.parted();
    queue.supervisor.on_ended(1, {}, queue.now);
    queue.emptied();
    EXPECT_TRUE(queue.over());
    const run::Report report = queue.report();
    ASSERT_EQ(report.left.size(), 1U);
    EXPECT_EQ(report.left.front(),
              "queue: what it started elsewhere may run still: /usr/bin/engine ended with status 1: no engine answers");
    EXPECT_EQ(report.outcome, run::Outcome::rollback_failed);
}

TEST(Supervisor, the_record_says_that_something_may_live_elsewhere) {
    Queue queue;
    const auto record = services::parse_record(queue.keeper.notes.at(services::record_name));
    ASSERT_TRUE(record);
    ASSERT_EQ(record->started.size(), 1U);
    EXPECT_TRUE(record->started.front().elsewhere);
}

TEST(Supervisor, one_that_is_asked_to_stop_says_that_all_has_ended) {
    Queue queue;
    queue.stop_asked();
    queue.parted();
    queue.supervisor.on_ended(1, {}, queue.now);
    queue.emptied();
    EXPECT_EQ(queue.report().outcome, run::Outcome::cancelled);
}

}  // namespace
}  // namespace flowlet::stack
