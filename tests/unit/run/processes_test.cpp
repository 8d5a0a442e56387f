#include <gtest/gtest.h>

#include <csignal>

#include "fakes/world.h"
#include "flowlet/run.h"

namespace flowlet::run {
namespace {

const Waiting silent = [](const std::vector<std::string>& lines) { (void)lines; };
using Signals = std::vector<std::pair<int, int>>;

host::ProcessInfo person(int pid, std::string mark) {
    host::ProcessInfo info;
    info.id = {pid, 1};
    info.command = "sleep 9";
    info.mark = std::move(mark);
    return info;
}

plan::End end_of_mine() {
    plan::End end;
    end.choose = [](std::span<const host::ProcessInfo> all) {
        std::vector<host::ProcessInfo> mine;
        for (const host::ProcessInfo& process : all) {
            if (process.mark == "mine") mine.push_back(process);
        }
        return mine;
    };
    end.files = {"/s/control", "/s/state.json"};
    return end;
}

Result perform(fakes::World& world, const plan::Action& action, const Waiting& waiting = silent) {
    return make_performance(world, &world.stop)->perform(action, waiting);
}

/// Kept by the kernel whatever comes.
struct Undying : fakes::World {
    bool signal(const host::Process& process, int signal) override {
        signals.emplace_back(process.pid, signal);
        return true;
    }
};

/// One who dies leaves another behind, some times.
struct Hydra : fakes::World {
    int heads = 3;
    bool signal(const host::Process& process, int signal) override {
        const bool there = fakes::World::signal(process, signal);
        if (heads-- > 0) people.push_back(person(process.pid + 1, "mine"));
        return there;
    }
};

TEST(End, whoever_is_chosen_gets_sigterm_and_nobody_else) {
    fakes::World world;
    world.people = {person(5, "mine"), person(6, "other"), person(7, "mine")};
    std::vector<std::string> shown;
    const Result result = perform(world, end_of_mine(), [&](const std::vector<std::string>& lines) { shown = lines; });
    EXPECT_FALSE(result.cause);
    EXPECT_EQ(result.note, "");
    EXPECT_EQ(world.signals, (Signals{{5, SIGTERM}, {7, SIGTERM}}));
    EXPECT_EQ(world.people.size(), 1U);
    EXPECT_EQ(shown, (std::vector<std::string>{"5 (sleep 9)", "7 (sleep 9)"}));
}

TEST(End, one_who_traps_sigterm_is_killed) {
    fakes::World world;
    world.people = {person(5, "mine"), person(7, "mine")};
    world.traps = {{7, SIGTERM}};
    EXPECT_FALSE(perform(world, end_of_mine()).cause);
    EXPECT_EQ(world.signals, (Signals{{5, SIGTERM}, {7, SIGTERM}, {7, SIGKILL}}));
    EXPECT_TRUE(world.people.empty());
}

TEST(End, whoever_is_born_meanwhile_is_ended_too) {
    Hydra world;
    world.people = {person(5, "mine")};
    EXPECT_FALSE(perform(world, end_of_mine()).cause);
    EXPECT_EQ(world.signals, (Signals{{5, SIGTERM}, {6, SIGKILL}, {7, SIGKILL}, {8, SIGKILL}}));
    EXPECT_TRUE(world.people.empty());
}

TEST(End, files_are_removed_where_they_are_and_no_others) {
    fakes::World world;
    world.people = {person(5, "mine")};
    world.files["/s/control"] = {"", 0600};
    world.files["/s/kept"] = {"", 0600};
    EXPECT_FALSE(perform(world, end_of_mine()).cause);
    EXPECT_FALSE(world.files.contains("/s/control"));
    EXPECT_TRUE(world.files.contains("/s/kept"));
}

TEST(End, it_is_noted_when_nothing_was_left) {
    fakes::World world;
    world.people = {person(6, "other")};
    world.files["/s/state.json"] = {"{}", 0600};
    const Result result = perform(world, end_of_mine());
    EXPECT_FALSE(result.cause);
    EXPECT_EQ(result.note, "nothing was left");
    EXPECT_TRUE(world.signals.empty());
    EXPECT_TRUE(world.files.empty());
}

TEST(End, survivors_are_named_and_the_files_stay) {
    Undying world;
    world.people = {person(5, "mine")};
    world.files["/s/state.json"] = {"{}", 0600};
    const Result result = perform(world, end_of_mine());
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.cause->reason, "Survivors");
    EXPECT_EQ(result.cause->message, "killed, and still there: 5 (sleep 9)");
    EXPECT_EQ(world.signals.front(), (std::pair{5, SIGTERM}));
    EXPECT_EQ(world.signals.back(), (std::pair{5, SIGKILL}));
    EXPECT_TRUE(world.files.contains("/s/state.json"));
}

plan::Detach detach() {
    plan::Detach detach;
    detach.command.program = "/usr/bin/flowletctl";
    detach.command.args = {"start"};
    return detach;
}

TEST(Detach, a_program_that_comes_up_is_done) {
    fakes::World world;
    int started = 0;
    world.detached = [&](const host::Command& command) {
        EXPECT_EQ(command.args, (std::vector<std::string>{"start"}));
        ++started;
    };
    EXPECT_FALSE(perform(world, detach()).cause);
    EXPECT_EQ(started, 1);
}

TEST(Detach, one_that_does_not_is_quoted_with_its_kind) {
    fakes::World world;
    world.detached = [](const host::Command&) {
        throw Error(Kind::tool_missing, "it ended before it could be asked anything:\nno room", "all it said is in /l");
    };
    const Result result = perform(world, detach());
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.kind, Kind::tool_missing);
    EXPECT_EQ(result.cause->object, "flowletctl");
    EXPECT_EQ(result.cause->reason, "NotStarted");
    EXPECT_EQ(result.cause->message, "it ended before it could be asked anything:\nno room");
    EXPECT_EQ(result.cause->next, "all it said is in /l");
}

TEST(Amend, a_file_gets_its_new_text_and_keeps_its_mode) {
    fakes::World world;
    world.files["/tmp/f"] = {"old", 0640};
    EXPECT_FALSE(perform(world, plan::Amend{"/tmp/f", "old", "new"}).cause);
    EXPECT_EQ(world.files["/tmp/f"].bytes, "new");
    EXPECT_EQ(world.files["/tmp/f"].mode, 0640U);
}

TEST(Amend, a_file_that_was_changed_is_a_conflict_and_stays) {
    fakes::World world;
    world.files["/tmp/f"] = {"older", 0640};
    const Result result = perform(world, plan::Amend{"/tmp/f", "old", "new"});
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.status, 409);
    EXPECT_EQ(result.kind, Kind::conflict);
    EXPECT_EQ(result.cause->object, "/tmp/f");
    EXPECT_EQ(world.files["/tmp/f"].bytes, "older");
}

TEST(Amend, a_file_that_is_gone_is_no_conflict_but_a_failure) {
    fakes::World world;
    const Result result = perform(world, plan::Amend{"/tmp/f", "old", "new"});
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.kind, Kind::precondition);
}

}  // namespace
}  // namespace flowlet::run
