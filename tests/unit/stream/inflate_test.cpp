#include <gtest/gtest.h>

#include "flowlet/base.h"
#include "unit/stream/collector.h"

namespace flowlet::stream {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

// `printf 'flowlet\n' | gzip -n`
const std::string flowlet = base64_decode("H4sIAAAAAAAAA0vLyS/PSS3hAgAIxYoZCAAAAA==");
// The same text under a header with everything: an extra field, a name, a comment, a checksum of its own.
const std::string dressed =
    base64_decode("H4sIHgAAAAACAwYAQUICAHh5bmFtZS50eHQAYSBjb21tZW50ALXpS8vJL89JLeECAAjFihkIAAAA");

std::string refusal(std::string_view bytes, std::size_t step = 65536) {
    try {
        unpacked(bytes, step);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::verification);
        return error.what();
    }
    return "";
}

TEST(MakeGunzip, inflates_what_zlib_made) {
    EXPECT_EQ(unpacked(flowlet), "flowlet\n");
    for (const std::string& text : {std::string(), std::string(2 * mib, 'x'), noise(mib)})
        EXPECT_EQ(unpacked(gzip(text)), text);
}

TEST(MakeGunzip, inflates_several_members_as_one_text) {
    EXPECT_EQ(unpacked(flowlet + packed("and ") + packed("") + dressed), "flowlet\nand flowlet\n");
    const std::string noisy = noise(9 * mib);
    EXPECT_EQ(unpacked(packed(noisy)), noisy);
    const std::string repeated(9 * mib, 'x');
    EXPECT_EQ(unpacked(packed(repeated)), repeated);
}

TEST(MakeGunzip, the_text_is_the_same_however_the_writes_are_cut) {
    const std::string bytes = dressed + flowlet + packed(noise(100)) + dressed;
    const std::string text = unpacked(bytes);
    for (std::size_t step = 1; step < bytes.size(); ++step)
        EXPECT_EQ(unpacked(bytes, step), text) << step;
    const std::string larger = noise(40000) + std::string(mib, 'x');
    EXPECT_EQ(unpacked(packed(larger), 1), larger);
    EXPECT_EQ(unpacked(gzip(larger), 997), larger);
}

TEST(MakeGunzip, empty_writes_change_nothing) {
    Collector out;
    const auto sink = make_gunzip(out);
    sink->write("");
    sink->write(flowlet.substr(0, 5));
    sink->write("");
    sink->write(flowlet.substr(5));
    sink->write("");
    sink->finish();
    EXPECT_EQ(out.text, "flowlet\n");
}

TEST(MakeGunzip, refuses_every_truncation) {
    for (const std::string& bytes : {flowlet, dressed, packed(noise(300))}) {
        for (std::size_t length = 0; length < bytes.size(); ++length) {
            EXPECT_NE(refusal(bytes.substr(0, length)), "") << length;
            EXPECT_NE(refusal(bytes.substr(0, length), 1), "") << length;
        }
        for (std::size_t length = 1; length < bytes.size(); ++length)
            EXPECT_NE(refusal(flowlet + bytes.substr(0, length)), "") << length;
    }
}

TEST(MakeGunzip, no_flipped_bit_yields_another_text) {
    for (const std::string& bytes : {flowlet, dressed, packed("flowlet\n")}) {
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                std::string damaged = bytes;
                damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
                if (!refusal(damaged).empty()) continue;
                EXPECT_EQ(unpacked(damaged), "flowlet\n") << at << " bit " << bit;
            }
        }
    }
}

TEST(MakeGunzip, says_what_is_wrong) {
    EXPECT_EQ(refusal(""), "gzip: there are no bytes");
    EXPECT_EQ(refusal(flowlet.substr(0, 15)), "gzip: the bytes end too early");
    EXPECT_EQ(refusal("flowlet, but not as gzip"), "gzip: there are bytes that are no gzip");
    EXPECT_EQ(refusal(flowlet.substr(0, 20) + "?" + flowlet.substr(21)), "gzip: the bytes are damaged");
}

TEST(MakeGunzip, refuses_what_follows_the_last_member) {
    EXPECT_NE(refusal(flowlet + "x"), "");
    EXPECT_NE(refusal(flowlet + '\0'), "");
    EXPECT_NE(refusal(flowlet + std::string(512, '\0')), "");
    EXPECT_NE(refusal(flowlet + "\x1f"), "");
    EXPECT_NE(refusal(flowlet + std::string("\x78\x9c\x03\x00\x00\x00\x00\x01", 8)), "");  // zlib, not gzip
}

TEST(MakeGunzip, hands_on_nothing_after_garbage) {
    const std::string text = noise(9 * mib);
    std::string damaged = packed(text);
    damaged.replace(5 * mib, 4, "\xff\xff\xff\xff");
    Collector out;
    const auto sink = make_gunzip(out);
    EXPECT_THROW(feed(*sink, damaged, mib), Error);
    EXPECT_LT(out.text.size(), 9 * mib);
    EXPECT_TRUE(text.starts_with(out.text.substr(0, 4 * mib)));
    EXPECT_EQ(out.finished, 0);
}

TEST(MakeGunzip, hands_on_in_small_blocks_and_finishes_once) {
    Collector out;
    feed(*make_gunzip(out), packed(std::string(9 * mib, 'x')), 9 * mib);
    EXPECT_LE(out.largest, mib / 4);
    EXPECT_EQ(out.finished, 1);
}

TEST(MakeGunzip, what_the_next_throws_comes_through) {
    struct Full : Sink {
        void write(std::string_view) override { throw Error(Kind::failed, "full"); }
        void finish() override {}
    } full;
    EXPECT_THROW(feed(*make_gunzip(full), flowlet, 100), Error);
    EXPECT_THROW(feed(*make_gzip(full), "flowlet\n", 100), Error);
}

}  // namespace
}  // namespace flowlet::stream
