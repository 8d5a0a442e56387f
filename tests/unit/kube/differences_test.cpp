#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

using nlohmann::json;

/// One line a difference: "path: before -> after".
std::string diff(const char* before, const char* after) {
    std::string text;
    for (const Difference& difference : differences(json::parse(before), json::parse(after))) {
        text += difference.path + ": " + difference.before + " -> " + difference.after + "\n";
    }
    return text;
}

TEST(Differences, equal_objects_have_none) {
    EXPECT_EQ(diff(R"({"a": [1, {"b": null}]})", R"({"a": [1, {"b": null}]})"), "");
}

TEST(Differences, a_container_is_told_by_its_name) {
    EXPECT_EQ(
        diff(
            R"({"spec": {"template": {"spec": {"containers": [{"name": "x", "image": "i"}, {"name": "wallet", "image": "w:1"}]}}}})",
            R"({"spec": {"template": {"spec": {"containers": [{"name": "x", "image": "i"}, {"name": "wallet", "image": "w:2"}]}}}})"),
        "spec.template.spec.containers[name=wallet].image: w:1 -> w:2\n");
}

TEST(Differences, what_is_missing_is_empty) {
    EXPECT_EQ(diff(R"({"a": 1})", R"({"b": ""})"), "a: 1 -> \nb:  -> \"\"\n");
}

TEST(Differences, what_is_added_is_shown_leaf_by_leaf) {
    EXPECT_EQ(diff(R"({"env": []})", R"({"env": [{"name": "A", "valueFrom": {"x": {}}}]})"),
              "env[name=A].name:  -> A\nenv[name=A].valueFrom.x:  -> {}\n");
}

TEST(Differences, empty_and_missing_are_not_the_same) {
    EXPECT_EQ(diff("{}", R"({"a": {}})"), "a:  -> {}\n");
    EXPECT_EQ(diff(R"({"a": []})", R"({"a": {}})"), "a: [] -> {}\n");
    EXPECT_EQ(diff(R"({"a": null})", "{}"), "a: null -> \n");
}

TEST(Differences, a_value_of_another_type_is_taken_away_and_added) {
    EXPECT_EQ(diff(R"({"a": {"b": 1}})", R"({"a": [2]})"), "a.b: 1 -> \na[0]:  -> 2\n");
    EXPECT_EQ(diff(R"({"a": 1})", R"({"a": {"b": 1}})"), "a: 1 -> \na.b:  -> 1\n");
    EXPECT_EQ(diff(R"({"a": 1})", R"({"a": "1"})"), "a: 1 -> \"1\"\n");
}

TEST(Differences, lists_without_a_key_go_by_position) {
    EXPECT_EQ(diff(R"({"args": ["a", "b"]})", R"({"args": ["a", "c", "d"]})"), "args[1]: b -> c\nargs[2]:  -> d\n");
    EXPECT_EQ(diff(R"({"rules": [{"verbs": ["get"]}]})", R"({"rules": [{"verbs": ["list"]}]})"),
              "rules[0].verbs[0]: get -> list\n");
}

TEST(Differences, ports_are_told_by_number_and_protocol) {
    EXPECT_EQ(diff(R"({"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP", "targetPort": 1}]})",
                   R"({"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP", "targetPort": 2}]})"),
              "ports[port=53,protocol=UDP].targetPort: 1 -> 2\n");
}

TEST(Differences, another_order_is_a_difference_of_the_list) {
    EXPECT_EQ(diff(R"({"initContainers": [{"name": "a"}, {"name": "b"}]})",
                   R"({"initContainers": [{"name": "b"}, {"name": "a"}]})"),
              "initContainers: [name=a] [name=b] -> [name=b] [name=a]\n");
}

TEST(Differences, an_item_put_first_is_no_other_order) {
    EXPECT_EQ(diff(R"({"x": [{"name": "a"}]})", R"({"x": [{"name": "b"}, {"name": "a"}]})"), "x[name=b].name:  -> b\n");
}

TEST(Differences, keys_that_are_no_words_stand_in_brackets) {
    EXPECT_EQ(diff(R"({"metadata": {"labels": {"app.kubernetes.io/name": "a"}}})",
                   R"({"metadata": {"labels": {"app.kubernetes.io/name": "b"}}})"),
              "metadata.labels[app.kubernetes.io/name]: a -> b\n");
}

TEST(Differences, a_secret_shows_only_what_is_equal) {
    EXPECT_EQ(diff(R"({"kind": "Secret", "data": {"a": "eA==", "b": "eQ==", "c": "eA=="}})",
                   R"({"kind": "Secret", "data": {"a": "eQ==", "b": "eA==", "c": "eA=="}})"),
              "data.a: ***(1) -> ***(2)\ndata.b: ***(2) -> ***(1)\n");
}

TEST(Differences, data_and_string_data_of_a_secret_have_equal_numbers) {
    EXPECT_EQ(diff(R"({"kind": "Secret", "data": {"a": "eA=="}})", R"({"kind": "Secret", "stringData": {"a": "x"}})"),
              "data.a: ***(1) -> \nstringData.a:  -> ***(1)\n");
}

TEST(Differences, nothing_below_the_data_of_a_secret_is_shown) {
    for (const char* const data : {R"("hush")", R"(["hush"])", R"([{"name": "hush"}])", R"({"a": {"b": ["hush"]}})",
                                   R"({"a": [{"key": "hush"}, {"key": "hush2"}]})"}) {
        const std::string object = std::string(R"({"kind": "Secret", "data": )") + data + "}";
        const std::string text = diff(object.c_str(), R"({"kind": "Secret", "data": 1})");
        EXPECT_EQ(text.find("hush"), std::string::npos) << text;
        EXPECT_NE(text.find("***("), std::string::npos) << text;
    }
}

TEST(Differences, a_value_that_only_one_side_calls_secret_is_hidden) {
    EXPECT_EQ(diff(R"({"data": {"a": "hush"}})", R"({"kind": "Secret"})").find("hush"), std::string::npos);
    EXPECT_EQ(diff(R"({"kind": "Secret"})", R"({"data": {"a": "hush"}})").find("hush"), std::string::npos);
}

TEST(Differences, the_copy_that_kubectl_keeps_of_a_secret_is_hidden) {
    const std::string text = diff(R"({"kind": "Secret", "metadata": {"annotations": {
        "kubectl.kubernetes.io/last-applied-configuration": "{\"stringData\": \"hush\"}"}}})",
                                  R"({"kind": "Secret"})");
    EXPECT_EQ(text.find("hush"), std::string::npos) << text;
}

TEST(Differences, the_labels_of_a_secret_are_shown) {
    EXPECT_EQ(diff(R"({"kind": "Secret", "metadata": {"labels": {"data": "a"}}})",
                   R"({"kind": "Secret", "metadata": {"labels": {"data": "b"}}})"),
              "metadata.labels.data: a -> b\n");
}

TEST(Differences, nothing_can_steer_the_terminal) {
    EXPECT_EQ(diff(R"({"\u001b[2J": "\u001b", "x": [{"name": "\u001b"}]})", "{}").find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace flowlet::kube
