#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

// Signals of a pod as a whole.
namespace flowlet::kube::test {
namespace {

struct Single {
    json owner = deployment();
    json set = replica_set(owner);
    World world;

    Single() { world.add(owner).add(set); }
    Single& add(const json& made) {
        world.add(made);
        return *this;
    }
    State judge(double seconds) { return world.judge(owner, seconds); }
};

json unschedulable(const json& owner) {
    auto made = pod(owner, {});
    made["spec"].erase("nodeName");
    made["status"] = {
        {"phase", "Pending"},
        {"conditions", {condition("PodScheduled", "False", "Unschedulable", "0/4 nodes: Insufficient cpu.")}}};
    return made;
}

TEST(SignalsPod, a_pod_without_a_node_has_fifteen_seconds) {
    Single single;
    const auto early = single.add(unschedulable(single.set)).judge(0);
    EXPECT_FALSE(early.failure);
    EXPECT_EQ(early.recheck, at(15));
    EXPECT_EQ(early.summary, "0 of 1 ready: pod wallet-new-abcde waits for a node: 0/4 nodes: Insufficient cpu.");
    const auto late = single.judge(15);
    ASSERT_TRUE(late.failure);
    EXPECT_EQ(late.failure->reason, "Unschedulable");
    EXPECT_EQ(late.failure->certainty, Certainty::permanent);
    EXPECT_EQ(late.failure->message, "0/4 nodes: Insufficient cpu. (1 of 1 pod)");
    EXPECT_EQ(late.failure->container, "");
}

TEST(SignalsPod, an_autoscaler_at_work_is_waited_for) {
    Single single;
    const auto made = unschedulable(single.set);
    single.add(made).add(event(made, "TriggeredScaleUp", "pod triggered scale-up", 1, 1, "Normal"));
    EXPECT_FALSE(single.judge(0).failure);
    const auto state = single.judge(600);
    EXPECT_FALSE(state.failure);
    EXPECT_NE(state.summary.find("autoscaler"), std::string::npos);
}

TEST(SignalsPod, an_autoscaler_that_does_nothing_is_not) {
    Single single;
    const auto made = unschedulable(single.set);
    single.add(made).add(event(made, "NotTriggerScaleUp", "max size reached", 1));
    EXPECT_FALSE(single.judge(0).failure);
    EXPECT_TRUE(single.judge(15).failure);
}

TEST(SignalsPod, room_that_is_being_made_is_waited_for) {
    Single preempting;
    auto nominated = unschedulable(preempting.set);
    nominated["status"]["nominatedNodeName"] = "node-1";
    EXPECT_FALSE(preempting.add(nominated).judge(0).recheck);
    Single ending;
    auto leaving = pod(replica_set(ending.owner, "wallet-old", "1"), running(0), "old-1");
    leaving["metadata"]["deletionTimestamp"] = stamp(30);
    ending.add(replica_set(ending.owner, "wallet-old", "1")).add(leaving).add(unschedulable(ending.set));
    EXPECT_FALSE(ending.judge(0).recheck);
    EXPECT_FALSE(ending.judge(30).failure);
    ending.world.snapshot.apply({{"type", "DELETED"}, {"object", leaving}});
    EXPECT_EQ(ending.judge(31).recheck, at(46));
}

TEST(SignalsPod, a_pod_that_got_its_node_starts_anew) {
    Single single;
    single.add(unschedulable(single.set)).judge(0);
    EXPECT_FALSE(single.add(pod(single.set, waiting("ContainerCreating"))).judge(14).recheck);
    EXPECT_FALSE(single.judge(16).failure);
}

TEST(SignalsPod, a_volume_of_a_missing_object_has_fifteen_seconds) {
    for (const auto* what :
         {"secret \"tls\" not found", "configmap \"tls\" not found", "references non-existent secret key: a"}) {
        Single single;
        const auto made = pod(single.set, waiting("ContainerCreating"));
        single.add(made).add(
            event(made, "FailedMount", std::string{"MountVolume.SetUp failed for volume \"v\" : "} + what));
        EXPECT_EQ(single.judge(0).recheck, at(15)) << what;
        const auto late = single.judge(15);
        ASSERT_TRUE(late.failure) << what;
        EXPECT_EQ(late.failure->reason, "FailedMount");
        EXPECT_EQ(late.failure->certainty, Certainty::permanent);
    }
}

TEST(SignalsPod, a_volume_that_is_being_attached_is_waited_for) {
    Single single;
    const auto made = pod(single.set, waiting("ContainerCreating"));
    single.add(made).add(
        event(made, "FailedMount", "Unable to attach or mount volumes: timed out waiting for the condition"));
    single.add(event(made, "FailedAttachVolume", "volume is attached to another node"));
    EXPECT_FALSE(single.judge(0).recheck);
    EXPECT_FALSE(single.judge(600).failure);
}

TEST(SignalsPod, a_mount_that_succeeded_later_is_no_failure) {
    const auto message = "MountVolume.SetUp failed for volume \"v\" : secret \"tls\" not found";
    Single pulled;
    const auto made = pod(pulled.set, waiting("ContainerCreating"));
    pulled.add(made).add(event(made, "FailedMount", message));
    pulled.add(container_event(made, "Pulling", "Pulling image \"x\"", 2));
    EXPECT_FALSE(pulled.judge(60).recheck);
    EXPECT_NE(pulled.judge(60).summary.find("pulling image registry.example/flowlet/wallet:1.0.0"), std::string::npos);
    Single sandboxed;
    auto with_sandbox = made;
    with_sandbox["status"]["conditions"].push_back(condition("PodReadyToStartContainers", "True"));
    sandboxed.add(with_sandbox).add(event(made, "FailedMount", message));
    EXPECT_FALSE(sandboxed.judge(60).recheck);
}

TEST(SignalsPod, what_a_node_does_to_a_pod_is_not_held_against_the_workload) {
    Single single;
    auto evicted = pod(single.set, terminated(137, 0, 1), "evicted");
    evicted["status"]["phase"] = "Failed";
    evicted["status"]["reason"] = "Evicted";
    auto preempted = pod(single.set, waiting("InvalidImageName"), "preempted");
    preempted["status"]["conditions"].push_back(condition("DisruptionTarget", "True"));
    single.add(evicted).add(preempted);
    EXPECT_FALSE(single.judge(0).recheck);
    EXPECT_FALSE(single.judge(600).failure);
}

}  // namespace
}  // namespace flowlet::kube::test
