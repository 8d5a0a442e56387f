#include <gtest/gtest.h>

#include "flowlet/base.h"

namespace flowlet {
namespace {

TEST(Escapes, what_a_terminal_shows_is_left) {
    EXPECT_EQ(strip_escapes("  \x1b[32mVITE\x1b[39m v5  ready in \x1b[1m300\x1b[22m ms\n"),
              "  VITE v5  ready in 300 ms\n");
    EXPECT_EQ(strip_escapes("\x1b]0;title\ax\ty\n"), "x\ty\n");
    EXPECT_EQ(strip_escapes("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\"), "link");
    EXPECT_EQ(strip_escapes("plain"), "plain");
    EXPECT_EQ(strip_escapes(""), "");
}

TEST(Escapes, one_that_is_cut_short_takes_nothing_that_cannot_end_it) {
    EXPECT_EQ(strip_escapes("a\x1b[31\xc3\xa9z"), "a\xc3\xa9z");
    EXPECT_EQ(strip_escapes("a\x1b"), "a");
    EXPECT_EQ(strip_escapes("a\x1b["), "a");
}

TEST(Escapes, a_length_is_never_0_where_there_is_text) {
    for (int first = 0; first < 256; ++first) {
        for (const std::string rest : {"", "[", "]", "[1m", "x"}) {
            const std::string text = std::string(1, static_cast<char>(first)) + rest;
            EXPECT_GE(escape_length(text), 1U);
            EXPECT_LE(escape_length(text), text.size());
        }
    }
    EXPECT_EQ(escape_length(""), 0U);
}

}  // namespace
}  // namespace flowlet
