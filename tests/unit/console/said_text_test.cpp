#include <gtest/gtest.h>

#include <sstream>

#include "flowlet/console.h"

namespace flowlet::console {
namespace {

Look colored() {
    Look look;
    look.color = true;
    return look;
}

/// What becomes of a line, without the prefix and the end.
std::string plain(const std::string& line) {
    const std::string text = render(plan::Said{"db", line}, Look{});
    const std::string prefix = "db         | ";
    EXPECT_TRUE(text.starts_with(prefix) && text.ends_with('\n')) << text;
    return text.substr(prefix.size(), text.size() - prefix.size() - 1);
}

std::string in_color(const std::string& line) {
    const std::string text = render(plan::Said{"db", line}, colored());
    const std::size_t end = text.find("| \x1b[0m");
    EXPECT_NE(end, std::string::npos) << text;
    return text.substr(end + 6, text.size() - end - 7);
}

TEST(Said, names_are_padded_to_one_width) {
    EXPECT_EQ(render(plan::Said{"db", "up"}, Look{}), "db         | up\n");
    EXPECT_EQ(render(plan::Said{"scheduler1", "up"}, Look{}), "scheduler1 | up\n");
    EXPECT_EQ(render(plan::Said{"a-very-long-name", "up"}, Look{}), "a-very-long-name | up\n");
}

TEST(Said, a_name_has_one_color_in_every_run_and_none_where_there_are_none) {
    const std::string once = render(plan::Said{"db", "up"}, colored());
    EXPECT_TRUE(once.starts_with("\x1b[")) << once;
    EXPECT_EQ(once, render(plan::Said{"db", "up"}, colored()));
    EXPECT_EQ(render(plan::Said{"db", "up"}, Look{}).find('\x1b'), std::string::npos);
}

TEST(Said, colors_of_a_line_are_kept_where_they_are_allowed_and_end_with_it) {
    EXPECT_EQ(in_color("a \x1b[31mred"), "a \x1b[31mred\x1b[0m");
    EXPECT_EQ(in_color("\x1b[1;38:5:9mx\x1b[m"), "\x1b[1;38:5:9mx\x1b[m\x1b[0m");
    EXPECT_EQ(in_color("no color"), "no color");
}

TEST(Said, colors_of_a_line_are_dropped_where_they_are_not_allowed) {
    EXPECT_EQ(plain("a \x1b[31mred\x1b[0m b\x1b[m"), "a red b");
}

TEST(Said, every_other_escape_is_dropped_and_its_text_stays) {
    for (const std::string escape : {"\x1b[2J", "\x1b[H", "\x1b[?25l", "\x1b[10;20H", "\x1b[>4;2m", "\x1b[!p",
                                     "\x1b[1 q", "\x1b[#p", "\x1b]0;title\a", "\x1b]8;;http://x\x1b\\",
                                     "\x1b"
                                     "7",
                                     "\x1b(B", "\x1b#8", "\x1b%G", "\x1b=",
                                     "\x1b"
                                     "c"}) {
        EXPECT_EQ(plain("a" + escape + "b"), "ab") << escape.substr(1);
        EXPECT_EQ(in_color("a" + escape + "b"), "ab") << escape.substr(1);
    }
}

TEST(Said, an_escape_that_is_cut_short_takes_the_rest_of_its_line_at_most) {
    for (const std::string cut : {"\x1b", "\x1b[", "\x1b[31", "\x1b]0;title", "\x1b(", "\x1b[?"})
        EXPECT_EQ(plain("a" + cut), "a") << cut.substr(1);
}

TEST(Said, an_escape_within_an_escape_does_not_survive) {
    for (const std::string line :
         {"\x1b[\x1b[2J", "\x1b\x1b[2J", "\x1b]0;x\x1b[2J", "\x1b[3\x1b]0;x\a", "\x1b(\x1b[2J"}) {
        const std::string left = plain(line);
        EXPECT_EQ(left.find('\x1b'), std::string::npos) << left;
        EXPECT_EQ(left.find("2J"), std::string::npos) << left;
    }
}

TEST(Said, other_controls_are_dropped_but_for_the_tab) {
    EXPECT_EQ(plain("a\rb\bc\ad\x0e\x7f\te"), "abcd\te");
    EXPECT_EQ(plain(std::string("a\0b", 3)), "ab");
}

TEST(Said, c1_controls_in_utf8_are_dropped) {
    EXPECT_EQ(plain("a\xc2\x9b"
                    "2Jb")
                  .find("\xc2\x9b"),
              std::string::npos);
    EXPECT_EQ(plain("a\xc2\x85"
                    "b")
                  .find("\xc2\x85"),
              std::string::npos);
    EXPECT_EQ(plain("a\xc2\x9f"
                    "b")
                  .find('\xc2'),
              std::string::npos);
}

TEST(Said, other_utf8_stays_as_it_is) {
    const std::string text = "\xc3\xa4 \xc2\xa0 \xc2\xbf \xe2\x82\xac \xf0\x9f\x90\x98";
    EXPECT_EQ(plain(text), text);
    EXPECT_EQ(in_color(text), text);
}

TEST(Said, no_character_is_cut_by_a_broken_escape) {
    EXPECT_EQ(plain("\x1b[3\xc3\xa4"), "\xc3\xa4");
    EXPECT_EQ(plain("\x1b\xe2\x82\xac"), "\xe2\x82\xac");
    EXPECT_EQ(plain("\x1b[\xc2\xbf"), "\xc2\xbf");
}

// ---- while it runs -------------------------------------------------------------------------------------------------

TEST(Output, each_line_of_a_step_has_the_name_of_its_service) {
    std::ostringstream out;
    const auto output = make_output(out, Look{});
    plan::Plan plan;
    plan::Keep keep;
    keep.service = "web";
    plan.steps.push_back({"keep/web", "keep web", keep, {}, {}});
    output->begin(plan, Time{});
    run::StepReport step;
    step.id = "keep/web";
    output->step_said(step, "one\n\n\x1b[2Jtwo\n");
    EXPECT_EQ(out.str(), "web        | one\nweb        | \nweb        | two\n");
}

}  // namespace
}  // namespace flowlet::console
