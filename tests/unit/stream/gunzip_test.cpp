#include <gtest/gtest.h>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

// `printf 'flowlet\n' | gzip -n`
const std::string flowlet = base64_decode("H4sIAAAAAAAAA0vLyS/PSS3hAgAIxYoZCAAAAA==");
// `head -c 1000000 /dev/zero | gzip -n9`
const std::string zeros =
    base64_decode(std::string("H4sIAAAAAAACA+3BAQEAAACCIP+vbkhAAQ") + std::string(1290, 'A') + "rwaey3kSQEIPAA==");

std::string refusal(const std::string& bytes, std::size_t limit = 1000) {
    try {
        gunzip(bytes, limit);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::verification);
        return error.what();
    }
    return "";
}

TEST(Gunzip, inflates_one_stream) {
    EXPECT_EQ(gunzip(flowlet, 8), "flowlet\n");
}

TEST(Gunzip, inflates_several_members_as_one_text) {
    EXPECT_EQ(gunzip(flowlet + flowlet, 16), "flowlet\nflowlet\n");
}

TEST(Gunzip, inflates_more_than_its_buffer) {
    EXPECT_EQ(gunzip(zeros, 1000000), std::string(1000000, '\0'));
}

TEST(Gunzip, refuses_to_grow_past_the_limit) {
    EXPECT_NE(refusal(zeros, 999999).find("grow past 999999"), std::string::npos);
    EXPECT_NE(refusal(flowlet, 7), "");
    EXPECT_NE(refusal(flowlet + flowlet, 15), "");
}

TEST(Gunzip, refuses_every_truncation) {
    for (std::size_t length = 0; length < flowlet.size(); ++length)
        EXPECT_NE(refusal(flowlet.substr(0, length)), "") << length;
}

TEST(Gunzip, no_flipped_bit_yields_another_text) {
    for (std::size_t at = 0; at < flowlet.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::string damaged = flowlet;
            damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << bit));
            if (!refusal(damaged).empty()) continue;
            EXPECT_EQ(gunzip(damaged, 100), "flowlet\n") << at << " bit " << bit;
        }
    }
}

TEST(Gunzip, refuses_what_is_no_gzip) {
    EXPECT_NE(refusal("flowlet"), "");
    EXPECT_NE(refusal(flowlet + "x"), "");
    EXPECT_NE(refusal(std::string("\x78\x9c\x03\x00\x00\x00\x00\x01", 8)), "");  // zlib, not gzip
}

}  // namespace
}  // namespace flowlet::stream
