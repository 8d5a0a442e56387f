#include "stack/words.h"

#include <gtest/gtest.h>

namespace flowlet::stack {
namespace {

TEST(Words, a_line_is_found_whatever_colours_stand_between_its_words) {
    EXPECT_TRUE(is_said("ready in 300", "a\nready in 300 ms\n"));
    EXPECT_TRUE(is_said("ready in 300", "a\n\x1b[32mready\x1b[0m in \x1b[1m300\x1b[22m ms\n"));
    EXPECT_FALSE(is_said("ready in 300", "\x1b[32mready\x1b[0m in 30 ms\n"));
    EXPECT_TRUE(is_said("\x1b[32mready", "\x1b[32mready\n"));
}

TEST(Words, a_program_that_ended_well_is_no_complaint) {
    host::Command command;
    command.program = "/usr/bin/docker";
    command.timeout = Millis{5000};
    EXPECT_EQ(complaint_of(command, host::Exit{}), "");
    host::Exit exit;
    exit.code = 3;
    exit.err = "first\nno engine\n";
    EXPECT_EQ(complaint_of(command, exit), "/usr/bin/docker ended with status 3: no engine");
    exit.err = "";
    exit.out = "said\n";
    EXPECT_EQ(complaint_of(command, exit), "/usr/bin/docker ended with status 3: said");
    exit.out = "";
    exit.timed_out = true;
    EXPECT_EQ(complaint_of(command, exit), "/usr/bin/docker took longer than 5s");
}

}  // namespace
}  // namespace flowlet::stack
