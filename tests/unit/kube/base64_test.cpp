#include "kube/base64.h"

#include <gtest/gtest.h>

namespace flowlet::kube {
namespace {

TEST(Base64, the_vectors_of_the_rfc_are_decoded) {
    EXPECT_EQ(decode_base64(""), "");
    EXPECT_EQ(decode_base64("Zg=="), "f");
    EXPECT_EQ(decode_base64("Zm8="), "fo");
    EXPECT_EQ(decode_base64("Zm9v"), "foo");
    EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
}

TEST(Base64, bytes_that_are_no_text_are_decoded) {
    EXPECT_EQ(decode_base64("AP/+"), std::string("\0\xFF\xFE", 3));
}

TEST(Base64, line_breaks_are_skipped) {
    EXPECT_EQ(decode_base64("Zm9v\r\nYmFy\n"), "foobar");
}

TEST(Base64, what_is_not_padded_base64_is_nothing) {
    for (const char* const text : {"Zg", "Zg=", "Z===", "====", "Zm9v!", "Zm 9v", "Zg==Zg==", "Zm9-", "=Zm9"}) {
        EXPECT_EQ(decode_base64(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace flowlet::kube
