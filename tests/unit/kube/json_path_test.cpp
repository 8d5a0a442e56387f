#include "kube/json_path.h"

#include <gtest/gtest.h>

namespace flowlet::kube::verdict {
namespace {

using nlohmann::json;

TEST(JsonPath, follows_objects_only) {
    const json from = {{"a", {{"b", "text"}, {"n", 7}, {"list", {1, 2}}, {"yes", true}}}};
    EXPECT_EQ(text_at(from, {"a", "b"}), "text");
    EXPECT_EQ(number_at(from, {"a", "n"}), 7);
    EXPECT_EQ(list_at(from, {"a", "list"}).size(), 2U);
    EXPECT_TRUE(is_true_at(from, {"a", "yes"}));
    EXPECT_EQ(value_at(from, {}), from);
    EXPECT_TRUE(value_at(from, {"a", "b", "c"}).is_null());
    EXPECT_TRUE(value_at(from, {"a", "list", "0"}).is_null());
}

TEST(JsonPath, another_type_reads_as_nothing) {
    const json from = {{"a", {1}}, {"t", "true"}, {"n", 1.5}};
    EXPECT_EQ(text_at(from, {"a"}), "");
    EXPECT_EQ(number_at(from, {"t"}, 42), 42);
    EXPECT_EQ(number_at(from, {"n"}, 42), 42);
    EXPECT_TRUE(list_at(from, {"t"}).empty());
    EXPECT_FALSE(is_true_at(from, {"t"}));
    EXPECT_FALSE(time_at(from, {"t"}));
}

TEST(JsonPath, numbers_are_held_within_bounds) {
    const json from = {{"huge", 18446744073709551615ULL}, {"least", INT64_MIN}};
    EXPECT_EQ(number_at(from, {"huge"}), 1'000'000'000'000'000);
    EXPECT_EQ(number_at(from, {"least"}), -1'000'000'000'000'000);
}

TEST(JsonPath, conditions_are_found_by_type) {
    const json from = {{"status", {{"conditions", {7, {{"type", 3}}, {{"type", "Ready"}, {"status", "True"}}}}}}};
    EXPECT_TRUE(has_condition(from, "Ready", "True"));
    EXPECT_FALSE(has_condition(from, "Ready", "False"));
    EXPECT_TRUE(condition_of(from, "Other").is_null());
    EXPECT_TRUE(condition_of(json("x"), "Ready").is_null());
    EXPECT_EQ(named({{{"name", "a"}}, {{"name", "b"}, {"n", 1}}}, "b").at("n"), 1);
}

}  // namespace
}  // namespace flowlet::kube::verdict
