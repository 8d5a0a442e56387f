#include "kube/revision.h"

#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

namespace flowlet::kube::test {
namespace {

using verdict::members_of;

std::vector<std::string> pods_of(const World& world, const json& workload) {
    std::vector<std::string> names;
    for (const auto& found : members_of(world.snapshot, world.snapshot.find(goal_of(workload).ref)).pods) {
        names.push_back(found->at("metadata").at("name"));
    }
    return names;
}

using Names = std::vector<std::string>;

json labelled(json made, const char* label, const char* value) {
    made["metadata"]["labels"][label] = value;
    return made;
}

TEST(Revision, a_deployment_counts_the_pods_of_its_revision_only) {
    World world;
    const auto owner = deployment();
    const auto fresh = replica_set(owner);
    const auto old = replica_set(owner, "wallet-old", "1");
    world.add(owner).add(old).add(fresh).add(pod(old, {}, "old-1")).add(pod(fresh, {}, "new-1"));
    EXPECT_EQ(pods_of(world, owner), Names{"new-1"});
}

TEST(Revision, without_a_matching_annotation_the_youngest_replica_set_counts) {
    World world;
    const auto owner = deployment();
    auto young = replica_set(owner, "wallet-a", "7");
    young["metadata"]["creationTimestamp"] = stamp(60);
    const auto old = replica_set(owner, "wallet-b", "8");
    world.add(owner).add(old).add(young).add(pod(old, {}, "old-1")).add(pod(young, {}, "new-1"));
    EXPECT_EQ(pods_of(world, owner), Names{"new-1"});
}

TEST(Revision, a_stateful_set_counts_by_its_update_revision) {
    World world;
    auto owner = object("apps/v1", "StatefulSet", "db");
    owner["status"] = {{"updateRevision", "db-2"}};
    world.add(owner)
        .add(labelled(pod(owner, {}, "db-0"), "controller-revision-hash", "db-1"))
        .add(labelled(pod(owner, {}, "db-1"), "controller-revision-hash", "db-2"));
    EXPECT_EQ(pods_of(world, owner), Names{"db-1"});
    EXPECT_EQ(members_of(world.snapshot, world.snapshot.find(goal_of(owner).ref)).blocker, "db-0");
}

TEST(Revision, a_daemon_set_counts_by_the_generation_of_its_template) {
    World world;
    auto owner = object("apps/v1", "DaemonSet", "agent");
    owner["metadata"]["generation"] = 9;
    world.add(owner)
        .add(labelled(pod(owner, {}, "a"), "pod-template-generation", "9"))
        .add(labelled(pod(owner, {}, "b"), "pod-template-generation", "4"))
        .add(pod(owner, {}, "c"));
    EXPECT_EQ(pods_of(world, owner), (Names{"a", "c"}));
    owner["metadata"]["annotations"]["deprecated.daemonset.template.generation"] = "4";
    world.add(owner);
    EXPECT_EQ(pods_of(world, owner), (Names{"b", "c"}));
}

TEST(Revision, a_job_counts_the_pods_that_have_not_ended) {
    World world;
    const auto owner = object("batch/v1", "Job", "migrate");
    auto failed = pod(owner, {}, "a");
    failed["status"]["phase"] = "Failed";
    world.add(owner).add(failed).add(pod(owner, {}, "b"));
    EXPECT_EQ(pods_of(world, owner), Names{"b"});
}

TEST(Revision, what_ended_through_no_fault_of_its_own_does_not_count) {
    World world;
    const auto owner = replica_set(deployment());
    auto evicted = pod(owner, {}, "evicted");
    evicted["status"] = {{"phase", "Failed"}, {"reason", "Evicted"}};
    auto preempted = pod(owner, {}, "preempted");
    preempted["status"]["conditions"] = {condition("DisruptionTarget", "True", "PreemptionByScheduler")};
    auto leaving = pod(owner, {}, "leaving");
    leaving["metadata"]["deletionTimestamp"] = stamp(1);
    world.add(owner).add(evicted).add(preempted).add(leaving).add(pod(owner, {}, "kept"));
    EXPECT_EQ(pods_of(world, owner), Names{"kept"});
    EXPECT_EQ(members_of(world.snapshot, world.snapshot.find(goal_of(owner).ref)).leaving, 1);
}

}  // namespace
}  // namespace flowlet::kube::test
