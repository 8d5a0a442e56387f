#include "kube/merge_keys.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace flowlet::kube {
namespace {

using nlohmann::json;

std::string key_for(const std::string& field, const char* before, const char* after) {
    const auto key = find_merge_key(field, json::parse(before), json::parse(after));
    std::string text;
    for (const std::string& member : key.value_or(MergeKey{"none"}))
        text += (text.empty() ? "" : "+") + member;
    return text;
}

TEST(MergeKeys, most_lists_are_told_by_name) {
    EXPECT_EQ(key_for("containers", R"([{"name": "a"}, {"name": "b"}])", R"([{"name": "a"}])"), "name");
}

TEST(MergeKeys, ports_are_told_by_number_and_protocol) {
    EXPECT_EQ(key_for("ports", R"([{"name": "a", "containerPort": 1, "protocol": "TCP"}])", "[]"),
              "containerPort+protocol");
    EXPECT_EQ(key_for("ports", R"([{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}])", "[]"),
              "port+protocol");
    EXPECT_EQ(key_for("ports", R"([{"port": 1}])", R"([{"port": 2, "protocol": "TCP"}])"), "port");
}

TEST(MergeKeys, a_volume_may_be_mounted_twice) {
    EXPECT_EQ(key_for("volumeMounts", R"([{"name": "v", "mountPath": "/a"}, {"name": "v", "mountPath": "/b"}])", "[]"),
              "mountPath");
}

TEST(MergeKeys, claim_templates_are_told_by_the_name_in_their_metadata) {
    EXPECT_EQ(key_for("volumeClaimTemplates", R"([{"metadata": {"name": "data"}}])", "[]"), "metadata.name");
}

TEST(MergeKeys, other_usual_keys_are_known) {
    EXPECT_EQ(key_for("conditions", R"([{"type": "Ready"}])", R"([{"type": "Idle"}])"), "type");
    EXPECT_EQ(key_for("items", R"([{"key": "a", "path": "x"}])", "[]"), "key");
    EXPECT_EQ(key_for("hostAliases", R"([{"ip": "10.0.0.1"}])", "[]"), "ip");
    EXPECT_EQ(key_for("subjects", R"([{"kind": "User", "name": "a"}, {"kind": "Group", "name": "a"}])", "[]"),
              "kind+name");
}

TEST(MergeKeys, a_key_has_to_be_unique_and_everywhere) {
    EXPECT_EQ(key_for("x", R"([{"name": "a"}, {"name": "a"}])", "[]"), "none");
    EXPECT_EQ(key_for("x", R"([{"name": "a"}])", R"([{"name": "b"}, {}])"), "none");
    EXPECT_EQ(key_for("x", R"([{"name": "a"}, "b"])", "[]"), "none");
    EXPECT_EQ(key_for("x", R"([{"name": null}])", "[]"), "none");
    EXPECT_EQ(key_for("x", R"([{"name": {}}])", "[]"), "none");
    EXPECT_EQ(key_for("x", R"(["a"])", R"(["b"])"), "none");
}

TEST(MergeKeys, a_number_and_its_text_are_two_keys) {
    EXPECT_EQ(key_for("x", R"([{"name": 1}, {"name": "1"}])", "[]"), "name");
}

TEST(MergeKeys, an_item_is_rendered_by_its_key) {
    const json item = json::parse(R"({"containerPort": 80, "protocol": "TCP", "metadata": {"name": "a"}})");
    EXPECT_EQ(render_key({"containerPort", "protocol"}, item), "containerPort=80,protocol=TCP");
    EXPECT_EQ(render_key({"metadata.name"}, item), "metadata.name=a");
}

}  // namespace
}  // namespace flowlet::kube
