#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

namespace flowlet::kube::test {
namespace {

std::vector<std::string> watched(const std::vector<json>& objects) {
    std::vector<Goal> goals;
    for (const auto& made : objects)
        goals.push_back(goal_of(made));
    std::vector<std::string> kinds;
    for (const auto& resource : kinds_to_watch(goals))
        kinds.push_back(resource.kind + "." + resource.api_version);
    return kinds;
}

using Kinds = std::vector<std::string>;

TEST(Kinds, workloads_need_what_they_make_and_core_events) {
    EXPECT_EQ(watched({deployment()}), (Kinds{"Deployment.apps/v1", "ReplicaSet.apps/v1", "Pod.v1", "Event.v1"}));
    EXPECT_EQ(watched({object("apps/v1", "StatefulSet", "a")}),
              (Kinds{"StatefulSet.apps/v1", "Pod.v1", "Event.v1", "PersistentVolumeClaim.v1"}));
    EXPECT_EQ(watched({object("batch/v1", "Job", "a")}), (Kinds{"Job.batch/v1", "Pod.v1", "Event.v1"}));
    EXPECT_EQ(watched({object("v1", "PersistentVolumeClaim", "a")}), (Kinds{"PersistentVolumeClaim.v1", "Event.v1"}));
    EXPECT_EQ(watched({object("v1", "ConfigMap", "a")}), (Kinds{"ConfigMap.v1"}));
}

TEST(Kinds, nothing_is_watched_twice) {
    auto second = deployment();
    second["metadata"]["name"] = "ledger";
    EXPECT_EQ(watched({deployment(), second, object("v1", "Pod", "a")}),
              (Kinds{"Deployment.apps/v1", "ReplicaSet.apps/v1", "Pod.v1", "Event.v1"}));
}

TEST(Kinds, an_unknown_kind_is_left_to_the_caller) {
    EXPECT_TRUE(watched({object("example.org/v1", "Unheard", "a")}).empty());
    EXPECT_TRUE(watched({}).empty());
}

TEST(Kinds, tracked_is_what_has_a_readiness_of_its_own) {
    for (const auto* kind : {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod",
                             "PersistentVolumeClaim", "CustomResourceDefinition", "APIService"}) {
        EXPECT_TRUE(is_tracked(kind)) << kind;
    }
    for (const auto* kind : {"Service", "ConfigMap", "Namespace", "CronJob", "deployment", ""}) {
        EXPECT_FALSE(is_tracked(kind)) << kind;
    }
}

}  // namespace
}  // namespace flowlet::kube::test
