#include "kube/percent.h"

#include <gtest/gtest.h>

namespace flowlet::kube {
namespace {

TEST(Percent, unreserved_bytes_stay) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
}

TEST(Percent, everything_else_is_two_upper_case_digits) {
    EXPECT_EQ(percent_encode("/?&=%+ "), "%2F%3F%26%3D%25%2B%20");
    EXPECT_EQ(percent_encode("\xC3\xA9\x01"), "%C3%A9%01");
}

}  // namespace
}  // namespace flowlet::kube
