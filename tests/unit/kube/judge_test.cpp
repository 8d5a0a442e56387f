#include <gtest/gtest.h>

#include <algorithm>

#include "unit/kube/cluster_objects.h"

namespace flowlet::kube::test {
namespace {

json done(json made, int count) {
    for (const auto* field : {"replicas", "updatedReplicas", "readyReplicas", "availableReplicas"})
        made["status"][field] = count;
    return made;
}

TEST(Judge, what_is_not_there_is_waited_for) {
    World world;
    const auto state = world.judge(deployment(), 0);
    EXPECT_FALSE(state.ready);
    EXPECT_FALSE(state.failure);
    EXPECT_EQ(state.summary, "does not exist yet");
}

TEST(Judge, what_is_being_deleted_is_not_ready) {
    auto made = done(deployment(), 1);
    made["metadata"]["deletionTimestamp"] = stamp(0);
    made["metadata"]["finalizers"] = {"example.org/backup"};
    World world;
    const auto state = world.add(made).judge(made, 0);
    EXPECT_FALSE(state.ready);
    EXPECT_EQ(state.summary, "it is being deleted, held by example.org/backup");
}

TEST(Judge, an_older_generation_is_neither_ready_nor_failed) {
    const auto owner = done(deployment(), 1);
    const auto set = replica_set(owner);
    Snapshot snapshot;
    put(snapshot, owner);
    put(snapshot, set);
    put(snapshot, pod(set, waiting("InvalidImageName")));
    Judge judge;
    const auto state = judge.judge(snapshot, goal_of(owner, 2), at(100));
    EXPECT_FALSE(state.ready);
    EXPECT_FALSE(state.failure);
    EXPECT_EQ(state.summary, "waiting to see generation 2, this is 1");
}

TEST(Judge, ready_counts_without_pods_in_sight_are_believed) {
    World world;
    const auto owner = done(deployment(3), 3);
    EXPECT_TRUE(world.add(owner).judge(owner, 0).ready);
}

TEST(Judge, a_paused_rollout_waits_for_a_person) {
    auto owner = deployment();
    owner["spec"]["paused"] = true;
    const auto set = replica_set(owner);
    World world;
    world.add(owner).add(set).add(pod(set, waiting("InvalidImageName")));
    EXPECT_FALSE(world.judge(owner, 0).failure);
    const auto state = world.judge(owner, 600);
    EXPECT_FALSE(state.failure);
    EXPECT_EQ(state.summary, "paused");
}

TEST(Judge, tells_what_is_waited_for_when_there_is_no_pod_yet) {
    auto owner = deployment(3);
    owner["status"] = {{"observedGeneration", 1}};
    World world;
    EXPECT_EQ(world.add(owner).judge(owner, 0).summary, "0 of 3 updated: 0 of 3 pods created");
    const auto set = replica_set(owner);
    auto made = pod(set, {});
    made["spec"].erase("nodeName");
    made.erase("status");
    EXPECT_EQ(world.add(set).add(made).judge(owner, 0).summary, "0 of 3 updated: waiting for the scheduler");
}

TEST(Judge, tells_of_the_worst_pod_first) {
    auto owner = deployment(2);
    const auto set = replica_set(owner);
    World world;
    world.add(owner).add(set).add(pod(set, waiting("ContainerCreating"), "a")).add(pod(set, terminated(1, 0, 1), "b"));
    EXPECT_EQ(world.judge(owner, 0).summary, "0 of 2 ready: pod b container wallet has ended with exit code 1");
}

TEST(Judge, tells_of_an_old_pod_that_holds_a_stateful_set_up) {
    auto owner = object("apps/v1", "StatefulSet", "db");
    owner["spec"] = {{"replicas", 1}};
    owner["status"] = {{"observedGeneration", 1}, {"replicas", 1}, {"currentRevision", "1"}, {"updateRevision", "2"}};
    auto old = pod(owner, terminated(1, 0, 1), "db-0");
    old["metadata"]["labels"]["controller-revision-hash"] = "1";
    World world;
    const auto state = world.add(owner).add(old).judge(owner, 0);
    EXPECT_EQ(state.summary,
              "0 of 1 updated: pod db-0 of the old revision is not ready, and is only replaced once it is; delete it "
              "to go on");
}

TEST(Judge, counts_the_pods_that_say_the_same) {
    const auto owner = deployment(4);
    const auto set = replica_set(owner);
    World world;
    world.add(owner).add(set).add(ready_pod(set, 0, "good"));
    for (const auto* name : {"a", "b"})
        world.add(pod(set, waiting("InvalidImageName", "couldn't parse"), name));
    const auto state = world.judge(owner, 0);
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->message, "couldn't parse (2 of 4 pods)");
    EXPECT_EQ(state.failure->pod, "a");
    EXPECT_EQ(state.summary, "InvalidImageName: couldn't parse (2 of 4 pods)");
}

TEST(Judge, the_most_certain_signal_is_the_one_reported) {
    const auto owner = deployment(2);
    const auto set = replica_set(owner);
    auto crashed = pod(set, waiting("CrashLoopBackOff"), "a");
    status_of(crashed)["restartCount"] = 9;
    status_of(crashed)["lastState"] = terminated(1, 0, 1);
    World world;
    world.add(owner).add(set).add(crashed).add(pod(set, waiting("InvalidImageName"), "b"));
    EXPECT_EQ(world.judge(owner, 0).failure.value_or(Failure{}).reason, "InvalidImageName");
}

TEST(Judge, shows_the_last_eight_warnings_oldest_first) {
    const auto owner = deployment();
    const auto set = replica_set(owner);
    const auto made = pod(set, waiting("InvalidImageName"));
    World world;
    world.add(owner).add(set).add(made);
    for (int count = 1; count <= 10; ++count)
        world.add(event(made, "Failed", "attempt", count, count));
    world.add(event(made, "Pulled", "not a warning", 99, 1, "Normal"));
    const auto state = world.judge(owner, 0);
    ASSERT_TRUE(state.failure);
    ASSERT_EQ(state.failure->events.size(), 8U);
    EXPECT_EQ(state.failure->events.front(), "Failed: attempt (x3)");
    EXPECT_EQ(state.failure->events.back(), "Failed: attempt (x10)");
}

TEST(Judge, the_events_of_a_pods_claims_are_shown_with_its_own) {
    const auto owner = deployment();
    const auto set = replica_set(owner);
    auto made = pod(set, {});
    made["spec"]["volumes"] = {{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}};
    made["status"]["conditions"] = {condition("PodScheduled", "False", "Unschedulable", "unbound")};
    const auto claim = object("v1", "PersistentVolumeClaim", "data");
    World world;
    world.add(owner).add(set).add(made).add(claim).add(event(claim, "ProvisioningFailed", "no space"));
    world.judge(owner, 0);
    EXPECT_EQ(world.judge(owner, 15).failure.value_or(Failure{}).events,
              std::vector<std::string>{"ProvisioningFailed: no space"});
}

TEST(Judge, nothing_foreign_reaches_the_terminal) {
    const auto owner = deployment();
    const auto set = replica_set(owner);
    const auto made = pod(set, waiting("InvalidImageName", "bad \x1b[31mname\nsecond line"));
    World world;
    world.add(owner).add(set).add(made).add(event(made, "Failed", "bell \x07"));
    const auto state = world.judge(owner, 0);
    ASSERT_TRUE(state.failure);
    for (const auto& text : {state.summary, state.failure->message, state.failure->events.front()}) {
        EXPECT_TRUE(
            std::none_of(text.begin(), text.end(), [](char letter) { return letter == '\x1b' || letter == '\x07'; }));
    }
    EXPECT_EQ(state.summary.find('\n'), std::string::npos);
}

TEST(Judge, a_long_summary_is_cut_between_letters) {
    std::string text;
    for (int letter = 0; letter < 500; ++letter)
        text += "ß";
    const auto owner = deployment();
    const auto set = replica_set(owner);
    World world;
    const auto state = world.add(owner).add(set).add(pod(set, waiting("Odd", text))).judge(owner, 0);
    EXPECT_LT(state.summary.size(), 410U);
    EXPECT_EQ(state.summary, printable(state.summary));
}

TEST(Judge, one_judge_keeps_its_goals_apart) {
    const auto wallet = deployment(9);
    auto ledger = deployment(9);
    ledger["metadata"]["name"] = "ledger";
    ledger["metadata"]["uid"] = "Deployment-ledger";
    const auto set = replica_set(wallet);
    World world;
    world.add(wallet).add(ledger).add(set).add(pod(set, waiting("InvalidImageName")));
    EXPECT_FALSE(world.judge(wallet, 0).failure);
    EXPECT_FALSE(world.judge(ledger, 1).failure);
    EXPECT_TRUE(world.judge(wallet, 3).failure);
}

}  // namespace
}  // namespace flowlet::kube::test
