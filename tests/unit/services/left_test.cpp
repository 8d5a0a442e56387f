#include <gtest/gtest.h>

#include "flowlet/services.h"

namespace flowlet::services {
namespace {

const std::string root = "/home/a/shop";

host::ProcessInfo person(int pid, std::uint64_t started, int session, std::string mark = "") {
    host::ProcessInfo info;
    info.id = {pid, started};
    info.parent = 1;
    info.session = session;
    info.mark = std::move(mark);
    return info;
}

host::ProcessInfo in_group(host::ProcessInfo info, std::string cgroup) {
    info.cgroup = std::move(cgroup);
    return info;
}

host::ProcessInfo child_of(host::ProcessInfo info, int parent) {
    info.parent = parent;
    return info;
}

/// A leader 500, started at 50.
Record record() {
    return {"boot-1", {400, 40}, {{"db", {500, 50}, Millis{10000}}}};
}

std::vector<int> left(const std::vector<host::ProcessInfo>& all, const std::optional<Record>& of = record(),
                      const std::string& boot = "boot-1", int self = 900) {
    std::vector<int> numbers;
    for (const host::ProcessInfo& process : find_left(all, mark_of(root), of, boot, self))
        numbers.push_back(process.id.pid);
    return numbers;
}

using Numbers = std::vector<int>;

TEST(Left, a_projects_mark_is_its_folders_and_a_services_begins_with_it) {
    EXPECT_EQ(mark_of(root).size(), 16U);
    EXPECT_EQ(mark_of(root), mark_of(root));
    EXPECT_NE(mark_of(root), mark_of(root + "2"));
    EXPECT_EQ(mark_of(root, "db"), mark_of(root) + "/db");
}

TEST(Left, whoever_has_the_mark_is_left_wherever_it_went) {
    EXPECT_EQ(left({person(501, 60, 501, mark_of(root, "db")), person(502, 60, 502)}), (Numbers{501}));
    EXPECT_EQ(left({person(501, 60, 501, mark_of(root, "db"))}, std::nullopt), (Numbers{501}));
}

TEST(Left, another_projects_mark_is_not_taken) {
    const std::string mark = mark_of(root);
    EXPECT_EQ(left({person(501, 60, 501, mark_of("/home/a/other", "db")), person(502, 60, 502, mark),
                    person(503, 60, 503, mark + "0/db"), person(504, 60, 504, "x" + mark + "/db")}),
              Numbers{});
}

TEST(Left, whoever_is_in_a_leaders_session_is_left) {
    EXPECT_EQ(left({person(500, 50, 500), person(501, 60, 500), person(502, 60, 502)}), (Numbers{500, 501}));
}

TEST(Left, whoever_is_in_the_session_of_a_leader_that_is_gone_is_left) {
    EXPECT_EQ(left({person(501, 60, 500)}), (Numbers{501}));
}

TEST(Left, a_number_that_another_took_is_not_its_session) {
    EXPECT_EQ(left({person(500, 70, 500), person(501, 80, 500)}), Numbers{});
}

TEST(Left, one_that_is_older_than_the_leader_is_not_of_its_session) {
    EXPECT_EQ(left({person(501, 49, 500)}), Numbers{});
}

TEST(Left, a_record_of_another_boot_says_nothing_but_marks_do) {
    EXPECT_EQ(left({person(500, 50, 500), person(501, 60, 501, mark_of(root, "db"))}, record(), "boot-2"),
              (Numbers{501}));
}

TEST(Left, whoever_is_in_the_group_of_a_service_is_left) {
    const std::string group = "/user.slice/flowletctl-" + mark_of(root) + ".db.3";
    EXPECT_EQ(left({in_group(person(501, 60, 501), group), in_group(person(502, 60, 502), group + "/worker"),
                    in_group(person(503, 60, 503), "/user.slice/flowletctl-0123456789abcdef.db.3"),
                    in_group(person(504, 60, 504), "/user.slice/flowletctl-" + mark_of(root))}),
              (Numbers{501, 502}));
}

TEST(Left, self_and_whom_it_descends_from_are_spared_though_they_have_the_mark) {
    const std::string mark = mark_of(root, "shell");
    EXPECT_EQ(left({child_of(person(700, 60, 700, mark), 1), child_of(person(800, 61, 700, mark), 700),
                    child_of(person(900, 62, 700, mark), 800), child_of(person(901, 63, 700, mark), 900),
                    child_of(person(801, 63, 700, mark), 700)}),
              (Numbers{901, 801}));
}

TEST(Left, a_loop_of_parents_ends) {
    EXPECT_EQ(left({child_of(person(900, 1, 900), 901), child_of(person(901, 1, 900), 900),
                    person(501, 60, 501, mark_of(root, "db"))}),
              (Numbers{501}));
}

}  // namespace
}  // namespace flowlet::services
