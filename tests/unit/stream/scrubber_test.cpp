#include <gtest/gtest.h>

#include <random>

#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

std::string scrub(const std::string& secret, const std::string& text) {
    Scrubber scrubber;
    scrubber.add(Secret(secret));
    return scrubber.scrub(text);
}

TEST(Scrubber, text_without_a_secret_is_left_as_it_is) {
    EXPECT_EQ(scrub("hunter2-hunter2", "nothing to see\n"), "nothing to see\n");
}

TEST(Scrubber, each_occurrence_is_replaced) {
    EXPECT_EQ(scrub("hunter2", "a hunter2 b hunter2"), "a *** b ***");
}

TEST(Scrubber, two_secrets_side_by_side_leave_nothing_between) {
    Scrubber scrubber;
    scrubber.add(Secret("alphabet"));
    scrubber.add(Secret("bethany"));
    EXPECT_EQ(scrubber.scrub("xalphabethanyx"), "x***x");
}

TEST(Scrubber, the_usual_encodings_are_known) {
    const std::string secret = "p/ss \"w\\rd'1=";
    EXPECT_EQ(scrub(secret, "url p%2Fss%20%22w%5Crd%271%3D."), "url ***.");
    EXPECT_EQ(scrub(secret, "url p%2fss%20%22w%5crd%271%3d."), "url ***.");
    EXPECT_EQ(scrub(secret, R"({"p":"p/ss \"w\\rd'1="})"), R"({"p":"***"})");
    EXPECT_EQ(scrub(secret, R"({"p":"p\/ss \"w\\rd'1="})"), R"({"p":"***"})");
    EXPECT_EQ(scrub(secret, "PASSWORD 'p/ss \"w\\rd''1='"), "PASSWORD '***'");
    EXPECT_EQ(scrub(secret,
                    "702f7373202277"
                    "5c72642731"
                    "3d"),
              "***");
}

TEST(Scrubber, a_secret_of_several_lines_is_found_line_by_line) {
    const std::string key = "-----BEGIN KEY-----\nMIIabcdefgh\nqrstuvwxyz\n-----END KEY-----\n";
    EXPECT_EQ(scrub(key, "  log: qrstuvwxyz\n"), "  log: ***\n");
    EXPECT_EQ(scrub(key, "\"-----BEGIN KEY-----\\nMIIabcdefgh\\n\""), "\"***\\n***\\n\"");
}

TEST(Scrubber, what_is_too_short_would_be_found_everywhere) {
    EXPECT_EQ(scrub("abc", "abcdef"), "abcdef");
}

TEST(Scrubber, a_secret_in_base64_is_found_at_any_place_of_what_was_encoded) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> letter('!', '~');
    for (int round = 0; round < 300; ++round) {
        std::string secret;
        for (std::size_t i = 0; i < 9 + static_cast<std::size_t>(round % 20); ++i)
            secret += static_cast<char>(letter(random));
        for (std::size_t before = 0; before < 4; ++before) {
            const std::string encoded = base64_encode(std::string(before, 'q') + secret + "tail");
            const std::string scrubbed = scrub(secret, encoded);
            ASSERT_NE(scrubbed.find("***"), std::string::npos) << secret << " at " << before;
            // The letters at the ends share bits with what stands around; no more than those may be left.
            ASSERT_LE(scrubbed.size(), base64_encode(std::string(before, 'q') + "tail").size() + 3 + 8);
        }
    }
}

TEST(Scrubber, random_secrets_leave_no_trace_in_any_form) {
    std::mt19937 random(11);
    std::uniform_int_distribution<int> letter(' ', '~');
    for (int round = 0; round < 500; ++round) {
        std::string secret(12, ' ');
        for (char& one : secret)
            one = static_cast<char>(letter(random));
        secret.front() = 'x';
        secret.back() = 'y';
        for (const std::string& form : {secret, percent_encode(secret), base64_encode(secret)}) {
            const std::string core = form.substr(0, form.find_last_not_of('=') + 1);
            ASSERT_EQ(scrub(secret, "<" + form + ">").find(core.substr(0, core.size() - 1)), std::string::npos) << form;
        }
    }
}

}  // namespace
}  // namespace flowlet::stream
