#include "samples.h"

namespace flowlet::console {
namespace {

plan::View table() {
    plan::View view;
    view.columns = {"SEQ", "WHO", "WHAT"};
    view.rows = {{"1", "ada", "deploy flowlet to staging"}, {"12", "漢字", "audit"}};
    view.notes = {"2 records"};
    return view;
}

TEST(ViewText, columns_are_aligned_by_display_width) {
    EXPECT_EQ(render(table(), unicode()),
              "SEQ  WHO   WHAT\n"
              "1    ada   deploy flowlet to staging\n"
              "12   漢字  audit\n"
              "\n"
              "2 records\n");
}

TEST(ViewText, the_last_column_wraps_on_a_terminal) {
    EXPECT_EQ(render(table(), terminal(29)),
              "SEQ  WHO   WHAT\n"
              "1    ada   deploy flowlet to\n"
              "           staging\n"
              "12   漢字  audit\n"
              "\n"
              "2 records\n");
}

TEST(ViewText, a_table_that_a_terminal_would_break_becomes_a_record_a_row) {
    EXPECT_EQ(render(table(), terminal(20)),
              "SEQ   1\n"
              "WHO   ada\n"
              "WHAT  deploy flowlet\n"
              "      to staging\n"
              "\n"
              "SEQ   12\n"
              "WHO   漢字\n"
              "WHAT  audit\n"
              "\n"
              "2 records\n");
}

TEST(ViewText, what_goes_into_a_pipe_is_a_table_however_wide) {
    Look look = plain();
    look.width = 20;
    EXPECT_TRUE(render(table(), look).starts_with("SEQ  WHO   WHAT\n"));
}

TEST(ViewText, rows_may_be_short_and_the_table_empty) {
    plan::View view;
    EXPECT_EQ(render(view, plain()), "");
    view.columns = {"A", "B"};
    view.rows = {{"x"}, {}};
    EXPECT_EQ(render(view, plain()), "A  B\nx\n");
}

TEST(ViewText, nothing_foreign_steers_the_terminal) {
    plan::View view;
    view.columns = {hostile, hostile};
    view.rows = {{hostile, hostile}};
    view.notes = {hostile};
    EXPECT_TRUE(is_tame(render(view, plain())));
}

}  // namespace
}  // namespace flowlet::console
