#include "host/relay.h"

#include "flowlet/host.h"
#include "server.h"
#include "support.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

namespace flowlet::host {
namespace {

using test::relay_program;
using test::script;

constexpr Millis long_enough{30000};

std::string answer_of(Host& host, const Endpoint& endpoint) {
    return host.send(endpoint, {.method = "GET", .path = "/", .body = {}, .content_type = {}}, long_enough).body;
}

TEST(Relay, it_answers_as_soon_as_it_is_there) {
    const auto host = make_host(nullptr);
    EXPECT_EQ(answer_of(*host, host->relay(relay_program(), long_enough)), "hello");
}

TEST(Relay, the_same_command_is_started_once) {
    const auto host = make_host(nullptr);
    std::vector<std::string> sockets(4);
    std::vector<std::thread> threads;
    for (auto& socket : sockets) {
        threads.emplace_back([&] { socket = host->relay(relay_program(), long_enough).socket; });
    }
    for (auto& thread : threads)
        thread.join();
    for (const auto& socket : sockets)
        EXPECT_EQ(socket, sockets.front());
    Command other = relay_program();
    other.args.emplace_back("--other");
    EXPECT_NE(host->relay(other, long_enough).socket, sockets.front());
}

TEST(Relay, one_started_from_a_thread_that_ended_still_answers) {
    const auto host = make_host(nullptr);
    Endpoint endpoint;
    std::thread([&] { endpoint = host->relay(relay_program(), long_enough); }).join();
    EXPECT_EQ(answer_of(*host, endpoint), "hello");
    EXPECT_EQ(answer_of(*host, endpoint), "hello");
}

TEST(Relay, its_folder_is_private_and_goes_with_it) {
    auto host = make_host(nullptr);
    const std::string socket = host->relay(relay_program(), long_enough).socket;
    const std::string folder = socket.substr(0, socket.rfind('/'));
    EXPECT_EQ(host->file_info(folder).mode, 0700U);
    host.reset();
    EXPECT_EQ(make_host(nullptr)->file_info(folder).type, FileType::none);
}

TEST(Relay, the_runtime_folder_is_used_when_it_is_private) {
    const test::TemporaryFolder folder;
    ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
    EXPECT_TRUE(make_host(nullptr)->relay(relay_program(), long_enough).socket.starts_with(folder.path() + '/'));
    ::chmod(folder.path().c_str(), 0755);
    EXPECT_FALSE(make_host(nullptr)->relay(relay_program(), long_enough).socket.starts_with(folder.path() + '/'));
    ::unsetenv("XDG_RUNTIME_DIR");
}

TEST(Relay, one_that_dies_is_noticed_with_its_last_words) {
    const auto host = make_host(nullptr);
    try {
        host->relay(script("echo 'no such context: prod' >&2; exit 1"), std::chrono::hours(1));
        FAIL() << "came up";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::precondition);
        EXPECT_NE(std::string(error.what()).find("no such context: prod"), std::string::npos) << error.what();
    }
}

TEST(Relay, one_that_does_not_come_up_is_ended) {
    const test::TemporaryFolder folder;
    const auto host = make_host(nullptr);
    const std::string pid_file = folder.path() + "/pid";
    Command command;
    command.program = "/bin/sleep";
    command.args = {"1000"};
    try {
        host->relay(command, Millis{100});
        FAIL() << "came up";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::precondition);
        EXPECT_NE(std::string(error.what()).find("100ms"), std::string::npos) << error.what();
    }
}

TEST(Relay, one_that_cannot_be_started_is_a_missing_tool) {
    const auto host = make_host(nullptr);
    Command command;
    command.program = "/nowhere/kubectl";
    EXPECT_EQ(test::kind_of([&] { host->relay(command, long_enough); }), Kind::tool_missing);
}

TEST(Relay, one_that_ended_is_started_anew) {
    const auto host = make_host(nullptr);
    const Endpoint first = host->relay(relay_program(), long_enough);
    const test::TemporaryFolder folder;
    for (const auto& name : host->list_folder("/proc")) {
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream file("/proc/" + name + "/cmdline");
        const std::string line((std::istreambuf_iterator<char>(file)), {});
        if (line.find(first.socket) != std::string::npos) ::kill(std::stoi(name), SIGKILL);
    }
    ASSERT_TRUE(test::eventually([&] { return host->relay(relay_program(), long_enough).socket != first.socket; }));
    EXPECT_EQ(answer_of(*host, host->relay(relay_program(), long_enough)), "hello");
}

TEST(Relay, waiting_for_it_ends_with_an_interrupt) {
    test::Bell bell;
    const auto host = make_host(&bell);
    std::thread ringer([&] { bell.ring(SIGINT); });
    Command command;
    command.program = "/bin/sleep";
    command.args = {"1000"};
    EXPECT_EQ(test::kind_of([&] { host->relay(command, std::chrono::hours(1)); }), Kind::interrupted);
    ringer.join();
}

TEST(Relay, it_dies_with_a_killed_process) {
    const test::TemporaryFolder folder;
    ::setenv("XDG_RUNTIME_DIR", folder.path().c_str(), 1);
    const std::string told = folder.path() + "/told";
    const pid_t parent = ::fork();
    if (parent == 0) {
        const auto host = make_host(nullptr);
        std::thread([&] { host->write_file(told, host->relay(relay_program(), long_enough).socket, 0600); }).join();
        host->sleep(std::chrono::hours(1));
        ::_exit(0);
    }
    ::unsetenv("XDG_RUNTIME_DIR");
    const auto host = make_host(nullptr);
    ASSERT_TRUE(test::eventually([&] { return host->file_info(told).type == FileType::regular; }));
    const Endpoint endpoint{host->read_file(told)};
    EXPECT_EQ(answer_of(*host, endpoint), "hello");
    ::kill(parent, SIGKILL);
    EXPECT_TRUE(test::eventually([&] { return answer_of(*host, endpoint) != "hello"; }));
}

}  // namespace
}  // namespace flowlet::host
