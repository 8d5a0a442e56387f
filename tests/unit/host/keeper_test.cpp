#include "flowlet/host/keeper.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "host/socket_path.h"
#include "server.h"
#include "support.h"

namespace flowlet::host {
namespace {

/// A household that notes what it is told, and is done when its test says so.
struct Script : Household {
    std::function<void()> at_begin = [] {};
    std::function<bool()> done = [] { return true; };
    std::function<void(const Call&)> called = [](const Call&) {};
    std::function<void(int)> looked = [](int) {};

    Keeper* keeper = nullptr;
    std::string said;
    std::vector<std::string> pieces;
    std::vector<std::string> events;
    Ending ending;
    std::string look;
    bool too_late = false;
    Time deadline{};

    void begin(Keeper& of, Time now) override {
        keeper = &of;
        deadline = now + Millis{20000};
        at_begin();
    }
    void on_said(int /*number*/, std::string_view lines, Time /*now*/) override {
        said += lines;
        pieces.emplace_back(lines);
    }
    void on_ended(int number, const Ending& how, Time /*now*/) override {
        events.push_back("ended " + std::to_string(number));
        ending = how;
    }
    void on_emptied(int number, Time /*now*/) override { events.push_back("emptied " + std::to_string(number)); }
    void on_looked(int number, const std::string& why, Time /*now*/) override {
        events.push_back("looked " + std::to_string(number));
        look = why;
        looked(number);
    }
    void on_call(const Call& call, Time /*now*/) override {
        events.push_back(call.method + " " + call.path);
        called(call);
    }
    void on_left(int /*caller*/) override { events.emplace_back("left"); }
    void on_signal(int signal, Time /*now*/) override { events.push_back("signal " + std::to_string(signal)); }
    std::optional<Time> next(Time now) override {
        if (done()) return std::nullopt;
        too_late = now >= deadline;
        return too_late ? std::nullopt : std::optional(deadline);
    }

    [[nodiscard]] bool has(const std::string& event) const {
        return std::find(events.begin(), events.end(), event) != events.end();
    }
};

Launch python(const std::string& text, Launch::Output output = Launch::Output::pipe) {
    Launch launch;
    launch.command.program = "/usr/bin/python3";
    launch.command.args = {"-I", "-S", "-c", text};
    launch.mark = "keeper-test/" + std::to_string(::getpid());
    launch.output = output;
    return launch;
}

Launch sleeper() {
    Launch launch = python("");
    launch.command.program = "/bin/sleep";
    launch.command.args = {"60"};
    return launch;
}

/// Leaves its session, forks twice and says its number once it is on its own.
std::string daemon_that(const std::string& then) {
    return "import os, time\n"
           "if os.fork(): os._exit(0)\n"
           "os.setsid()\n"
           "if os.fork(): os._exit(0)\n"
           "while os.getppid() != " +
           std::to_string(::getpid()) + ": time.sleep(0.001)\nos.write(1, b'%d\\n' % os.getpid())\n" + then;
}

bool is_taken_off(int pid) {
    return ::kill(pid, 0) != 0 && errno == ESRCH;
}

/// As in the program: a keeper waits for SIGCHLD, so it is blocked.
class KeeperTest : public ::testing::Test {
protected:
    KeeperTest() {
        sigset_t blocked;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGCHLD);
        ::pthread_sigmask(SIG_BLOCK, &blocked, &before_);
    }
    ~KeeperTest() override { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    void keep() {
        host->keep(folder.path(), script);
        EXPECT_FALSE(script.too_late) << "what was waited for did not happen; it said: " << script.said;
    }
    /// Keeps that one until nobody of it is left.
    void keep(const Launch& launch) {
        script.at_begin = [this, launch] { script.keeper->start(launch); };
        script.done = [this] { return script.has("emptied 1"); };
        keep();
    }
    [[nodiscard]] std::string control() const { return folder.path() + "/control"; }

    test::TemporaryFolder folder;
    std::unique_ptr<Host> host = make_host(nullptr);
    Script script;

private:
    sigset_t before_ = {};
};

// ---- what it says --------------------------------------------------------------------------------------------------

TEST_F(KeeperTest, output_is_a_terminal) {
    keep(python("import os; print([os.isatty(n) for n in (0, 1, 2)], os.get_terminal_size(1).columns)",
                Launch::Output::terminal));
    EXPECT_EQ(script.said, "[False, True, True] 120\n");
}

TEST_F(KeeperTest, output_is_a_pipe) {
    keep(python("import os, sys; print(os.isatty(1)); print('error', file=sys.stderr)"));
    EXPECT_NE(script.said.find("False\n"), std::string::npos);
    EXPECT_NE(script.said.find("error\n"), std::string::npos);
}

TEST_F(KeeperTest, a_last_line_without_a_newline_gets_one) {
    for (const auto output : {Launch::Output::terminal, Launch::Output::pipe}) {
        script = {};
        keep(python("import os; os.write(1, b'one\\r\\ntwo')", output));
        EXPECT_EQ(script.said, "one\ntwo\n");
    }
}

TEST_F(KeeperTest, a_line_of_more_than_64_kib_comes_in_pieces) {
    keep(python("import os\nos.write(1, b'x' * 300000)\nos.write(1, b'\\nend\\n')"));
    EXPECT_EQ(std::count(script.said.begin(), script.said.end(), 'x'), 300000);
    EXPECT_TRUE(script.said.ends_with("x\nend\n"));
    const std::vector<std::string> lines = split(script.said, '\n');
    EXPECT_GE(lines.size(), 5U);
    for (const std::string& line : lines)
        EXPECT_LE(line.size(), std::size_t{128} << 10U);
    for (const std::string& piece : script.pieces)
        EXPECT_TRUE(piece.ends_with('\n'));
}

TEST_F(KeeperTest, all_it_wrote_is_told_before_its_end) {
    script.at_begin = [&] { script.keeper->start(python("import os; os.write(1, b'a\\n' * 50000)")); };
    std::size_t at_end = 0;
    script.done = [&] {
        if (script.has("ended 1") && at_end == 0) at_end = script.said.size();
        return script.has("emptied 1");
    };
    keep();
    EXPECT_EQ(at_end, 100000U);
}

// ---- how it ends ---------------------------------------------------------------------------------------------------

TEST_F(KeeperTest, its_status_or_its_signal_is_told) {
    keep(python("import os; os._exit(3)"));
    EXPECT_EQ(std::pair(script.ending.code, script.ending.signal), (std::pair{3, 0}));
    script = {};
    keep(python("import os; os.kill(os.getpid(), 15)"));
    EXPECT_EQ(std::pair(script.ending.code, script.ending.signal), (std::pair{143, SIGTERM}));
}

TEST_F(KeeperTest, a_program_that_is_not_there_is_a_missing_tool) {
    Kind kind = Kind::ok;
    script.at_begin = [&] {
        Launch launch = sleeper();
        launch.command.program = "/nowhere/at-all";
        kind = test::kind_of([&] { script.keeper->start(launch); });
    };
    keep();
    EXPECT_EQ(kind, Kind::tool_missing);
}

TEST_F(KeeperTest, the_leaders_end_is_told_before_nobody_is_left) {
    script.at_begin = [&] {
        script.keeper->start(python("import os, time\nif os.fork() == 0: time.sleep(60)\nos._exit(0)"));
    };
    std::size_t left = 0;
    script.done = [&] {
        if (script.has("ended 1") && left == 0) {
            left = script.keeper->members(1).size();
            EXPECT_FALSE(script.has("emptied 1"));
            script.keeper->signal(1, SIGTERM);
        }
        return script.has("emptied 1");
    };
    keep();
    EXPECT_EQ(left, 1U);
    EXPECT_EQ(script.events, (std::vector<std::string>{"ended 1", "emptied 1"}));
}

TEST_F(KeeperTest, one_that_leaves_its_session_and_forks_twice_belongs_to_it_and_is_ended) {
    script.at_begin = [&] { script.keeper->start(python(daemon_that("time.sleep(60)"))); };
    bool signalled = false;
    int pid = 0;
    script.done = [&] {
        if (!script.said.empty() && script.has("ended 1") && !signalled) {
            pid = std::stoi(script.said);
            const std::vector<ProcessInfo> members = script.keeper->members(1);
            EXPECT_EQ(members.size(), 1U);
            EXPECT_EQ(members.empty() ? 0 : members.front().id.pid, pid);
            EXPECT_NE(members.empty() ? 0 : members.front().session, 0);
            EXPECT_TRUE(script.keeper->strays().empty());
            script.keeper->signal(1, SIGKILL);
            signalled = true;
        }
        return script.has("emptied 1");
    };
    keep();
    ASSERT_GT(pid, 0);
    EXPECT_TRUE(test::is_gone(pid));
}

TEST_F(KeeperTest, an_orphan_is_taken_off) {
    script.at_begin = [&] { script.keeper->start(python(daemon_that("os._exit(0)"))); };
    script.done = [&] {
        return script.has("emptied 1") && !script.said.empty() && is_taken_off(std::stoi(script.said));
    };
    keep();
}

TEST_F(KeeperTest, whoever_is_there_in_the_end_is_killed) {
    Process leader;
    script.at_begin = [&] { leader = script.keeper->leader(script.keeper->start(sleeper())); };
    keep();
    ASSERT_GT(leader.pid, 0);
    EXPECT_TRUE(test::eventually([&] { return test::is_gone(leader.pid); }));
    int status = 0;
    ::waitpid(leader.pid, &status, 0);
    EXPECT_EQ(WTERMSIG(status), SIGKILL);
}

TEST_F(KeeperTest, a_signal_to_a_number_that_was_another_process_does_nothing) {
    Process leader;
    script.at_begin = [&] {
        leader = script.keeper->leader(script.keeper->start(sleeper()));
        script.keeper->signal(Process{leader.pid, leader.started + 1}, SIGKILL);
        EXPECT_FALSE(host->signal(Process{leader.pid, leader.started - 1}, SIGKILL));
        EXPECT_EQ(script.keeper->members(1).size(), 1U);
        EXPECT_TRUE(host->signal(leader, SIGTERM));
    };
    script.done = [&] { return script.has("emptied 1"); };
    keep();
    EXPECT_EQ(script.ending.signal, SIGTERM);
    EXPECT_FALSE(host->signal(leader, SIGTERM));
}

TEST_F(KeeperTest, the_owner_of_a_port_is_named) {
    script.at_begin = [&] {
        script.keeper->start(
            python("import socket, time\ns = socket.create_server(('127.0.0.1', 0))\n"
                   "print(s.getsockname()[1], flush=True)\ntime.sleep(60)"));
    };
    std::vector<Listener> found;
    script.done = [&] {
        if (script.said.empty()) return false;
        const int port = std::stoi(script.said);
        found = host->listeners(std::span(&port, 1));
        EXPECT_EQ(found.empty() ? 0 : found.front().port, port);
        EXPECT_TRUE(!found.empty() && found.front().owner && found.front().owner->id == script.keeper->leader(1));
        return true;
    };
    keep();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().address, "127.0.0.1");
}

// ---- looks, notes, signals -----------------------------------------------------------------------------------------

TEST_F(KeeperTest, what_a_look_returns_or_throws_is_told) {
    script.at_begin = [&] { script.keeper->look(7, [] { return std::string("not yet"); }); };
    script.done = [&] { return script.has("looked 7"); };
    keep();
    EXPECT_EQ(script.look, "not yet");
    script.events.clear();
    script.at_begin = [&] {
        script.keeper->look(7, []() -> std::string { throw Error(Kind::tool_missing, "cannot start x"); });
    };
    keep();
    EXPECT_EQ(script.look, "cannot start x");
}

TEST_F(KeeperTest, a_signal_that_came_is_told) {
    test::Bell bell;
    const auto with_bell = make_host(&bell);
    script.at_begin = [&] { bell.ring(SIGINT); };
    script.done = [&] { return script.has("signal " + std::to_string(SIGINT)); };
    with_bell->keep(folder.path(), script);
    EXPECT_FALSE(script.too_late);
}

TEST_F(KeeperTest, a_second_keeper_of_the_folder_is_a_conflict) {
    Kind kind = Kind::ok;
    script.at_begin = [&] {
        Script second;
        kind = test::kind_of([&] { make_host(nullptr)->keep(folder.path(), second); });
        EXPECT_TRUE(connect_to(SocketPath(control())).open()) << "the first one's socket stays";
    };
    keep();
    EXPECT_EQ(kind, Kind::conflict);
    keep();  // it is free again
}

// ---- who asks ------------------------------------------------------------------------------------------------------

/// All that comes back for these pieces of a request.
std::string ask(const std::string& socket, const std::vector<std::string>& pieces) {
    const Descriptor line = connect_to(SocketPath(socket));
    for (const std::string& piece : pieces)
        ::send(line.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    std::string answer;
    std::array<char, 4096> bytes = {};
    for (ssize_t got = 1; got > 0;) {
        got = ::recv(line.get(), bytes.data(), bytes.size(), 0);
        if (got > 0) answer.append(bytes.data(), static_cast<std::size_t>(got));
    }
    return answer;
}

TEST_F(KeeperTest, a_caller_is_answered_in_pieces_and_the_socket_goes_in_the_end) {
    struct stat info = {};
    std::string answer;
    std::thread caller;
    int number = 0;
    script.at_begin = [&] {
        ASSERT_EQ(::stat(control().c_str(), &info), 0);
        script.keeper->note("state.json", "{}");
        caller = std::thread([&] { answer = ask(control(), {"GET /status?x HT", "TP/1.1\r\nHost: x\r", "\n\r\n"}); });
    };
    script.called = [&](const Call& call) {
        number = call.caller;
        script.keeper->answer(number, 200, "one\n", Keeper::More::more);
        script.keeper->look(1, [] { return std::string(); });
    };
    script.looked = [&](int) { script.keeper->answer(number, 500, "two\n", Keeper::More::last); };
    script.done = [&] { return script.has("left"); };
    keep();
    caller.join();
    EXPECT_EQ(script.events, (std::vector<std::string>{"GET /status?x", "looked 1", "left"}));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\n4\r\none\n\r\n4\r\ntwo\n\r\n0\r\n\r\n")) << answer;
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
    EXPECT_NE(::access(control().c_str(), F_OK), 0);
    EXPECT_EQ(::access((folder.path() + "/state.json").c_str(), F_OK), 0);
}

TEST_F(KeeperTest, one_who_hangs_up_is_told_of_and_forgotten) {
    script.at_begin = [&] { connect_to(SocketPath(control())); };
    script.done = [&] { return script.has("left"); };
    keep();
    EXPECT_EQ(script.events, (std::vector<std::string>{"left"}));
}

}  // namespace
}  // namespace flowlet::host
