#include "config/interpolate.h"

#include "flowlet/config.h"

#include <gtest/gtest.h>

#include <map>

namespace flowlet::config {
namespace {

Interpolated with(std::string_view text) {
    static const std::map<std::string, std::string> variables = {
        {"HOST", "db"}, {"EMPTY", ""}, {"TRICK", "${HOST} $$ $("}};
    return interpolate(text, [](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
}

TEST(Interpolate, a_variable_is_put_in_its_place) {
    EXPECT_EQ(with("a-${HOST}-b-${HOST}").text, "a-db-b-db");
    EXPECT_EQ(with("${EMPTY}").text, "");
    EXPECT_EQ(with("${EMPTY}").problem, "");
}

TEST(Interpolate, a_default_counts_when_the_variable_is_unset_or_empty) {
    EXPECT_EQ(with("${HOST:-x}").text, "db");
    EXPECT_EQ(with("${NOPE:-x y}").text, "x y");
    EXPECT_EQ(with("${EMPTY:-x}").text, "x");
    EXPECT_EQ(with("${NOPE:-}").text, "");
}

TEST(Interpolate, an_unset_variable_without_default_is_a_problem) {
    EXPECT_EQ(with("${NOPE}").problem, "the environment variable NOPE is not set");
    EXPECT_EQ(with("${NOPE:?ask the owner}").problem, "the environment variable NOPE is not set: ask the owner");
    EXPECT_EQ(with("${EMPTY:?ask}").problem, "the environment variable EMPTY is empty: ask");
}

TEST(Interpolate, two_dollars_are_one) {
    EXPECT_EQ(with("$$").text, "$");
    EXPECT_EQ(with("$${HOST}").text, "${HOST}");
    EXPECT_EQ(with("^a$").text, "^a$");
    EXPECT_EQ(with("5$ 1$2").text, "5$ 1$2");
}

TEST(Interpolate, what_was_put_in_is_not_read_again) {
    EXPECT_EQ(with("${TRICK}").text, "${HOST} $$ $(");
}

TEST(Interpolate, what_cannot_be_read_is_a_problem) {
    for (const char* const text : {"${", "${HOST", "${}", "${1A}", "${A B}", "${HOST-x}", "${HOST:+x}", "${HOST:}",
                                   "$HOST", "${A:-${HOST}}", "${file:/run/x}"}) {
        EXPECT_NE(with(text).problem, "") << text;
    }
}

TEST(Interpolate, the_variables_of_a_text_are_told_once_and_in_order) {
    EXPECT_EQ(variables_in("a${B}c${A:-x}${B}$$"), (std::vector<std::string>{"B", "A"}));
    EXPECT_EQ(variables_in("plain"), std::vector<std::string>{});
}

TEST(Interpolate, any_bytes_end_in_a_text_or_a_problem) {
    constexpr std::string_view letters = "${}:-?Aa_1 \n";
    unsigned state = 7;
    for (int round = 0; round < 5000; ++round) {
        std::string text;
        for (unsigned i = 0; i < 1 + state % 12; ++i) {
            state = state * 1664525U + 1013904223U;
            text += letters[(state >> 16U) % letters.size()];
        }
        const Interpolated result = with(text);
        const bool plain = text.find('$') == std::string::npos;
        EXPECT_TRUE(!plain || result.text == text) << text;
        EXPECT_TRUE(result.problem.empty() || result.text.empty()) << text;
    }
}

}  // namespace
}  // namespace flowlet::config
