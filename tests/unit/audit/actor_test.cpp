#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "audit/process.h"
#include "audit/record.h"
#include "flowlet/audit.h"

namespace flowlet::audit {
namespace {

TEST(Actor, is_the_real_user_on_this_host) {
    ::setenv("SUDO_USER", "alice", 1);
    const Actor actor = current_actor({"audit", "show"}, "0.1.0");
    ::unsetenv("SUDO_USER");
    EXPECT_EQ(actor.uid, ::getuid());
    EXPECT_FALSE(actor.user.empty());
    EXPECT_FALSE(actor.host.empty());
    EXPECT_EQ(actor.boot.size(), 36U);
    EXPECT_EQ(actor.sudo_user, "alice");
    EXPECT_EQ(actor.version, "0.1.0");
    EXPECT_EQ(actor.args, (std::vector<std::string>{"audit", "show"}));
    EXPECT_EQ(current_actor({}, "").sudo_user, "");
}

TEST(Process, this_one_lives_and_one_that_ended_is_gone) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
    const auto from = [](pid_t pid, std::uint64_t start, const char* boot) {
        return Json{{"host", "h"}, {"boot", boot}, {"pid", static_cast<unsigned>(pid)}, {"start", start}};
    };
    const std::uint64_t start = process_start(::getpid());
    EXPECT_GT(start, 0U);
    EXPECT_FALSE(is_gone(from(::getpid(), start, "b"), "h", "b"));
    EXPECT_TRUE(is_gone(from(::getpid(), start + 1, "b"), "h", "b"));  // the number was given again
    EXPECT_TRUE(is_gone(from(child, start, "b"), "h", "b"));
    EXPECT_TRUE(is_gone(from(::getpid(), start, "a"), "h", "b"));
    EXPECT_FALSE(is_gone(from(child, start, "b"), "other", "b"));
    EXPECT_FALSE(is_gone(from(child, start, ""), "h", "b"));
    EXPECT_FALSE(is_gone(Json(), "h", "b"));
    EXPECT_FALSE(is_gone(Json{{"host", "h"}, {"boot", "b"}, {"pid", "x"}}, "h", "b"));
}

TEST(Process, the_boot_clock_does_not_go_back) {
    const std::uint64_t before = boot_clock();
    EXPECT_GE(boot_clock(), before);
}

TEST(Id, is_a_version_7_uuid_and_never_the_same) {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = make_id();
        ASSERT_EQ(id.size(), 36U);
        EXPECT_EQ(id[14], '7');
        EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
        ids.insert(id);
    }
    EXPECT_EQ(ids.size(), 1000U);
}

}  // namespace
}  // namespace flowlet::audit
