#include "host/spawn.h"

#include "flowlet/host.h"
#include "server.h"
#include "support.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace flowlet::host {
namespace {

using test::script;

std::string output_of(const Command& command) {
    const auto host = make_host(nullptr);
    const Exit exit = host->query(command);
    EXPECT_EQ(exit.code, 0) << exit.err;
    return exit.out;
}

std::string status_line(const std::string& name) {
    return output_of(script("while read -r key value; do [ \"$key\" = " + name +
                            ": ] && echo \"$value\"; done < /proc/self/status; true"));
}

TEST(Spawn, arguments_arrive_as_they_are) {
    Command command;
    command.program = "/usr/bin/printf";
    command.args = {"%s|", ";", "$(id)", "a b", "`x`", "*", "", "--", "\n", "\xc3\xa4"};
    EXPECT_EQ(output_of(command), ";|$(id)|a b|`x`|*||--|\n|\xc3\xa4|");
}

TEST(Spawn, no_descriptor_is_inherited) {
    const Descriptor leak(::open("/dev/null", O_RDONLY));
    const int high = ::fcntl(leak.get(), F_DUPFD, 57);
    Command command;
    command.program = "/bin/ls";
    command.args = {"/proc/self/fd"};
    EXPECT_EQ(output_of(command), "0\n1\n2\n3\n");  // 3 is the folder that ls reads
    ::close(high);
}

TEST(Spawn, the_child_leads_a_process_group_of_its_own) {
    const auto parts = split(output_of(script("echo $$; cat /proc/$$/stat")), '\n');
    const std::string after_name = parts.at(1).substr(parts.at(1).rfind(") ") + 2);
    EXPECT_EQ(split(after_name, ' ').at(2), parts.at(0));
    EXPECT_NE(parts.at(0), std::to_string(::getpgrp()));
}

TEST(Spawn, a_program_can_gain_no_rights_unless_it_is_meant_to) {
    Command command =
        script("while read -r key value; do [ \"$key\" = NoNewPrivs: ] && echo $value; done < /proc/self/status; true");
    EXPECT_EQ(output_of(command), "1\n");
    command.rights = Command::Rights::may_gain;
    EXPECT_EQ(output_of(command), "0\n");
}

TEST(Spawn, files_and_core_dumps_are_shut) {
    EXPECT_EQ(output_of(script("umask; ulimit -c")), "0077\n0\n");
}

TEST(Spawn, no_new_privileges_can_be_gained) {
    EXPECT_EQ(status_line("NoNewPrivs"), "1\n");
}

TEST(Spawn, no_signal_is_blocked_or_ignored) {
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1})
        sigaddset(&blocked, signal);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const auto old = std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(status_line("SigBlk"), "0000000000000000\n");
    EXPECT_EQ(status_line("SigIgn"), "0000000000000000\n");
    std::signal(SIGPIPE, old);
    sigset_t after;
    ::pthread_sigmask(SIG_SETMASK, &before, &after);
    EXPECT_EQ(sigismember(&after, SIGUSR1), 1);  // the caller's own mask is untouched
    EXPECT_EQ(sigismember(&after, SIGUSR2), 0);
}

TEST(Spawn, only_allowed_variables_and_its_own_are_seen) {
    ::setenv("FLOWLET_TEST_LEAK", "1", 1);
    ::setenv("BASH_ENV", "/tmp/x", 1);
    ::setenv("HELM_TEST", "kept", 1);
    ::setenv("PGHOST", "kept", 1);
    Command command;
    command.program = "/usr/bin/env";
    command.env = {{"OWN", "a=b"}, {"PGHOST", "replaced"}};
    const auto lines = split(output_of(command), '\n');
    for (const char* name : {"FLOWLET_TEST_LEAK", "BASH_ENV", "HELM_TEST", "PGHOST"})
        ::unsetenv(name);
    const auto has = [&](const std::string& line) { return std::count(lines.begin(), lines.end(), line); };
    EXPECT_EQ(has("FLOWLET_TEST_LEAK=1"), 0);
    EXPECT_EQ(has("BASH_ENV=/tmp/x"), 0);
    EXPECT_EQ(has("HELM_TEST=kept"), 1);
    EXPECT_EQ(has("OWN=a=b"), 1);
    EXPECT_EQ(has("PGHOST=replaced"), 1);
    EXPECT_EQ(has("PGHOST=kept"), 0);
}

TEST(Spawn, it_works_in_the_folder_it_is_given) {
    Command command = script("pwd");
    command.folder = "/usr";
    EXPECT_EQ(output_of(command), "/usr\n");
}

TEST(Spawn, standard_input_is_empty_without_input) {
    EXPECT_EQ(output_of(script("cat; echo end")), "end\n");
}

TEST(Spawn, one_mebibyte_of_input_comes_back_whole) {
    Command command;
    command.program = "/bin/cat";
    for (int number = 0; command.input.size() < (std::size_t{1} << 20U); ++number) {
        command.input += std::to_string(number) + '\n';
    }
    EXPECT_EQ(output_of(command), command.input);
}

TEST(Spawn, input_that_is_not_read_harms_nobody) {
    Command command = script("exit 0");
    command.input.assign(std::size_t{1} << 20U, 'x');
    EXPECT_EQ(output_of(command), "");
}

TEST(Spawn, a_file_that_may_not_be_executed_is_a_missing_tool) {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() + "/tool";
    std::ofstream(path) << "#!/bin/sh\n";
    Command command;
    command.program = path;
    const auto host = make_host(nullptr);
    try {
        host->query(command);
        FAIL() << "started";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::tool_missing);
        EXPECT_EQ(std::string(error.what()), "cannot start " + path + ": Permission denied");
        EXPECT_FALSE(error.hint().empty());
    }
}

TEST(Spawn, a_program_that_is_not_there_is_a_missing_tool) {
    const auto host = make_host(nullptr);
    Command command;
    command.program = "/nowhere/helm";
    EXPECT_EQ(test::kind_of([&] { host->run(command); }), Kind::tool_missing);
}

TEST(Spawn, a_folder_that_is_not_there_is_named) {
    const auto host = make_host(nullptr);
    Command command = script("true");
    command.folder = "/nowhere";
    try {
        host->query(command);
        FAIL() << "started";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("cannot enter /nowhere: No such file or directory"),
                  std::string::npos);
    }
}

TEST(Spawn, a_relative_program_is_a_bug) {
    const auto host = make_host(nullptr);
    Command command;
    command.program = "helm";
    EXPECT_EQ(test::kind_of([&] { host->query(command); }), Kind::bug);
}

TEST(Spawn, a_failed_start_leaves_no_descriptor_open) {
    const auto host = make_host(nullptr);
    Command command;
    command.program = "/nowhere/helm";
    const auto count = [&] { return host->list_folder("/proc/self/fd").size(); };
    const auto before = count();
    for (int times = 0; times < 20; ++times)
        test::kind_of([&] { host->query(command); });
    for (int times = 0; times < 20; ++times)
        host->query(script("true"));
    EXPECT_EQ(count(), before);
}

TEST(Spawn, it_works_with_standard_descriptors_closed) {
    EXPECT_EQ(test::in_own_process([] {
                  for (const int number : {0, 1, 2})
                      ::close(number);
                  const auto host = make_host(nullptr);
                  Command command = script("cat; echo err >&2");
                  command.input = "in";
                  const Exit exit = host->query(command);
                  return exit.out == "in" && exit.err == "err\n";
              }),
              0);
}

TEST(Spawn, the_child_of_a_killed_process_ends) {
    const test::TemporaryFolder folder;
    const pid_t parent = ::fork();
    if (parent == 0) {
        const auto host = make_host(nullptr);
        host->query(script("echo $$ > " + folder.path() + "/part; mv " + folder.path() + "/part " + folder.path() +
                           "/pid; exec sleep 1000"));
        ::_exit(0);
    }
    pid_t child = 0;
    ASSERT_TRUE(test::eventually([&] { return static_cast<bool>(std::ifstream(folder.path() + "/pid") >> child); }));
    EXPECT_FALSE(test::is_gone(child));
    ::kill(parent, SIGKILL);
    EXPECT_TRUE(test::eventually([&] { return test::is_gone(child); }));
}

}  // namespace
}  // namespace flowlet::host
