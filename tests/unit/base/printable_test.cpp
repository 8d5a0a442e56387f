#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "flowlet/base.h"

namespace flowlet {
namespace {

const std::string bad = "\xEF\xBF\xBD";

TEST(Printable, plain_text_stays) {
    const std::string text = "wallet: caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x92\xB0\n\tnext";
    EXPECT_EQ(printable(text), text);
    EXPECT_EQ(printable(""), "");
}

TEST(Printable, control_characters_are_spelled_out) {
    EXPECT_EQ(printable("\x1b[2J"), "\\x1b[2J");
    EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(printable("a\rb\x7f"), "a\\x0db\\x7f");
    EXPECT_EQ(printable("\xC2\x9B"
                        "31m"),
              "\\x9b31m");
}

TEST(Printable, a_carriage_return_before_a_newline_is_dropped) {
    EXPECT_EQ(printable("a\r\nb"), "a\nb");
}

TEST(Printable, marks_that_turn_the_direction_of_text_are_spelled_out) {
    EXPECT_EQ(printable("\xE2\x80\xAE"
                        "txt"),
              "\\u202etxt");
    EXPECT_EQ(printable("\xE2\x81\xA6"), "\\u2066");
}

TEST(Printable, bad_bytes_become_the_replacement_character) {
    EXPECT_EQ(printable("a\xFF"
                        "b"),
              "a" + bad + "b");
    EXPECT_EQ(printable("\xC3"), bad);
    EXPECT_EQ(printable("\xC0\x80"), bad + bad);
    EXPECT_EQ(printable("\xED\xA0\x80"), bad + bad + bad);
    EXPECT_EQ(printable("\xF4\x90\x80\x80"), bad + bad + bad + bad);
    EXPECT_EQ(printable("\xE2\x82("), bad + bad + "(");
}

TEST(Printable, any_bytes_become_valid_utf8_without_controls_and_once_is_enough) {
    std::mt19937 random(7);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 40, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random() % 256);
        const std::string once = printable(bytes);
        EXPECT_EQ(printable(once), once);
        EXPECT_NO_THROW(nlohmann::json(once).dump());
        for (const char c : once)
            EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t');
    }
}

}  // namespace
}  // namespace flowlet
