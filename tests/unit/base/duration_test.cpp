#include <gtest/gtest.h>

#include <random>

#include "flowlet/base.h"

namespace flowlet {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Duration, units_may_be_combined_from_large_to_small) {
    EXPECT_EQ(parse_duration("500ms"), Millis(500));
    EXPECT_EQ(parse_duration("90s"), seconds(90));
    EXPECT_EQ(parse_duration("10m"), minutes(10));
    EXPECT_EQ(parse_duration("1h30m"), minutes(90));
    EXPECT_EQ(parse_duration("1h2m3s4ms"), hours(1) + minutes(2) + seconds(3) + Millis(4));
    EXPECT_EQ(parse_duration("0s"), Millis(0));
}

TEST(Duration, a_bare_number_is_no_duration) {
    EXPECT_EQ(parse_duration("10"), std::nullopt);
    EXPECT_EQ(parse_duration("0"), std::nullopt);
    EXPECT_EQ(parse_duration("1h30"), std::nullopt);
}

TEST(Duration, what_is_not_one_is_nothing) {
    for (const char* text :
         {"", "-1s", "+1s", " 1s", "1 s", "1s ", "1d", "1.5h", "s", "1S", "1m1h", "1s1s", "1ss", "1e3s"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(Duration, the_longest_is_ten_thousand_hours) {
    EXPECT_EQ(parse_duration("10000h"), hours(10000));
    EXPECT_EQ(parse_duration("10000h1ms"), std::nullopt);
    EXPECT_EQ(parse_duration("10001h"), std::nullopt);
    EXPECT_EQ(parse_duration("9223372036854775807h"), std::nullopt);
    EXPECT_EQ(parse_duration("92233720368547758070s"), std::nullopt);
}

TEST(Duration, is_rendered_from_large_to_small_without_zeros) {
    EXPECT_EQ(render_duration(seconds(90)), "1m30s");
    EXPECT_EQ(render_duration(hours(2)), "2h");
    EXPECT_EQ(render_duration(Millis(1005)), "1s5ms");
    EXPECT_EQ(render_duration(Millis(0)), "0s");
    EXPECT_EQ(render_duration(Millis(-1500)), "-1s500ms");
}

TEST(Duration, every_rendered_one_is_read_back) {
    std::mt19937_64 random(11);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    for (int round = 0; round < 5000; ++round) {
        const Millis value(static_cast<std::int64_t>(random() % 36000000001ULL >> random() % 36));
        EXPECT_EQ(parse_duration(render_duration(value)), value);
    }
}

}  // namespace
}  // namespace flowlet
