#include <gtest/gtest.h>

#include "flowlet/services.h"

namespace flowlet::services {
namespace {

const Time noon{std::chrono::microseconds{1787393730123456}};

Snapshot full() {
    Status db;
    db.service = "db";
    db.state = State::ready;
    db.pid = 4711;
    db.since = noon;
    db.took = Millis{1234};
    db.restarts = 2;
    Status web;
    web.service = "web";
    web.state = State::waiting;
    web.since = noon;
    web.why = "ended with status 1";
    web.waits_for = {"db", "cache"};
    return {"shop", {4000, 987654321012ULL}, noon, {db, web}, "asked to stop", "web", {"one", "two \xc3\xa4"}};
}

Record record() {
    return {"boot-1", {4000, 99}, {{"db", {4711, 123456789012ULL}, Millis{5000}}, {"web", {4712, 0}, Millis{0}}}};
}

TEST(Snapshot, it_reads_back_the_same) {
    EXPECT_EQ(parse_snapshot(render_snapshot(full())), full());
    Snapshot least;
    least.project = "x";
    EXPECT_EQ(parse_snapshot(render_snapshot(least)), least);
}

TEST(Snapshot, it_is_one_line_whatever_was_said) {
    Snapshot snapshot = full();
    snapshot.words = {"a\nb"};
    snapshot.services[1].why = "it said\x1b[31m\nno";
    snapshot.ending = "web: it said\n\xff";
    const std::string line = render_snapshot(snapshot);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto again = parse_snapshot(line);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->services[1].why.find('\x1b'), std::string::npos);
}

TEST(Snapshot, each_state_reads_back) {
    for (const State state :
         {State::idle, State::waiting, State::starting, State::ready, State::stopping, State::stopped, State::failed}) {
        Snapshot snapshot = full();
        snapshot.services[0].state = state;
        EXPECT_EQ(parse_snapshot(render_snapshot(snapshot)), snapshot);
    }
}

TEST(Snapshot, what_is_cut_short_is_nothing) {
    const std::string text = render_snapshot(full());
    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_FALSE(parse_snapshot(text.substr(0, length))) << length;
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(Snapshot, garbage_is_nothing) {
    const std::string text = render_snapshot(full());
    for (const std::string& bad :
         {std::string("null"), std::string("[]"), std::string("{}"), std::string("\"x\""), std::string("\xff"),
          text + "x", with(text, "\"ready\"", "\"merry\""), with(text, "\"ready\"", "3"),
          with(text, "4711", "\"4711\""), with(text, "\"project\"", "\"projekt\""), with(text, "\"shop\"", "null"),
          with(text, "2026-", "2026"), with(text, "[\"one\"", "[1"), with(text, "\"asked to stop\"", "7")})
        EXPECT_FALSE(parse_snapshot(bad)) << bad;
}

TEST(Record, it_reads_back_the_same) {
    EXPECT_EQ(parse_record(render_record(record())), record());
    EXPECT_EQ(parse_record(render_record(Record{})), Record{});
}

TEST(Record, what_is_cut_short_is_nothing) {
    const std::string text = render_record(record());
    ASSERT_TRUE(text.ends_with("}\n"));
    for (std::size_t length = 0; length < text.size() - 1; ++length)
        EXPECT_FALSE(parse_record(text.substr(0, length))) << length;
}

TEST(Record, garbage_is_nothing) {
    const std::string text = render_record(record());
    for (const std::string& bad :
         {std::string("[1]"), std::string("{}"), std::string(5000, '['), with(text, "4711", "null"),
          with(text, "\"boot-1\"", "1"), with(text, "\"grace_ms\"", "\"grace\""), with(text, "5000", "\"5000\""),
          with(text, "5000", "1e300"), with(text, "4711", "99999999999"), with(text, "4711", "1.5"),
          with(text, "4711", "true"), with(text, "99", "-1")})
        EXPECT_FALSE(parse_record(bad)) << bad;
}

TEST(Stamped, a_line_is_cut_into_its_time_and_its_text) {
    const auto line = parse_stamped("2026-11-22T05:40:01.123456Z  two blanks ");
    ASSERT_TRUE(line);
    EXPECT_EQ(render_time(line->at), "2026-11-22T05:40:01.123456Z");
    EXPECT_EQ(line->text, " two blanks ");
    const auto empty = parse_stamped("2026-11-22T05:40:01.123456Z ");
    ASSERT_TRUE(empty);
    EXPECT_EQ(empty->text, "");
}

TEST(Stamped, a_line_without_a_time_before_a_blank_is_none) {
    for (const char* const line : {"", " ", "2026-11-22T05:40:01.123456Z", "yesterday it rained",
                                   "2026-13-22T05:40:01.123456Z x", "\t2026-11-22T05:40:01.123456Z x"})
        EXPECT_FALSE(parse_stamped(line)) << line;
}

TEST(Stamped, each_line_gets_the_prefix_and_nothing_else_changes) {
    EXPECT_EQ(prefix_lines("p ", "a\n\nb\r\n"), "p a\np \np b\r\n");
    EXPECT_EQ(prefix_lines("p ", "without an end"), "p without an end");
    EXPECT_EQ(prefix_lines("p ", ""), "");
    EXPECT_EQ(prefix_lines("", "a\nb\n"), "a\nb\n");
}

TEST(Stamped, what_was_stamped_reads_back) {
    const std::string lines = prefix_lines(render_time(noon) + " ", "a b\n\n\xff\n");
    for (const auto& [number, text] :
         std::vector<std::pair<std::size_t, std::string>>{{0, "a b"}, {1, ""}, {2, "\xff"}}) {
        const std::string line = split(lines, '\n').at(number);
        const auto stamped = parse_stamped(line);
        ASSERT_TRUE(stamped);
        EXPECT_EQ(stamped->at, noon);
        EXPECT_EQ(stamped->text, text);
    }
}

TEST(Record, one_of_an_earlier_version_is_understood) {
    const auto record = parse_record(
        R"({"boot": "b", "supervisor": {"pid": 1, "started": 1}, "started": [{"service": "web", "leader": {"pid": 2, "started": 3}, "grace_ms": 4}]})");
    ASSERT_TRUE(record);
    EXPECT_FALSE(record->started.front().elsewhere);
}

}  // namespace
}  // namespace flowlet::services
