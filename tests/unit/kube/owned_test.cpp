#include <gtest/gtest.h>

#include "flowlet/kube.h"
#include "unit/kube/live_objects.h"

namespace flowlet::kube {
namespace {

using nlohmann::json;

json owned(const char* fields, const char* spec, const char* others = "{}") {
    json live = {{"apiVersion", "v1"}, {"kind", "A"}, {"metadata", {{"name", "a"}}}, {"spec", json::parse(spec)}};
    live["metadata"]["managedFields"] = json::array(
        {{{"manager", "flowletctl"}, {"operation", "Apply"}, {"fieldsV1", {{"f:spec", json::parse(fields)}}}},
         {{"manager", "other"}, {"operation", "Update"}, {"fieldsV1", {{"f:spec", json::parse(others)}}}}});
    return owned_by(live, "flowletctl")["spec"];
}

TEST(Owned, an_object_without_owned_fields_is_its_identity) {
    const json live = json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"},
        "metadata": {"name": "a", "namespace": "b", "uid": "u", "labels": {"c": "d"}}})");
    EXPECT_EQ(owned_by(live, "flowletctl"), json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "b"}})"));
}

TEST(Owned, only_owned_members_are_taken) {
    EXPECT_EQ(owned(R"({"f:a": {}, "f:b": {"f:c": {}}})", R"({"a": 1, "b": {"c": 2, "d": 3}, "e": 4})"),
              json::parse(R"({"a": 1, "b": {"c": 2}})"));
}

TEST(Owned, a_leaf_is_the_whole_value) {
    EXPECT_EQ(owned(R"({"f:a": {}})", R"({"a": {"b": [1, {"c": 2}]}})"), json::parse(R"({"a": {"b": [1, {"c": 2}]}})"));
}

TEST(Owned, a_leaf_below_which_others_own_was_empty) {
    EXPECT_EQ(owned(R"({"f:a": {}})", R"({"a": {"b": 1}})", R"({"f:a": {".": {}, "f:b": {}}})"),
              json::parse(R"({"a": {}})"));
    EXPECT_EQ(owned(R"({"f:a": {}})", R"({"a": {"b": 1}})", R"({"f:a": {}})"), json::parse(R"({"a": {"b": 1}})"));
}

TEST(Owned, what_is_gone_is_skipped) {
    EXPECT_EQ(owned(R"({"f:a": {}, "f:b": {"f:c": {}}, "f:d": {}})", R"({"b": {}, "d": 1})"),
              json::parse(R"({"d": 1})"));
}

TEST(Owned, a_switch_that_is_off_is_not_gone) {
    EXPECT_EQ(owned(R"({"f:hostNetwork": {}, "f:minReadySeconds": {}, "f:a": {}})", R"({"a": 1})"),
              json::parse(R"({"a": 1, "hostNetwork": false, "minReadySeconds": 0})"));
}

TEST(Owned, items_are_found_by_their_keys) {
    EXPECT_EQ(owned(R"({"f:c": {"k:{\"name\":\"b\"}": {".": {}, "f:name": {}, "f:image": {}}}})",
                    R"({"c": [{"name": "a", "image": 1}, {"name": "b", "image": 2, "tty": true}]})"),
              json::parse(R"({"c": [{"name": "b", "image": 2}]})"));
}

TEST(Owned, the_keys_of_an_item_are_taken_along) {
    EXPECT_EQ(owned(R"({"f:c": {"k:{\"name\":\"b\"}": {"f:image": {}}}})", R"({"c": [{"name": "b", "image": 2}]})"),
              json::parse(R"({"c": [{"name": "b", "image": 2}]})"));
}

TEST(Owned, a_compound_key_tells_ports_apart) {
    EXPECT_EQ(
        owned(R"({"f:ports": {"k:{\"port\":53,\"protocol\":\"UDP\"}": {".": {}, "f:port": {}, "f:protocol": {}}}})",
              R"({"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP", "targetPort": 53}]})"),
        json::parse(R"({"ports": [{"port": 53, "protocol": "UDP"}]})"));
}

TEST(Owned, a_protocol_that_was_not_applied_is_not_made_up) {
    EXPECT_EQ(owned(R"({"f:ports": {"k:{\"port\":53,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}}})",
                    R"({"ports": [{"port": 53, "protocol": "TCP"}]})"),
              json::parse(R"({"ports": [{"port": 53}]})"));
}

TEST(Owned, members_of_a_set_are_found_by_value) {
    EXPECT_EQ(owned(R"({"f:s": {"v:\"a\"": {}, "v:3": {}, "v:\"gone\"": {}}})", R"({"s": ["x", 3, "a"]})"),
              json::parse(R"({"s": [3, "a"]})"));
}

TEST(Owned, items_are_found_by_position) {
    EXPECT_EQ(owned(R"({"f:l": {"i:1": {}}})", R"({"l": ["a", "b"]})"), json::parse(R"({"l": ["b"]})"));
}

TEST(Owned, items_keep_the_order_of_the_live_list) {
    EXPECT_EQ(owned(R"({"f:c": {"k:{\"name\":\"a\"}": {"f:name": {}}, "k:{\"name\":\"z\"}": {"f:name": {}}}})",
                    R"({"c": [{"name": "z"}, {"name": "m"}, {"name": "a"}]})"),
              json::parse(R"({"c": [{"name": "z"}, {"name": "a"}]})"));
}

TEST(Owned, an_owned_map_that_lost_its_members_stays_as_empty) {
    EXPECT_EQ(owned(R"({"f:a": {".": {}, "f:b": {}}, "f:l": {".": {}, "v:1": {}}})", R"({"a": {"c": 1}, "l": [2]})"),
              json::parse(R"({"a": {}, "l": []})"));
}

TEST(Owned, a_deployment_is_what_was_applied) {
    const json applied = owned_by(live_object("Deployment"), "flowletctl");
    EXPECT_EQ(applied["metadata"],
              json::parse(R"({"name": "wallet", "namespace": "default", "labels": {"app": "wallet"},
        "finalizers": ["x.io/keep", "x.io/more"]})"));
    const json& pod = applied["spec"]["template"]["spec"];
    EXPECT_EQ(pod["containers"], json::parse(R"([{"name": "wallet", "image": "x:1", "args": ["a", "b"],
        "ports": [{"containerPort": 8080}, {"containerPort": 8080, "name": "u", "protocol": "UDP"},
                  {"containerPort": 9090, "protocol": "TCP"}],
        "env": [{"name": "A", "value": "1"}, {"name": "E", "value": ""},
                {"name": "S", "valueFrom": {"secretKeyRef": {"key": "k", "name": "s"}}}],
        "envFrom": [{"configMapRef": {"name": "c"}}],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "initialDelaySeconds": 0},
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}},
        "securityContext": {"capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "v", "mountPath": "/a", "readOnly": false}, {"name": "v", "mountPath": "/b"}]}])"));
    EXPECT_EQ(pod["tolerations"], json::parse(R"([{"key": "k", "operator": "Exists"}])"));
    EXPECT_EQ(pod["imagePullSecrets"], json::parse(R"([{"name": "reg"}])"));
    EXPECT_EQ(pod["volumes"], json::parse(R"([{"name": "v", "emptyDir": {}},
        {"name": "p", "projected": {"sources": [{"configMap": {"name": "c"}}]}}])"));
    EXPECT_FALSE(pod.contains("restartPolicy"));
    EXPECT_FALSE(applied.contains("status"));
}

TEST(Owned, a_service_is_what_was_applied) {
    EXPECT_EQ(owned_by(live_object("Service"), "flowletctl")["spec"], json::parse(R"({"selector": {"app": "wallet"},
        "ports": [{"name": "t", "port": 53, "protocol": "TCP"}, {"name": "u", "port": 53, "protocol": "UDP"},
                  {"name": "h", "port": 80}]})"));
}

TEST(Owned, the_string_data_of_a_secret_is_found_in_its_data) {
    const json applied = owned_by(live_object("Secret"), "flowletctl");
    EXPECT_EQ(applied["stringData"], json::parse(R"({"password": "old", "u": "é"})"));
    EXPECT_EQ(applied["data"], json::parse(R"({"bin": "AP8="})"));
}

TEST(Owned, string_data_that_is_no_text_stays_base64) {
    const json live = json::parse(R"({"apiVersion": "v1", "kind": "Secret", "data": {"a": "AP8=", "b": "!"},
        "metadata": {"name": "s", "managedFields": [{"manager": "m", "operation": "Apply",
            "fieldsV1": {"f:stringData": {".": {}, "f:a": {}, "f:b": {}, "f:gone": {}}}}]}})");
    const json applied = owned_by(live, "m");
    EXPECT_EQ(applied["data"], json::parse(R"({"a": "AP8="})"));
    EXPECT_FALSE(applied.contains("stringData"));
}

TEST(Owned, data_that_others_put_into_a_config_map_is_not_taken) {
    const json live = live_object("ConfigMap");
    ASSERT_EQ(live["data"], json::parse(R"({"foreign": "1"})"));
    EXPECT_EQ(owned_by(live, "flowletctl").value("data", json::object()), json::object());
}

TEST(Owned, atomic_lists_are_taken_whole) {
    EXPECT_EQ(owned_by(live_object("Role"), "flowletctl")["rules"],
              json::parse(R"([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}])"));
    EXPECT_EQ(owned_by(live_object("NetworkPolicy"), "flowletctl")["spec"],
              json::parse(R"({"podSelector": {}, "ingress": [{}], "policyTypes": ["Ingress", "Egress"]})"));
    const json set = live_object("StatefulSet");
    EXPECT_EQ(owned_by(set, "flowletctl")["spec"]["volumeClaimTemplates"], set["spec"]["volumeClaimTemplates"]);
}

TEST(Owned, a_priority_class_that_is_no_default_says_so) {
    EXPECT_EQ(owned_by(live_object("PriorityClass"), "flowletctl")["globalDefault"], false);
}

TEST(Owned, nothing_is_left_that_would_be_a_condition_on_the_live_object) {
    for (const json& live : live_objects()) {
        const json metadata = owned_by(live, "flowletctl")["metadata"];
        for (const char* const member : {"uid", "resourceVersion", "managedFields", "generation"}) {
            EXPECT_FALSE(metadata.contains(member)) << live["kind"] << member;
        }
        EXPECT_EQ(metadata["name"], live["metadata"]["name"]);
    }
}

}  // namespace
}  // namespace flowlet::kube
