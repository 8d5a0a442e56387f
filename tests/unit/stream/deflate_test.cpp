#include <gtest/gtest.h>

#include "unit/stream/collector.h"

namespace flowlet::stream {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;
constexpr std::size_t member = 4 * mib;
constexpr std::size_t plenty = 64 * mib;

std::string lines(std::size_t count) {
    std::string text;
    for (int i = 0; text.size() < count; ++i)
        text += std::to_string(i * 7919) + "\tflowlet\t\\N\n";
    text.resize(count);
    return text;
}

TEST(MakeGzip, zlib_reads_what_it_writes) {
    for (const std::string& text : {std::string("a"), std::string("\0\xff", 2), std::string(100000, 'x'), lines(300000),
                                    noise(300000), lines(member + 1)}) {
        EXPECT_EQ(gunzip(packed(text), plenty), text);
    }
}

TEST(MakeGzip, nothing_is_one_empty_member) {
    EXPECT_EQ(packed("").size(), 20U);
    EXPECT_EQ(gunzip(packed(""), 0), "");
}

TEST(MakeGzip, has_no_name_and_no_time) {
    EXPECT_EQ(packed("a").substr(0, 8), std::string("\x1f\x8b\x08\0\0\0\0\0", 8));
}

TEST(MakeGzip, the_result_is_the_same_however_the_writes_are_cut) {
    const std::string text = lines(member + 300000);
    const std::string whole = packed(text, text.size());
    for (const std::size_t step : {std::size_t{997}, std::size_t{65536}, member - 1, member, member + 1})
        EXPECT_EQ(packed(text, step), whole) << step;
    const std::string little = lines(500);
    EXPECT_EQ(packed(little, 1), packed(little));
}

TEST(MakeGzip, a_member_ends_every_4_MiB_and_depends_on_nothing_before_it) {
    const std::string first = lines(member);
    const std::string second = noise(member);
    const std::string one = packed(first);
    const std::string two = packed(second);
    EXPECT_EQ(packed(first + second + first + "end"), one + two + one + packed("end"));
    EXPECT_EQ(packed(first + first), one + one);
}

TEST(MakeGzip, whole_members_are_not_followed_by_an_empty_one) {
    const std::string text(member, 'x');
    EXPECT_EQ(packed(text + text), packed(text) + packed(text));
}

TEST(MakeGzip, repetition_becomes_small_and_noise_hardly_larger) {
    EXPECT_LT(packed(std::string(9 * mib, 'x')).size(), mib / 10);
    EXPECT_LT(packed(noise(member)).size(), member + member / 1000);
}

TEST(MakeGzip, hands_on_in_small_blocks_and_finishes_once) {
    Collector out;
    feed(*make_gzip(out), noise(member + 1), member + 1);
    EXPECT_LE(out.largest, mib / 4);
    EXPECT_EQ(out.finished, 1);
}

}  // namespace
}  // namespace flowlet::stream
