#include "console/page.h"

#include <algorithm>

#include "samples.h"

namespace flowlet::console {
namespace {

TEST(Page, a_line_wraps_below_its_own_text) {
    const Look look = terminal(30);
    Page page(look);
    page.line({2, "next: "}, "kubectl get pods and then some");
    EXPECT_EQ(page.take(),
              "  next: kubectl get pods and\n"
              "        then some\n");
}

TEST(Page, what_goes_into_a_pipe_is_not_wrapped) {
    Look look = plain();
    look.width = 20;
    Page page(look);
    page.line({}, "one two three four five six seven");
    EXPECT_EQ(page.take(), "one two three four five six seven\n");
}

TEST(Page, beside_a_lead_that_fills_the_line_there_is_no_column) {
    const Look look = terminal(20);
    Page page(look);
    page.line({2, "a-long-column  "}, "one two three four");
    EXPECT_EQ(page.take(),
              "  a-long-column\n"
              "    one two three\n"
              "    four\n");
}

TEST(Page, without_unicode_its_own_signs_are_letters_and_foreign_words_stay) {
    const Look look = plain();
    Page page(look);
    page.line({0, "… "}, "a → größe…");
    EXPECT_EQ(page.take(), "... a -> größe...\n");
}

TEST(Page, colour_only_where_it_is_wanted) {
    Look look = plain();
    EXPECT_EQ(paint("x", Ink::red, look), "x");
    look.color = true;
    EXPECT_EQ(paint("x", Ink::red, look), "\x1b[31mx\x1b[0m");
    EXPECT_EQ(paint("x", Ink::plain, look), "x");
}

TEST(Page, a_gap_is_one_empty_line) {
    const Look look;
    Page page(look);
    page.gap();
    page.line({}, "a");
    page.gap();
    page.gap();
    page.line({}, "b");
    EXPECT_EQ(page.take(), "a\n\nb\n");
}

TEST(Page, nothing_foreign_steers_the_terminal) {
    const Look look;
    Page page(look);
    page.line({0, hostile}, hostile);
    page.lines({}, hostile);
    const std::string text = page.take();
    EXPECT_TRUE(is_tame(text)) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
}

}  // namespace
}  // namespace flowlet::console
