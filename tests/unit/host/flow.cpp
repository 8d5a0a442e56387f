#include "host/flow.h"

#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <sstream>

#include "flowlet/host.h"
#include "flowlet/stream.h"
#include "server.h"
#include "support.h"

namespace flowlet::host {
namespace {

using test::Bell;
using test::script;

std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

class Flows : public ::testing::Test {
protected:
    [[nodiscard]] std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
    static FlowEnd run(std::vector<Stage> stages) { return run_flow({std::move(stages)}, nullptr); }

    test::TemporaryFolder folder_;
};

TEST_F(Flows, a_program_that_may_stop_reading_does_not_keep_the_rest_from_being_measured) {
    Command first_only = script("head -c 10 >/dev/null");
    const std::vector<Stage> stages = {script("head -c 9000000 /dev/zero"), Measure{"plain"}, first_only};
    EXPECT_FALSE(run(stages).ok());
    first_only.reads = Command::Reads::some;
    const FlowEnd end = run({stages[0], stages[1], first_only});
    EXPECT_TRUE(end.ok());
    EXPECT_EQ(end.measured.at("plain").bytes, 9000000U);
}

TEST_F(Flows, one_that_ends_with_its_last_program_does_not_wait_for_those_before_it) {
    Flow flow{{script("yes"), Measure{"plain"}, script("head -c 10 >/dev/null")}};
    EXPECT_FALSE(run_flow(flow, nullptr).ok());
    flow.ends = Flow::Ends::with_last;
    EXPECT_TRUE(run_flow(flow, nullptr).ok());
    std::get<Command>(flow.stages.back()).args.back() = "head -c 10 >/dev/null; exit 3";
    EXPECT_EQ(run_flow(flow, nullptr).failed, std::size_t{1});
    flow.stages = {script("echo no such key >&2; exit 1"), script("sleep 0.1; cat >/dev/null")};
    EXPECT_EQ(run_flow(flow, nullptr).failed, std::size_t{0});
}

TEST_F(Flows, a_look_gives_back_what_the_last_program_wrote_or_the_one_that_failed) {
    const auto host = make_host(nullptr);
    const Exit exit = host->query(Flow{{script("yes"), Measure{"plain"}, script("head -n 2")}});
    EXPECT_TRUE(exit.ok());
    EXPECT_EQ(exit.out, "y\ny\n");
    const Exit failed = host->query(Flow{{script("echo no such key >&2; exit 1"), script("sleep 0.2; cat")}});
    EXPECT_EQ(failed.code, 1);
    EXPECT_EQ(failed.err, "no such key\n");
    EXPECT_EQ(test::kind_of([&] { host->query(Flow{{script("yes"), NewFile{path("out")}}}); }), Kind::bug);
    EXPECT_EQ(test::kind_of([&] { host->query(Flow{{ReadFile{path("none")}, script("cat")}}); }), Kind::precondition);
}

TEST_F(Flows, a_text_is_spotted_across_two_writes_and_at_the_latest_at_the_end) {
    int seen = 0;
    const auto count = [&seen] { ++seen; };
    EXPECT_TRUE(run({script("printf 'ab'; sleep 0.2; printf 'cd'"), Spot{"bc", count}}).ok());
    EXPECT_EQ(seen, 1);
    EXPECT_TRUE(run({script("printf 'xy'"), Spot{"bc", count}}).ok());
    EXPECT_EQ(seen, 2);
    EXPECT_FALSE(run({script("printf 'xy'; exit 3"), Spot{"bc", count}, script("sleep 5")}).ok());
}

TEST_F(Flows, a_rate_holds_the_first_stage_back) {
    constexpr std::uint64_t a_second = 4000000;
    Flow flow;
    flow.stages = {script("head -c 2000000 /dev/zero"), Measure{"plain"}};
    flow.rate = a_second;
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(run_flow(flow, nullptr).ok());
    EXPECT_GE(std::chrono::steady_clock::now() - began, Millis{450});
}

TEST_F(Flows, bytes_go_through_programs_and_codecs_into_a_file_of_their_owner) {
    const FlowEnd there = run({script("head -c 9000000 /dev/zero"), Measure{"plain"}, Compress{}, script("cat"),
                               Measure{"stored"}, NewFile{path("out")}});
    ASSERT_TRUE(there.ok());
    EXPECT_EQ(there.exits.size(), 2U);
    EXPECT_EQ(there.measured.at("plain").bytes, 9000000U);
    EXPECT_EQ(there.measured.at("stored").sha256, stream::sha256_hex(content(path("out"))));
    struct stat info = {};
    ASSERT_EQ(::stat(path("out").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);

    const FlowEnd back = run({ReadFile{path("out")}, Measure{"stored"}, Inflate{}, Measure{"plain"}});
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back.measured.at("stored").sha256, there.measured.at("stored").sha256);
    EXPECT_EQ(back.measured.at("plain").sha256, there.measured.at("plain").sha256);
}

TEST_F(Flows, the_first_and_the_last_bytes_are_told) {
    const FlowEnd end = run({script("printf PGDMP; head -c 100000 /dev/zero; printf 'the end'"), Measure{"all"}});
    ASSERT_TRUE(end.ok());
    EXPECT_TRUE(end.measured.at("all").head.starts_with("PGDMP"));
    EXPECT_EQ(end.measured.at("all").head.size(), 16U);
    EXPECT_TRUE(end.measured.at("all").tail.ends_with("the end"));
    EXPECT_EQ(end.measured.at("all").tail.size(), 256U);
}

TEST_F(Flows, a_source_that_fails_after_all_its_bytes_fails_the_flow) {
    const FlowEnd end = run({script("printf everything; echo 'no more' >&2; exit 3"), Compress{}, script("cat"),
                             Measure{"stored"}, NewFile{path("out")}});
    EXPECT_FALSE(end.ok());
    ASSERT_EQ(end.failed, 0U);
    EXPECT_EQ(end.exits[0].code, 3);
    EXPECT_EQ(end.exits[0].err, "no more\n");
}

TEST_F(Flows, a_program_in_the_middle_that_dies_ends_a_source_that_would_go_on_for_ever) {
    const FlowEnd end = run(
        {script("exec cat /dev/zero"), Measure{"plain"}, script("head -c 10 >/dev/null; exit 9"), Measure{"stored"}});
    EXPECT_FALSE(end.ok());
    ASSERT_EQ(end.failed, 1U);
    EXPECT_EQ(end.exits[1].code, 9);
}

TEST_F(Flows, a_program_that_succeeds_without_reading_everything_fails_the_flow) {
    const FlowEnd end = run({script("head -c 50000000 /dev/zero"), Measure{"plain"}, script("head -c 10 >/dev/null")});
    EXPECT_FALSE(end.ok());
    EXPECT_FALSE(end.failed);
    ASSERT_TRUE(end.broken);
    EXPECT_NE(std::string(end.broken->what()).find("before it had read everything"), std::string::npos);
}

TEST_F(Flows, a_source_that_succeeds_while_the_one_after_it_fails_fails_the_flow) {
    const FlowEnd end = run({script("printf x"), script("cat >/dev/null; exit 4")});
    EXPECT_EQ(end.failed, 1U);
}

TEST_F(Flows, bytes_that_are_no_gzip_fail_the_verification) {
    std::ofstream(path("in")) << "no gzip at all";
    const FlowEnd end = run({ReadFile{path("in")}, Inflate{}, Measure{"plain"}});
    ASSERT_TRUE(end.broken);
    EXPECT_EQ(end.broken->kind(), Kind::verification);
    EXPECT_TRUE(end.measured.empty());
}

TEST_F(Flows, a_program_that_fails_without_a_word_is_to_blame_for_what_comes_out_of_nothing) {
    for (int round = 0; round < 50; ++round) {
        const FlowEnd end = run({script("exit 3"), Inflate{}, Measure{"plain"}});
        ASSERT_EQ(end.failed, 0U) << round;
        ASSERT_EQ(end.exits[0].code, 3);
    }
    const FlowEnd damaged = run({script("echo this is no gzip at all; exec sleep 30"), Inflate{}, Measure{"plain"}});
    EXPECT_FALSE(damaged.failed);
    EXPECT_EQ(damaged.broken->kind(), Kind::verification);
}

TEST_F(Flows, a_file_that_is_there_is_never_written_over) {
    std::ofstream(path("out")) << "precious";
    const FlowEnd end = run({script("printf new"), NewFile{path("out")}});
    ASSERT_TRUE(end.broken);
    EXPECT_EQ(end.broken->kind(), Kind::conflict);
    EXPECT_EQ(content(path("out")), "precious");
}

TEST_F(Flows, a_full_disk_is_told_and_ends_the_source) {
    // /dev/full is written to as a program would: NewFile itself is tried on a small file system elsewhere.
    const FlowEnd end = run({script("exec cat /dev/zero"), Compress{}, script("exec cat >/dev/full")});
    EXPECT_EQ(end.failed, 1U);
    EXPECT_NE(end.exits[1].err.find("No space left"), std::string::npos);
}

TEST_F(Flows, a_source_that_hangs_is_ended_when_the_time_is_up) {
    Flow flow;
    flow.stages = {script("printf x; exec sleep 600"), Measure{"plain"}};
    flow.timeout = Millis{200};
    const FlowEnd end = run_flow(flow, nullptr);
    EXPECT_TRUE(end.timed_out);
    EXPECT_FALSE(end.ok());
}

TEST_F(Flows, a_flow_in_which_nothing_moves_is_ended) {
    Flow flow;
    flow.stages = {script("printf x; exec sleep 600"), Measure{"plain"}};
    flow.idle = Millis{200};
    const FlowEnd end = run_flow(flow, nullptr);
    EXPECT_TRUE(end.stood_still);
    EXPECT_FALSE(end.timed_out);
}

TEST_F(Flows, a_program_that_ignores_sigterm_is_killed_after_its_grace) {
    Flow flow;
    Command stubborn = script("trap '' TERM; while :; do sleep 0.05; done");
    stubborn.grace = Millis{100};
    flow.stages = {stubborn, Measure{"plain"}};
    flow.timeout = Millis{100};
    const FlowEnd end = run_flow(flow, nullptr);
    EXPECT_TRUE(end.timed_out);
    EXPECT_EQ(end.exits[0].signal, SIGKILL);
}

TEST_F(Flows, a_wish_to_stop_ends_every_program) {
    Bell bell;
    std::thread ringer([&] {
        test::eventually([&] { return !content(path("ready")).empty(); });
        bell.ring(SIGINT);
    });
    Flow flow;
    flow.stages = {script("printf ready >" + path("ready") + "; exec sleep 600"), Compress{}, script("exec cat"),
                   NewFile{path("out")}};
    const FlowEnd end = run_flow(flow, &bell);
    ringer.join();
    EXPECT_TRUE(end.interrupted);
    EXPECT_FALSE(end.ok());
}

TEST_F(Flows, a_child_that_leaves_its_group_and_holds_the_output_is_not_waited_for) {
    Flow flow;
    flow.stages = {script("setsid sh -c 'echo >" + path("gone") + "; exec sleep 30' & while [ ! -s " + path("gone") +
                          " ]; do sleep 0.01; done; printf x"),
                   Measure{"plain"}};
    const FlowEnd end = run_flow(flow, nullptr);
    EXPECT_FALSE(end.ok());
    ASSERT_TRUE(end.broken);
    EXPECT_NE(std::string(end.broken->what()).find("still holds its output"), std::string::npos);
}

TEST_F(Flows, what_is_handed_over_is_read_from_memory_and_stands_in_no_argument) {
    Command command = script("cat /dev/fd/3; stat -L -c %a /dev/fd/3; cat /dev/fd/4; tr '\\0' ' ' </proc/$$/cmdline");
    command.handed = {Secret("the handed secret\n"), Secret("and another\n")};
    const FlowEnd end = run({command, Measure{"all"}, NewFile{path("out")}});
    ASSERT_TRUE(end.ok());
    const std::string said = content(path("out"));
    EXPECT_TRUE(said.starts_with("the handed secret\n600\nand another\n"));
    EXPECT_EQ(said.find("the handed secret", 10), std::string::npos);
}

TEST_F(Flows, a_file_to_read_that_is_a_link_is_refused) {
    std::ofstream(path("in")) << "x";
    ASSERT_EQ(::symlink(path("in").c_str(), path("link").c_str()), 0);
    const FlowEnd end = run({ReadFile{path("link")}, Measure{"all"}});
    ASSERT_TRUE(end.broken);
    EXPECT_EQ(end.broken->kind(), Kind::precondition);
}

TEST_F(Flows, a_program_that_is_missing_is_an_error_and_leaves_no_other_behind) {
    Command missing;
    missing.program = "/nowhere/at/all";
    EXPECT_EQ(test::kind_of([&] { run({script("exec sleep 600"), Compress{}, missing}); }), Kind::tool_missing);
}

TEST_F(Flows, a_flow_reads_like_the_line_that_it_replaces) {
    Command dump;
    dump.program = "/usr/bin/pg_dump";
    dump.args = {"--dbname=a b"};
    Command age;
    age.program = "/usr/bin/age";
    age.args = {"-e"};
    Flow flow;
    flow.stages = {dump, Measure{"plain"}, Compress{}, age, NewFile{"/store/x.age"}};
    EXPECT_EQ(render(flow), "pg_dump '--dbname=a b' | gzip | age -e > /store/x.age");
}

}  // namespace
}  // namespace flowlet::host
