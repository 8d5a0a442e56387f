#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

namespace flowlet::kube::test {
namespace {

json list_of(const std::string& kind, const std::vector<json>& items) {
    json stripped = json::array();
    for (auto item : items) {
        item.erase("kind");
        item.erase("apiVersion");
        stripped.push_back(item);
    }
    return {{"kind", kind + "List"}, {"apiVersion", kind == "Pod" ? "v1" : "apps/v1"}, {"items", stripped}};
}

TEST(Snapshot, items_of_a_list_get_the_kind_of_the_list) {
    Snapshot snapshot;
    snapshot.replace("Deployment", space, list_of("Deployment", {deployment()}));
    const auto found = snapshot.find(goal_of(deployment()).ref);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->at("kind"), "Deployment");
    EXPECT_EQ(found->at("apiVersion"), "apps/v1");
}

TEST(Snapshot, an_untyped_list_gives_its_items_the_kind_asked_for) {
    Snapshot snapshot;
    snapshot.replace("Pod", space, {{"items", {{{"metadata", {{"name", "a"}, {"namespace", space}}}}}}});
    EXPECT_EQ(snapshot.all("Pod", space).size(), 1U);
}

TEST(Snapshot, replacing_removes_what_the_list_no_longer_holds_and_nothing_else) {
    Snapshot snapshot;
    const auto owner = deployment();
    auto elsewhere = pod(owner, {}, "other");
    elsewhere["metadata"]["namespace"] = "flowlet-data";
    put(snapshot, owner);
    put(snapshot, elsewhere);
    put(snapshot, pod(owner, {}, "a"));
    snapshot.replace("Pod", space, list_of("Pod", {pod(owner, {}, "b")}));
    EXPECT_EQ(snapshot.all("Pod", space).size(), 1U);
    EXPECT_EQ(snapshot.all("Pod", "").size(), 2U);
    EXPECT_EQ(snapshot.all("Deployment", space).size(), 1U);
    EXPECT_EQ(snapshot.owned("Pod", "Deployment-wallet").size(), 2U);
}

TEST(Snapshot, an_owner_may_come_after_what_it_owns) {
    Snapshot snapshot;
    const auto owner = deployment();
    put(snapshot, replica_set(owner));
    EXPECT_EQ(snapshot.owned("ReplicaSet", "Deployment-wallet").size(), 1U);
    EXPECT_TRUE(snapshot.owned("Pod", "Deployment-wallet").empty());
}

TEST(Snapshot, only_the_controlling_owner_counts) {
    Snapshot snapshot;
    auto made = pod(deployment(), {});
    made["metadata"]["ownerReferences"][0]["controller"] = false;
    put(snapshot, made);
    EXPECT_TRUE(snapshot.owned("Pod", "Deployment-wallet").empty());
}

TEST(Snapshot, a_deletion_takes_the_object_out_of_every_index) {
    Snapshot snapshot;
    const auto made = pod(deployment(), {});
    const auto told = event(made, "BackOff", "text");
    put(snapshot, made);
    put(snapshot, told);
    snapshot.apply({{"type", "DELETED"}, {"object", made}});
    snapshot.apply({{"type", "DELETED"}, {"object", told}});
    EXPECT_EQ(snapshot.find(goal_of(made).ref), nullptr);
    EXPECT_TRUE(snapshot.owned("Pod", "Deployment-wallet").empty());
    EXPECT_TRUE(snapshot.events("Pod-wallet-new-abcde").empty());
}

TEST(Snapshot, a_late_deletion_of_a_namesake_leaves_the_new_object) {
    Snapshot snapshot;
    auto first = pod(deployment(), {});
    auto second = first;
    second["metadata"]["uid"] = "another";
    put(snapshot, first);
    put(snapshot, second);
    snapshot.apply({{"type", "DELETED"}, {"object", first}});
    const auto found = snapshot.find(goal_of(first).ref);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->at("metadata").at("uid"), "another");
    EXPECT_EQ(snapshot.owned("Pod", "Deployment-wallet").size(), 1U);
}

TEST(Snapshot, an_object_is_found_under_another_version_of_its_group) {
    Snapshot snapshot;
    put(snapshot, deployment());
    EXPECT_NE(snapshot.find({"apps/v1beta1", "Deployment", space, "wallet"}), nullptr);
    EXPECT_EQ(snapshot.find({"serving.example/v1", "Deployment", space, "wallet"}), nullptr);
}

TEST(Snapshot, events_come_oldest_first) {
    Snapshot snapshot;
    const auto made = deployment();
    put(snapshot, event(made, "Third", "", 3));
    put(snapshot, event(made, "First", "", 1));
    auto modern = event(made, "Second", "", 9);
    modern["lastTimestamp"] = nullptr;
    modern["eventTime"] = stamp(2);
    put(snapshot, modern);
    std::vector<std::string> reasons;
    for (const auto& told : snapshot.events("Deployment-wallet"))
        reasons.push_back(told->at("reason"));
    EXPECT_EQ(reasons, (std::vector<std::string>{"First", "Second", "Third"}));
}

TEST(Snapshot, a_moved_snapshot_keeps_its_objects) {
    Snapshot snapshot;
    put(snapshot, deployment());
    const Snapshot moved = std::move(snapshot);
    EXPECT_EQ(moved.all("Deployment", space).size(), 1U);
}

TEST(Snapshot, foreign_shapes_are_ignored) {
    Snapshot snapshot;
    for (const auto& strange :
         {json(), json(7), json::array(), json("text"), json{{"type", 3}}, json{{"type", "ADDED"}, {"object", 5}},
          json{{"type", "ADDED"}, {"object", json::object()}},
          json{{"type", "ADDED"}, {"object", {{"kind", "Pod"}, {"metadata", "x"}}}}}) {
        snapshot.apply(strange);
        snapshot.replace("Pod", "", strange);
        snapshot.replace("Pod", "", {{"items", strange}});
    }
    EXPECT_TRUE(snapshot.all("Pod", "").empty());
}

}  // namespace
}  // namespace flowlet::kube::test
