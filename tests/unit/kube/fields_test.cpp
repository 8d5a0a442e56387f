#include "kube/fields.h"

#include <gtest/gtest.h>

namespace flowlet::kube {
namespace {

using nlohmann::json;

json live(const char* entries) {
    return {{"metadata", {{"managedFields", json::parse(entries)}}}};
}

TEST(Fields, what_a_manager_applied_is_apart_from_the_rest) {
    const Ownership ownership = parse_ownership(live(R"([
        {"manager": "flowletctl", "operation": "Apply", "fieldsV1": {"f:a": {}}},
        {"manager": "flowletctl", "operation": "Update", "fieldsV1": {"f:b": {}}},
        {"manager": "flowletctl", "operation": "Apply", "subresource": "status", "fieldsV1": {"f:c": {}}},
        {"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:d": {}}}])"),
                                                "flowletctl");
    EXPECT_EQ(ownership.own, json::parse(R"({"f:a": {}})"));
    EXPECT_EQ(ownership.others, json::parse(R"({"f:b": {}, "f:c": {}, "f:d": {}})"));
}

TEST(Fields, entries_of_two_versions_are_united) {
    const Ownership ownership = parse_ownership(live(R"([
        {"manager": "m", "operation": "Apply", "apiVersion": "x/v1", "fieldsV1": {"f:a": {"f:b": {}}, "f:c": {}}},
        {"manager": "m", "operation": "Apply", "apiVersion": "x/v2", "fieldsV1": {"f:a": {"f:d": {}}, "f:c": {"f:e": {}}}}])"),
                                                "m");
    EXPECT_EQ(ownership.own, json::parse(R"({"f:a": {"f:b": {}, "f:d": {}}, "f:c": {".": {}, "f:e": {}}})"));
}

TEST(Fields, no_managed_fields_are_no_ownership) {
    for (const json& object :
         {json(), json::object(), json{{"metadata", 1}}, live("null"), live("{}"), live("[1, null]"),
          live(R"([{"manager": "m", "operation": "Apply", "fieldsV1": []}])")}) {
        EXPECT_TRUE(parse_ownership(object, "m").own.empty()) << object;
    }
}

}  // namespace
}  // namespace flowlet::kube
