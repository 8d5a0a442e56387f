#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

// Signals of a workload: what cannot be created, what was given up.
namespace flowlet::kube::test {
namespace {

json empty_set(const json& owner) {
    auto made = replica_set(owner);
    made["status"] = {{"observedGeneration", 1}, {"replicas", 0}};
    return made;
}

struct Single {
    json owner = deployment();
    World world;

    Single() {
        owner["status"] = {{"observedGeneration", 1}};
        world.add(owner);
    }
    State judge(double seconds) { return world.judge(owner, seconds); }
};

TEST(SignalsWorkload, a_refused_pod_ends_it_after_five_seconds) {
    for (const auto* message :
         {"Error creating: pods \"w\" is forbidden: exceeded quota: core, requested: pods=1",
          "Error creating: admission webhook \"w\" denied the request", "violates PodSecurity \"restricted:latest\"",
          "error looking up service account a/b: serviceaccount \"b\" not found"}) {
        Single single;
        const auto set = empty_set(single.owner);
        single.world.add(set).add(event(set, "FailedCreate", message));
        EXPECT_EQ(single.judge(0).recheck, at(5)) << message;
        const auto late = single.judge(5);
        ASSERT_TRUE(late.failure) << message;
        EXPECT_EQ(late.failure->reason, "FailedCreate");
        EXPECT_EQ(late.failure->certainty, Certainty::permanent);
        EXPECT_EQ(late.failure->message, message);
        EXPECT_EQ(late.failure->pod, "");
        EXPECT_EQ(late.failure->events.size(), 1U);
    }
}

TEST(SignalsWorkload, the_condition_says_it_without_an_event) {
    Single single;
    auto set = empty_set(single.owner);
    set["status"]["conditions"] = {condition("ReplicaFailure", "True", "FailedCreate", "pods \"w\" is forbidden: no")};
    single.world.add(set);
    EXPECT_FALSE(single.judge(0).failure);
    EXPECT_TRUE(single.judge(5).failure);
}

TEST(SignalsWorkload, the_deployments_own_condition_counts_as_well) {
    Single single;
    single.owner["status"]["conditions"] = {
        condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota: core")};
    single.world.add(single.owner);
    EXPECT_FALSE(single.judge(0).failure);
    EXPECT_TRUE(single.judge(5).failure);
}

TEST(SignalsWorkload, a_passing_failure_to_create_has_three_attempts) {
    Single single;
    const auto set = empty_set(single.owner);
    const auto message = "Error creating: Internal error occurred: failed calling webhook: connection refused";
    single.world.add(set).add(event(set, "FailedCreate", message, 1, 2));
    EXPECT_FALSE(single.judge(60).failure);
    single.world.add(event(set, "FailedCreate", message, 2, 1));
    const auto state = single.judge(61);
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->certainty, Certainty::budget_spent);
    EXPECT_NE(state.failure->message.find("3 attempts failed"), std::string::npos);
}

TEST(SignalsWorkload, a_creation_that_succeeded_since_is_no_failure) {
    Single single;
    const auto set = empty_set(single.owner);
    single.world.add(set).add(event(set, "FailedCreate", "exceeded quota", 1));
    single.world.add(event(set, "SuccessfulCreate", "Created pod: w", 2, 1, "Normal"));
    EXPECT_FALSE(single.judge(0).recheck);
    Single full;
    full.world.add(replica_set(full.owner)).add(event(replica_set(full.owner), "FailedCreate", "exceeded quota", 1));
    EXPECT_FALSE(full.judge(0).recheck);
}

TEST(SignalsWorkload, a_quota_is_waited_for_while_pods_are_ending) {
    Single single;
    const auto set = empty_set(single.owner);
    auto leaving = pod(set, running(0));
    leaving["metadata"]["deletionTimestamp"] = stamp(30);
    single.world.add(set).add(leaving).add(event(set, "FailedCreate", "forbidden: exceeded quota: core"));
    EXPECT_FALSE(single.judge(0).recheck);
}

TEST(SignalsWorkload, every_maker_of_pods_is_asked) {
    auto stateful = object("apps/v1", "StatefulSet", "db");
    stateful["spec"] = {{"replicas", 2}};
    stateful["status"] = {{"observedGeneration", 1}};
    auto daemon = object("apps/v1", "DaemonSet", "agent");
    daemon["status"] = {{"observedGeneration", 1}, {"desiredNumberScheduled", 1}};
    auto job = object("batch/v1", "Job", "migrate");
    for (const auto& made : {stateful, daemon, job}) {
        World world;
        world.add(made).add(event(made, "FailedCreate", "pods is forbidden: exceeded quota: core"));
        EXPECT_FALSE(world.judge(made, 0).failure) << made.at("kind");
        EXPECT_TRUE(world.judge(made, 5).failure) << made.at("kind");
    }
}

json exceeded(json owner) {
    owner["status"]["conditions"] = {condition("Progressing", "False", "ProgressDeadlineExceeded",
                                               "ReplicaSet \"wallet-new\" has timed out progressing.")};
    return owner;
}

TEST(SignalsWorkload, an_exceeded_deadline_is_told_with_what_a_pod_says) {
    const auto owner = exceeded(deployment());
    const auto set = replica_set(owner);
    World world;
    world.add(owner).add(set).add(pod(set, waiting("CreateContainerConfigError", "secret \"a\" not found")));
    EXPECT_EQ(world.judge(owner, 0).recheck, at(3));
    const auto state = world.judge(owner, 3);
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->reason, "CreateContainerConfigError");
    World unknown;
    unknown.add(owner).add(set);
    EXPECT_FALSE(unknown.judge(owner, 0).failure);
    const auto bare = unknown.judge(owner, 3);
    ASSERT_TRUE(bare.failure);
    EXPECT_EQ(bare.failure->reason, "ProgressDeadlineExceeded");
    EXPECT_EQ(bare.failure->certainty, Certainty::permanent);
}

TEST(SignalsWorkload, an_exceeded_deadline_names_a_signal_that_was_not_due_yet) {
    const auto owner = exceeded(deployment());
    const auto set = replica_set(owner);
    auto made = pod(set, {});
    made["status"]["conditions"] = {condition("PodScheduled", "False", "Unschedulable", "no node")};
    World world;
    world.add(owner).add(set).add(made);
    world.judge(owner, 0);
    const auto state = world.judge(owner, 3);
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->reason, "ProgressDeadlineExceeded");
    EXPECT_NE(state.failure->message.find("Unschedulable: no node"), std::string::npos);
    EXPECT_EQ(state.failure->pod, "wallet-new-abcde");
}

TEST(SignalsWorkload, a_job_that_was_given_up_names_the_pod_that_failed_last) {
    for (const auto* type : {"Failed", "FailureTarget"}) {
        auto job = object("batch/v1", "Job", "migrate");
        job["status"]["conditions"] = {condition(type, "True", "BackoffLimitExceeded", "Job has reached the limit")};
        auto first = pod(job, terminated(1, 0, 1), "migrate-a");
        first["status"]["phase"] = "Failed";
        auto last = pod(job, terminated(2, 5, 6), "migrate-b");
        last["status"]["phase"] = "Failed";
        last["metadata"]["creationTimestamp"] = stamp(5);
        World world;
        world.add(job).add(first).add(last);
        const auto state = world.judge(job, 0);
        ASSERT_TRUE(state.failure) << type;
        EXPECT_EQ(state.failure->reason, "BackoffLimitExceeded");
        EXPECT_EQ(state.failure->pod, "migrate-b");
        EXPECT_EQ(state.failure->container, "wallet");
        EXPECT_TRUE(state.failure->has_log);
        EXPECT_NE(state.failure->message.find("ended with exit code 2"), std::string::npos);
    }
}

TEST(SignalsWorkload, a_bare_pod_that_failed_is_a_failure) {
    auto bare = pod(deployment(), terminated(7, 0, 1));
    bare["metadata"].erase("ownerReferences");
    bare["status"]["phase"] = "Failed";
    World world;
    const auto state = world.add(bare).judge(bare, 0);
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->reason, "PodFailed");
    EXPECT_NE(state.failure->message.find("exit code 7"), std::string::npos);
}

TEST(SignalsWorkload, claims_fail_when_lost_or_without_a_class) {
    auto claim = object("v1", "PersistentVolumeClaim", "data");
    claim["status"] = {{"phase", "Lost"}};
    World lost;
    EXPECT_EQ(lost.add(claim).judge(claim, 0).failure.value_or(Failure{}).reason, "ClaimLost");
    claim["status"]["phase"] = "Pending";
    World classless;
    classless.add(claim).add(event(claim, "ProvisioningFailed", "storageclass.storage.k8s.io \"fast\" not found"));
    EXPECT_EQ(classless.judge(claim, 0).recheck, at(15));
    EXPECT_TRUE(classless.judge(claim, 15).failure);
    World slow;
    slow.add(claim).add(event(claim, "ProvisioningFailed", "rpc error: deadline exceeded", 1, 2));
    EXPECT_FALSE(slow.judge(claim, 60).failure);
    slow.add(event(claim, "ProvisioningFailed", "rpc error: deadline exceeded", 2, 1));
    EXPECT_EQ(slow.judge(claim, 61).failure.value_or(Failure{}).certainty, Certainty::budget_spent);
}

TEST(SignalsWorkload, a_definition_whose_names_are_taken_fails) {
    auto definition = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "as.example.org");
    definition["status"]["conditions"] = {condition("NamesAccepted", "False", "PluralConflict", "\"as\" is taken")};
    World world;
    EXPECT_EQ(world.add(definition).judge(definition, 0).recheck, at(3));
    EXPECT_EQ(world.judge(definition, 3).failure.value_or(Failure{}).reason, "NamesNotAccepted");
}

}  // namespace
}  // namespace flowlet::kube::test
