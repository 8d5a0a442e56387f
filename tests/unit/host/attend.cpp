#include "host/attend.h"

#include "flowlet/host.h"
#include "server.h"
#include "support.h"

#include <csignal>
#include <fstream>
#include <thread>

namespace flowlet::host {
namespace {

using test::Bell;
using test::script;

/// Rings the bell as soon as the child says that it is ready.
class Ringer {
public:
    Ringer(Bell& bell, int signal)
        : thread_([this, &bell, signal] {
              test::eventually([&] { return std::ifstream(file()).good(); });
              bell.ring(signal);
          }) {}
    Ringer(const Ringer&) = delete;
    Ringer& operator=(const Ringer&) = delete;
    ~Ringer() { thread_.join(); }
    [[nodiscard]] std::string file() const { return folder_.path() + "/ready"; }

private:
    test::TemporaryFolder folder_;
    std::thread thread_;
};

TEST(Attend, status_and_both_outputs_are_kept_apart) {
    const auto host = make_host(nullptr);
    const Exit exit = host->query(script("echo out; echo err >&2; exit 7"));
    EXPECT_EQ(exit.code, 7);
    EXPECT_EQ(exit.signal, 0);
    EXPECT_EQ(exit.out, "out\n");
    EXPECT_EQ(exit.err, "err\n");
    EXPECT_FALSE(exit.ok());
}

TEST(Attend, a_signal_that_ended_it_is_told) {
    const auto host = make_host(nullptr);
    const Exit exit = host->query(script("kill -USR1 $$"));
    EXPECT_EQ(exit.signal, SIGUSR1);
    EXPECT_EQ(exit.code, 128 + SIGUSR1);
}

TEST(Attend, much_output_on_both_streams_does_not_block) {
    const auto host = make_host(nullptr);
    const Exit exit = host->query(script("head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero"));
    EXPECT_EQ(exit.out.size(), 3000000U);
    EXPECT_EQ(exit.err.size(), 3000000U);
    EXPECT_FALSE(exit.clipped);
}

TEST(Attend, output_past_64_mib_is_dropped_and_said_so) {
    const auto host = make_host(nullptr);
    const Exit exit = host->query(script("head -c 67108865 /dev/zero"));
    EXPECT_EQ(exit.out.size(), std::size_t{64} << 20U);
    EXPECT_TRUE(exit.clipped);
    EXPECT_EQ(exit.code, 0);
}

TEST(Attend, time_runs_out) {
    const auto host = make_host(nullptr);
    Command command = script("exec sleep 1000");
    command.timeout = Millis{50};
    const Exit exit = host->query(command);
    EXPECT_TRUE(exit.timed_out);
    EXPECT_FALSE(exit.interrupted);
    EXPECT_EQ(exit.signal, SIGTERM);
    EXPECT_FALSE(exit.ok());
}

TEST(Attend, who_ends_well_after_its_time_has_still_run_out_of_it) {
    const auto host = make_host(nullptr);
    Command command = script("trap 'exit 0' TERM; while :; do sleep 0.01; done");
    command.timeout = Millis{300};
    EXPECT_TRUE(host->query(command).timed_out);
}

TEST(Attend, who_ignores_the_first_signal_is_killed_after_the_grace) {
    Bell bell;
    Ringer ringer(bell, SIGTERM);
    const auto host = make_host(&bell);
    Command command = script("trap '' TERM; : > " + ringer.file() + "; exec sleep 1000");
    command.grace = Millis{50};
    const Exit exit = host->query(command);
    EXPECT_TRUE(exit.interrupted);
    EXPECT_EQ(exit.signal, SIGKILL);
}

TEST(Attend, a_look_is_ended_by_sigterm) {
    Bell bell;
    Ringer ringer(bell, SIGINT);
    const auto host = make_host(&bell);
    const Exit exit = host->query(script("trap '' INT; : > " + ringer.file() + "; exec sleep 1000"));
    EXPECT_TRUE(exit.interrupted);
    EXPECT_EQ(exit.signal, SIGTERM);
}

TEST(Attend, a_change_is_ended_by_sigint) {
    Bell bell;
    Ringer ringer(bell, SIGTERM);
    const auto host = make_host(&bell);
    const Exit exit = host->run(script("trap '' TERM; : > " + ringer.file() + "; exec sleep 1000"));
    EXPECT_TRUE(exit.interrupted);
    EXPECT_EQ(exit.signal, SIGINT);
}

TEST(Attend, nothing_is_started_once_asked_to_stop) {
    const test::TemporaryFolder folder;
    Bell bell;
    bell.ring(SIGTERM);
    const auto host = make_host(&bell);
    const Exit exit = host->run(script(": > " + folder.path() + "/done"));
    EXPECT_TRUE(exit.interrupted);
    EXPECT_EQ(exit.code, 128 + SIGTERM);
    EXPECT_TRUE(host->list_folder(folder.path()).empty());
}

TEST(Attend, what_is_left_of_its_group_is_killed) {
    const auto host = make_host(nullptr);
    const Exit exit = host->query(script("sleep 1000 & echo $!"));
    EXPECT_EQ(exit.code, 0);
    const pid_t left = std::stoi(exit.out);
    EXPECT_TRUE(test::eventually([&] { return test::is_gone(left); }));
}

TEST(Attend, a_stranger_that_holds_the_output_is_not_waited_for) {
    const auto host = make_host(nullptr);
    Command command = script("echo before; setsid sleep 1000 & echo $!");
    command.timeout = Millis{60000};
    const auto start = std::chrono::steady_clock::now();
    const Exit exit = host->query(command);
    EXPECT_LT(std::chrono::steady_clock::now() - start, Millis{30000});
    EXPECT_EQ(exit.code, 0);
    EXPECT_FALSE(exit.timed_out);
    ASSERT_TRUE(exit.out.starts_with("before\n"));
    ::kill(std::stoi(exit.out.substr(7)), SIGKILL);
}

TEST(Attend, many_threads_start_many_children) {
    const auto host = make_host(nullptr);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; ++number) {
        threads.emplace_back([&, number] {
            for (int times = 0; times < 50; ++times) {
                Command command;
                command.program = "/bin/cat";
                command.input = std::to_string(number * 1000 + times) + std::string(5000, 'x');
                const Exit exit = host->query(command);
                if (!exit.ok() || exit.out != command.input) ++wrong;
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace flowlet::host
