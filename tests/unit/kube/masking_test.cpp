#include "kube/masking.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace flowlet::kube {
namespace {

TEST(Masking, equal_values_have_equal_numbers) {
    Masking masking;
    EXPECT_EQ(masking.mask_string_data("a"), "***(1)");
    EXPECT_EQ(masking.mask_string_data("b"), "***(2)");
    EXPECT_EQ(masking.mask_string_data("a"), "***(1)");
}

TEST(Masking, base64_is_the_value_it_says) {
    Masking masking;
    EXPECT_EQ(masking.mask_data("cGFzcw=="), masking.mask_string_data("pass"));
    EXPECT_NE(masking.mask_string_data("cGFzcw=="), masking.mask_string_data("pass"));
}

TEST(Masking, what_is_no_base64_and_no_text_is_masked_all_the_same) {
    Masking masking;
    EXPECT_EQ(masking.mask_data("pass!"), "***(1)");
    EXPECT_EQ(masking.mask_data(5), "***(2)");
    EXPECT_EQ(masking.mask_data(nullptr), "***(3)");
}

}  // namespace
}  // namespace flowlet::kube
