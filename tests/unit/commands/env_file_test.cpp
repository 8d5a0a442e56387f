#include "commands/shared/env_file.h"

#include <gtest/gtest.h>

#include <random>

namespace flowlet::commands {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs read(std::string_view text) {
    Pairs pairs;
    for (const auto& [name, value] : parse_env_file(text, "x.env"))
        pairs.emplace_back(name, value.reveal());
    return pairs;
}

/// What is said about it.
std::string refusal(std::string_view text) {
    try {
        parse_env_file(text, "dir/x.env");
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::config);
        EXPECT_FALSE(error.hint().empty());
        return error.what();
    }
    ADD_FAILURE() << "accepted: " << text;
    return "";
}

TEST(EnvFile, each_line_is_a_variable_in_its_order) {
    EXPECT_EQ(read("B=2\nA=1\n_x9=3"), (Pairs{{"B", "2"}, {"A", "1"}, {"_x9", "3"}}));
    EXPECT_EQ(read(""), Pairs{});
}

TEST(EnvFile, blank_lines_and_comments_do_not_count) {
    EXPECT_EQ(read("\n  \t\n# A=1\n   # B=2\n\r\nC=3\n"), (Pairs{{"C", "3"}}));
}

TEST(EnvFile, export_is_allowed_and_is_a_name_of_its_own_too) {
    EXPECT_EQ(read("export A=1\n  export   B=2\nexport=3\nexported=4\n"),
              (Pairs{{"A", "1"}, {"B", "2"}, {"export", "3"}, {"exported", "4"}}));
}

TEST(EnvFile, a_value_is_literal_to_the_end_of_its_line) {
    EXPECT_EQ(read("A=a b  c # no comment\nB=$HOME ${X} `id` \\n\nC=x=y\nD=it's \"so\"\n"),
              (Pairs{{"A", "a b  c # no comment"}, {"B", "$HOME ${X} `id` \\n"}, {"C", "x=y"}, {"D", "it's \"so\""}}));
}

TEST(EnvFile, blanks_around_a_value_are_not_of_it) {
    EXPECT_EQ(read("A= \t 1 \t \nB = 2\r\nC=\nD=   \n"), (Pairs{{"A", "1"}, {"B", "2"}, {"C", ""}, {"D", ""}}));
}

TEST(EnvFile, single_quotes_keep_everything) {
    EXPECT_EQ(read("A=' a '\nB='\\n\"$X'\nC=''\nD='one\ntwo\n'\nE=1\n"),
              (Pairs{{"A", " a "}, {"B", "\\n\"$X"}, {"C", ""}, {"D", "one\ntwo\n"}, {"E", "1"}}));
}

TEST(EnvFile, double_quotes_know_six_escapes) {
    EXPECT_EQ(read("A=\"\\n\\t\\r\\\"\\\\\\$\"\nB=\"one\ntwo $X 'y'\"\nC=\"\"\n"),
              (Pairs{{"A", "\n\t\r\"\\$"}, {"B", "one\ntwo $X 'y'"}, {"C", ""}}));
}

TEST(EnvFile, what_follows_a_closing_quote_is_a_comment) {
    EXPECT_EQ(read("A='1' # one\nB=\"2\"\t#two\nC='3'   \r\n"), (Pairs{{"A", "1"}, {"B", "2"}, {"C", "3"}}));
}

TEST(EnvFile, the_last_line_for_a_name_comes_last) {
    EXPECT_EQ(read("A=1\nB=2\nA=3\n"), (Pairs{{"A", "1"}, {"B", "2"}, {"A", "3"}}));
}

TEST(EnvFile, what_is_no_variable_is_refused_at_its_line) {
    for (const std::string line : {"s3cret", "=s3cret", "1A=s3cret", "A-B=s3cret", "A B=s3cret", "export s3cret",
                                   "\xc3\xa4=s3cret", "- A=s3cret", "A:s3cret"})
        EXPECT_EQ(refusal("OK=1\n\n" + line + "\n"), "dir/x.env:3: this is no NAME=value") << line;
}

TEST(EnvFile, a_quote_that_is_not_closed_is_told_where_it_was_opened) {
    EXPECT_NE(refusal("A=1\nB=\"s3cret\nC=2\nD=3\n").find("dir/x.env:2: a quote is not closed"), std::string::npos);
    EXPECT_NE(refusal("A='s3cret").find("dir/x.env:1: a quote is not closed"), std::string::npos);
    EXPECT_NE(refusal("A=\"s3cret\\").find("a quote is not closed"), std::string::npos);
    EXPECT_NE(refusal("A=\"s3cret\\\"\n").find("a quote is not closed"), std::string::npos);
}

TEST(EnvFile, something_behind_a_quote_is_refused) {
    EXPECT_EQ(refusal("A='one\ntwo' s3cret\n"), "dir/x.env:2: something follows the closing quote");
    EXPECT_EQ(refusal("A=\"x\"s3cret"), "dir/x.env:1: something follows the closing quote");
}

TEST(EnvFile, no_byte_of_a_value_is_in_an_error) {
    for (const std::string byte : {"q", "\xff", "\n", "\x1b", "'"}) {
        const std::string what = refusal("A=\"x\\" + byte + "\"\n");
        EXPECT_NE(what.find("a backslash means something before"), std::string::npos) << what;
        EXPECT_EQ(what, refusal(std::string("A=\"") + (byte == "\n" ? "\n" : "") + "y\\0\"\n"));
    }
}

TEST(EnvFile, a_nul_cannot_be_handed_on) {
    using namespace std::string_literals;
    for (const std::string& text : {"A=a\0b\n"s, "A='a\0b'\n"s, "A=\"a\0b\"\n"s})
        EXPECT_EQ(refusal(text), "dir/x.env:1: a value cannot hold a NUL byte");
}

TEST(EnvFile, the_lines_within_quotes_count) {
    EXPECT_EQ(refusal("A='1\n2\n3'\nB\n"), "dir/x.env:4: this is no NAME=value");
}

// ---- what is written comes back ------------------------------------------------------------------------------------

std::string doubly(const std::string& value) {
    std::string text = "\"";
    for (const char byte : value) {
        if (byte == '\n') {
            text += "\\n";
        } else {
            if (byte == '"' || byte == '\\' || byte == '$') text += '\\';
            text += byte;
        }
    }
    return text + "\"";
}

TEST(EnvFile, any_value_in_quotes_comes_back_unchanged) {
    std::mt19937 chance(7);
    const std::string bytes = std::string("'\"\\$#= \t\r\n\x01\x7f\x80\xff") + "abnrt{}";
    std::uniform_int_distribution<std::size_t> letter(0, bytes.size() - 1);
    std::uniform_int_distribution<int> length(0, 12);
    for (int round = 0; round < 5000; ++round) {
        std::string value;
        for (int rest = length(chance); rest > 0; --rest)
            value += bytes[letter(chance)];
        std::string text = "A=" + doubly(value) + "\nB=" + doubly(value) + " # c\n";
        Pairs wanted = {{"A", value}, {"B", value}};
        if (value.find('\'') == std::string::npos) {
            text += "C='" + value + "'\n";
            wanted.emplace_back("C", value);
        }
        ASSERT_EQ(read(text + "Z=1\n"), (wanted.emplace_back("Z", "1"), wanted)) << text;
    }
}

}  // namespace
}  // namespace flowlet::commands
