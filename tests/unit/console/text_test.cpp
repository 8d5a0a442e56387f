#include "console/text.h"

#include <gtest/gtest.h>

namespace flowlet::console {
namespace {

using Lines = std::vector<std::string>;

TEST(Text, width_is_counted_in_columns) {
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("é…→"), 3U);
    EXPECT_EQ(display_width("e\xcc\x81"), 1U);
    EXPECT_EQ(display_width("漢字"), 4U);
    EXPECT_EQ(display_width("🚀"), 2U);
    EXPECT_EQ(display_width(""), 0U);
}

TEST(Text, what_does_not_fit_is_cut_before_the_mark) {
    EXPECT_EQ(fit("abcdef", 6, "…"), "abcdef");
    EXPECT_EQ(fit("abcdefg", 6, "…"), "abcde…");
    EXPECT_EQ(fit("abcdefg", 6, "..."), "abc...");
    EXPECT_EQ(fit("漢字漢字", 6, "…"), "漢字…");
    EXPECT_EQ(fit("abc", 2, "..."), "ab");
    EXPECT_EQ(fit("abc", 0, "…"), "");
}

TEST(Text, lines_break_at_spaces) {
    EXPECT_EQ(wrap("one two three", 8), (Lines{"one two", "three"}));
    EXPECT_EQ(wrap("one two three", 7), (Lines{"one two", "three"}));
    EXPECT_EQ(wrap("one two three", 6), (Lines{"one", "two", "three"}));
    EXPECT_EQ(wrap("one", 3), (Lines{"one"}));
    EXPECT_EQ(wrap("", 3), (Lines{""}));
}

TEST(Text, a_long_word_stays_whole) {
    EXPECT_EQ(wrap("see /a/very/long/path for it", 6), (Lines{"see", "/a/very/long/path", "for it"}));
    EXPECT_EQ(wrap("abcdefgh", 3), (Lines{"abcdefgh"}));
    EXPECT_EQ(wrap("     abcdefgh", 3), (Lines{"     abcdefgh"}));
}

TEST(Text, no_word_is_lost_and_no_line_too_wide) {
    const std::string text = "a bb ccc dddd  eeeee a bb   ccc 漢字 字 dddd eeeee ";
    for (std::size_t width = 5; width < 40; ++width) {
        std::string words;
        for (const std::string& line : wrap(text, width)) {
            EXPECT_LE(display_width(line), width) << line;
            words += line;
        }
        std::erase(words, ' ');
        EXPECT_EQ(words, "abbcccddddeeeeeabbccc漢字字ddddeeeee") << width;
    }
}

TEST(Text, padding_counts_columns) {
    EXPECT_EQ(pad("漢", 4), "漢  ");
    EXPECT_EQ(pad("long", 2), "long");
}

TEST(Text, one_line_is_one_line) {
    EXPECT_EQ(one_line("a\nb\tc\x1b[1m"), "a b c\\x1b[1m");
}

TEST(Text, durations_are_short) {
    EXPECT_EQ(render_took(Millis(0)), "0.0s");
    EXPECT_EQ(render_took(Millis(149)), "0.1s");
    EXPECT_EQ(render_took(Millis(12399)), "12.3s");
    EXPECT_EQ(render_took(Millis(59999)), "59.9s");
    EXPECT_EQ(render_took(Millis(125000)), "2m05s");
    EXPECT_EQ(render_took(Millis(3720000)), "1h02m");
}

}  // namespace
}  // namespace flowlet::console
