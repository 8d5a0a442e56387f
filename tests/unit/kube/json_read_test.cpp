#include "kube/json_read.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace flowlet::kube {
namespace {

using nlohmann::json;

TEST(JsonRead, a_member_is_found) {
    const json value = {{"a", 1}};
    ASSERT_NE(find(value, "a"), nullptr);
    EXPECT_EQ(*find(value, "a"), 1);
    EXPECT_EQ(find(value, "b"), nullptr);
}

TEST(JsonRead, what_is_no_object_has_no_members) {
    for (const json& value : {json(), json(1), json("a"), json::array({"a"})}) {
        EXPECT_EQ(find(value, "a"), nullptr);
        EXPECT_EQ(text_at(value, "a"), "");
    }
}

TEST(JsonRead, only_text_is_text) {
    const json value = {{"a", "x"}, {"b", 1}, {"c", nullptr}};
    EXPECT_EQ(text_at(value, "a"), "x");
    EXPECT_EQ(text_at(value, "b"), "");
    EXPECT_EQ(text_at(value, "c"), "");
}

}  // namespace
}  // namespace flowlet::kube
