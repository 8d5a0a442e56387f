#include <gtest/gtest.h>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

constexpr std::size_t plenty = std::size_t{1} << 24U;

TEST(Gzip, what_is_packed_is_unpacked_the_same) {
    for (const std::string& text :
         {std::string(), std::string("a"), std::string(100000, 'x'), std::string("\0\xff", 2)}) {
        EXPECT_EQ(gunzip(gzip(text), plenty), text);
    }
}

TEST(Gzip, the_same_bytes_give_the_same_result) {
    EXPECT_EQ(gzip("hello"), gzip("hello"));
}

TEST(Gzip, repetition_becomes_small) {
    EXPECT_LT(gzip(std::string(100000, 'x')).size(), 1000U);
}

}  // namespace
}  // namespace flowlet::stream
