#include "console/look.h"

#include <gtest/gtest.h>

#include <map>

namespace flowlet::console {
namespace {

using Variables = std::map<std::string, std::string>;

Look look(const Variables& variables, bool terminal, Color wish = Color::automatic) {
    Surroundings surroundings;
    surroundings.terminal = terminal;
    surroundings.variable = [&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    return decide_look(surroundings, wish);
}

TEST(Look, each_wish_for_colour_beats_the_ones_behind_it) {
    EXPECT_TRUE(look({{"NO_COLOR", "1"}}, false, Color::always).color);
    EXPECT_FALSE(look({{"CLICOLOR_FORCE", "1"}}, true, Color::never).color);
    EXPECT_FALSE(look({{"NO_COLOR", "1"}, {"CLICOLOR_FORCE", "1"}}, true).color);
    EXPECT_TRUE(look({{"CLICOLOR_FORCE", "1"}, {"CLICOLOR", "0"}, {"TERM", "dumb"}}, false).color);
    EXPECT_FALSE(look({{"CLICOLOR", "0"}}, true).color);
    EXPECT_FALSE(look({{"TERM", "dumb"}}, true).color);
    EXPECT_TRUE(look({{"TERM", "xterm"}}, true).color);
    EXPECT_FALSE(look({}, false).color);
}

TEST(Look, an_empty_or_zero_wish_is_none) {
    EXPECT_TRUE(look({{"NO_COLOR", ""}}, true).color);
    EXPECT_FALSE(look({{"CLICOLOR_FORCE", "0"}}, false).color);
}

TEST(Look, the_first_locale_that_is_set_decides_on_unicode) {
    EXPECT_TRUE(look({{"LANG", "de_DE.UTF-8"}}, true).unicode);
    EXPECT_TRUE(look({{"LC_ALL", "C.utf8"}, {"LANG", "C"}}, true).unicode);
    EXPECT_FALSE(look({{"LC_ALL", "C"}, {"LANG", "de_DE.UTF-8"}}, true).unicode);
    EXPECT_TRUE(look({{"LC_ALL", ""}, {"LANG", "de_DE.UTF-8"}}, true).unicode);
    EXPECT_FALSE(look({}, true).unicode);
}

TEST(Look, nothing_is_redrawn_on_a_dumb_terminal) {
    EXPECT_FALSE(look({{"TERM", "dumb"}}, true).terminal);
    EXPECT_TRUE(look({{"TERM", "dumb"}}, true, Color::always).color);
}

TEST(Look, what_has_no_width_has_80_columns) {
    EXPECT_EQ(look({}, false).width, 80);
}

TEST(Look, a_closed_descriptor_is_no_terminal) {
    EXPECT_FALSE(find_look(-1, Color::automatic).terminal);
    EXPECT_EQ(terminal_width(-1), std::nullopt);
}

}  // namespace
}  // namespace flowlet::console
