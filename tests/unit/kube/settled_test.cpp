#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

using nlohmann::json;

json live(const char* fields) {
    json object = json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n",
        "uid": "u", "managedFields": [{"manager": "flowletctl", "operation": "Apply", "apiVersion": "v1"}]},
        "data": {"a": "1", "b": "2"}})");
    object["metadata"]["managedFields"][0]["fieldsV1"] = json::parse(fields);
    return object;
}

json wanted(const char* data) {
    json object =
        json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "n"}})");
    object["data"] = json::parse(data);
    return object;
}

TEST(Settled, an_object_whose_owned_fields_are_the_wanted_ones_is_applied) {
    EXPECT_TRUE(is_applied(live(R"({"f:data": {"f:a": {}}})"), wanted(R"({"a": "1"})"), "flowletctl"));
}

TEST(Settled, another_value_is_not_applied) {
    EXPECT_FALSE(is_applied(live(R"({"f:data": {"f:a": {}}})"), wanted(R"({"a": "2"})"), "flowletctl"));
}

TEST(Settled, an_equal_value_that_is_not_owned_is_not_applied) {
    EXPECT_FALSE(is_applied(live(R"({"f:data": {"f:a": {}}})"), wanted(R"({"a": "1", "b": "2"})"), "flowletctl"));
}

TEST(Settled, a_field_that_is_no_longer_wanted_but_still_owned_is_not_applied) {
    EXPECT_FALSE(is_applied(live(R"({"f:data": {"f:a": {}, "f:b": {}}})"), wanted(R"({"a": "1"})"), "flowletctl"));
}

TEST(Settled, what_somebody_else_owns_is_not_applied) {
    EXPECT_FALSE(is_applied(live(R"({"f:data": {"f:a": {}}})"), wanted(R"({"a": "1"})"), "kubectl"));
}

TEST(Settled, a_whole_contains_what_has_fewer_members_at_any_depth) {
    const json whole = json::parse(R"({"a": {"b": 1, "c": 2}, "l": [{"x": 1, "y": 2}, {"x": 3}], "t": "z"})");
    EXPECT_TRUE(contains(whole, json::parse(R"({"a": {"b": 1}, "l": [{"x": 1}, {"x": 3}]})")));
    EXPECT_TRUE(contains(whole, json::object()));
}

TEST(Settled, a_whole_does_not_contain_another_leaf_a_missing_member_or_a_list_of_another_length) {
    const json whole = json::parse(R"({"a": {"b": 1}, "l": [1, 2]})");
    EXPECT_FALSE(contains(whole, json::parse(R"({"a": {"b": 2}})")));
    EXPECT_FALSE(contains(whole, json::parse(R"({"a": {"c": 1}})")));
    EXPECT_FALSE(contains(whole, json::parse(R"({"l": [1]})")));
    EXPECT_FALSE(contains(whole, json::parse(R"({"l": [2, 1]})")));
    EXPECT_FALSE(contains(whole, json::parse(R"({"a": []})")));
    EXPECT_FALSE(contains(whole, json::parse(R"({"x": null})")));
}

}  // namespace
}  // namespace flowlet::kube
