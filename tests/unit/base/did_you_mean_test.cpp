#include <gtest/gtest.h>

#include "flowlet/base.h"

namespace flowlet {
namespace {

const std::vector<std::string> commands = {"deploy", "backup", "audit", "status", "lint"};

TEST(DidYouMean, a_slip_of_one_or_two_finds_the_word) {
    EXPECT_EQ(did_you_mean("deplyo", commands), "deploy");  // a transposition counts as one
    EXPECT_EQ(did_you_mean("depoy", commands), "deploy");
    EXPECT_EQ(did_you_mean("statuss", commands), "status");
    EXPECT_EQ(did_you_mean("bakcpu", commands), "backup");
}

TEST(DidYouMean, a_far_word_finds_nothing) {
    EXPECT_EQ(did_you_mean("restore", commands), std::nullopt);
    EXPECT_EQ(did_you_mean("", commands), std::nullopt);
    EXPECT_EQ(did_you_mean("deploy", {}), std::nullopt);
}

TEST(DidYouMean, a_short_word_may_differ_in_a_third_only) {
    EXPECT_EQ(did_you_mean("lit", commands), "lint");
    const std::vector<std::string> cat = {"cat"};
    EXPECT_EQ(did_you_mean("cot", cat), "cat");
    EXPECT_EQ(did_you_mean("cog", cat), std::nullopt);
    EXPECT_EQ(did_you_mean("coge", std::vector<std::string>{"cats"}), std::nullopt);
}

TEST(DidYouMean, ties_go_to_the_first_and_the_nearer_wins) {
    EXPECT_EQ(did_you_mean("cot", std::vector<std::string>{"cut", "cat"}), "cut");
    EXPECT_EQ(did_you_mean("stats", std::vector<std::string>{"status-x", "states", "stat"}), "states");
    EXPECT_EQ(did_you_mean("backap", std::vector<std::string>{"bakkup", "backup"}), "backup");
}

}  // namespace
}  // namespace flowlet
