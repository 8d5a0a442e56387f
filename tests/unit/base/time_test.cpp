#include <gtest/gtest.h>

#include <random>

#include "flowlet/base.h"

namespace flowlet {
namespace {

Time at(std::int64_t micros) {
    return Time{std::chrono::microseconds{micros}};
}

TEST(Clock, is_rendered_in_utc_with_microseconds) {
    EXPECT_EQ(render_time(at(0)), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(render_time(at(1787393730123456)), "2026-08-22T10:15:30.123456Z");
    EXPECT_EQ(render_time(at(-1)), "1969-12-31T23:59:59.999999Z");
    EXPECT_EQ(render_time(at(951782400000000)), "2000-02-29T00:00:00.000000Z");
}

TEST(Clock, reads_with_and_without_a_fraction) {
    EXPECT_EQ(parse_time("2026-08-22T10:15:30Z"), at(1787393730000000));
    EXPECT_EQ(parse_time("2026-08-22T10:15:30.1Z"), at(1787393730100000));
    EXPECT_EQ(parse_time("2026-08-22t10:15:30.123456789z"), at(1787393730123456));
}

TEST(Clock, reads_an_offset) {
    EXPECT_EQ(parse_time("2026-08-22T12:15:30+02:00"), at(1787393730000000));
    EXPECT_EQ(parse_time("2026-08-22T04:45:30-05:30"), at(1787393730000000));
}

TEST(Clock, a_leap_second_is_the_first_of_the_next_minute) {
    EXPECT_EQ(parse_time("2016-12-31T23:59:60Z"), parse_time("2017-01-01T00:00:00Z"));
}

TEST(Clock, what_is_not_rfc_3339_is_nothing) {
    for (const char* text :
         {"", "2026-08-22", "2026-08-22T10:15:30", "2026-08-22 10:15:30Z", "2026-08-22T10:15Z", "2026-8-22T10:15:30Z",
          "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-08-22T24:00:00Z", "2026-08-22T10:60:00Z",
          "2026-08-22T10:15:61Z", "2026-08-22T10:15:30.Z", "2026-08-22T10:15:30Zx", "2026-08-22T10:15:30+24:00",
          "2026-08-22T10:15:30+0200", "x026-08-22T10:15:30Z", "2026-08-22T10:15:30+02:"}) {
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
    }
}

TEST(Clock, an_instant_that_four_digits_cannot_name_is_nothing) {
    EXPECT_NE(parse_time("0000-01-01T00:00:00Z"), std::nullopt);
    EXPECT_EQ(parse_time("0000-01-01T00:00:00+01:00"), std::nullopt);
    EXPECT_NE(parse_time("9999-12-31T23:59:59Z"), std::nullopt);
    EXPECT_EQ(parse_time("9999-12-31T23:59:59-01:00"), std::nullopt);
    EXPECT_EQ(parse_time("9999-12-31T23:59:60Z"), std::nullopt);
}

TEST(Clock, every_rendered_time_is_read_back) {
    std::mt19937_64 random(13);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    for (int round = 0; round < 5000; ++round) {
        const Time time = at(static_cast<std::int64_t>(random() % 8000000000000000ULL) - 1000000000000000);
        EXPECT_EQ(parse_time(render_time(time)), time);
    }
}

}  // namespace
}  // namespace flowlet
