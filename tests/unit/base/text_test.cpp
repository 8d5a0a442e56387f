#include <gtest/gtest.h>

#include "flowlet/base.h"

namespace flowlet {
namespace {

using Words = std::vector<std::string>;

TEST(Text, a_place_is_rendered_without_its_unknown_parts) {
    EXPECT_EQ(render_place({"a.yaml", 3, 7}), "a.yaml:3:7");
    EXPECT_EQ(render_place({"a.yaml", 3, 0}), "a.yaml:3");
    EXPECT_EQ(render_place({"a.yaml", 0, 7}), "a.yaml");
    EXPECT_EQ(render_place({"", 3, 7}), "3:7");
    EXPECT_EQ(render_place({}), "");
}

TEST(Text, join_undoes_split) {
    for (const std::string text : {"", ",", "a", "a,b", ",a,,b,"})
        EXPECT_EQ(join(split(text, ','), ","), text);
}

TEST(Text, split_keeps_empty_parts) {
    EXPECT_EQ(split("a,,b", ','), (Words{"a", "", "b"}));
    EXPECT_EQ(split("", ','), (Words{""}));
}

TEST(Text, trim_takes_blanks_of_both_ends_only) {
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim(" \n "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(Text, lower_case_changes_ascii_letters_only) {
    EXPECT_EQ(lower_case("StatefulSet-1 \xC3\x84[Z]"), "statefulset-1 \xC3\x84[z]");
    EXPECT_EQ(lower_case(""), "");
}

TEST(Text, last_lines_are_the_last_non_empty_ones_oldest_first) {
    EXPECT_EQ(last_lines("a\n\nb\r\n  \nc", 2), (Words{"b", "c"}));
    EXPECT_EQ(last_lines("a\nb\n", 9), (Words{"a", "b"}));
    EXPECT_EQ(last_lines("a\nb\n", 0), Words{});
    EXPECT_EQ(last_lines("\n\n", 3), Words{});
    EXPECT_EQ(last_lines("\na", 3), (Words{"a"}));
}

}  // namespace
}  // namespace flowlet
