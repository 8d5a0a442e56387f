#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

// Signals of a container that does not come to run.
namespace flowlet::kube::test {
namespace {

/// A Deployment of one replica whose new pod's container is in this state.
struct Single {
    json owner = deployment();
    json set = replica_set(owner);
    World world;

    explicit Single(const json& state) { world.add(owner).add(set).add(pod(set, state)); }
    State judge(double seconds) { return world.judge(owner, seconds); }
    Single& say(const json& state) {
        world.add(pod(set, state));
        return *this;
    }
    Single& tell(const std::string& reason, const std::string& message, int count) {
        world.add(container_event(pod(set, {}), reason, message, 0, count));
        return *this;
    }
};

void expect_failure(const State& state, const std::string& reason, Certainty certainty, const std::string& in_message) {
    ASSERT_TRUE(state.failure) << state.summary;
    EXPECT_EQ(state.failure->reason, reason);
    EXPECT_EQ(state.failure->certainty, certainty);
    EXPECT_NE(state.failure->message.find(in_message), std::string::npos) << state.failure->message;
    EXPECT_EQ(state.failure->pod, "wallet-new-abcde");
    EXPECT_EQ(state.failure->container, "wallet");
    EXPECT_EQ(state.failure->object, "Deployment/wallet in flowlet-core");
    EXPECT_FALSE(state.failure->next.empty());
    EXPECT_FALSE(state.recheck);
    EXPECT_FALSE(state.ready);
}

TEST(SignalsStart, what_will_be_said_again_ends_a_stuck_rollout_at_once) {
    for (const auto* reason : {"InvalidImageName", "ErrImageNeverPull"}) {
        Single single(waiting(reason, "couldn't"));
        expect_failure(single.judge(0), reason, Certainty::permanent, "(1 of 1 pod)");
    }
    Single pull(waiting("ErrImagePull", "registry.example/flowlet/wallet:1.0.0: not found"));
    expect_failure(pull.judge(0), "ErrImagePull", Certainty::permanent, "not found (1 of 1 pod)");
    Single start(waiting("RunContainerError", "exec: \"walet\": executable file not found in $PATH"));
    expect_failure(start.judge(0), "StartError", Certainty::permanent, "executable file not found");
}

TEST(SignalsStart, a_rollout_with_room_left_has_the_signal_confirmed) {
    const auto owner = deployment(9);
    const auto set = replica_set(owner);
    World world;
    world.add(owner).add(set).add(pod(set, waiting("InvalidImageName", "couldn't parse")));
    const auto early = world.judge(owner, 0);
    EXPECT_FALSE(early.failure);
    EXPECT_EQ(early.recheck, at(3));
    EXPECT_FALSE(world.judge(owner, 2.9).failure);
    expect_failure(world.judge(owner, 3), "InvalidImageName", Certainty::permanent, "(1 of 9 pods)");
}

TEST(SignalsStart, a_signal_that_went_away_is_confirmed_anew) {
    const auto owner = deployment(9);
    const auto set = replica_set(owner);
    World world;
    world.add(owner).add(set).add(pod(set, waiting("InvalidImageName")));
    EXPECT_FALSE(world.judge(owner, 0).failure);
    world.add(pod(set, waiting("ContainerCreating")));
    EXPECT_FALSE(world.judge(owner, 2).failure);
    world.add(pod(set, waiting("InvalidImageName")));
    EXPECT_EQ(world.judge(owner, 4).recheck, at(7));
}

TEST(SignalsStart, the_cause_of_a_failed_pull_outlives_the_back_off) {
    Single single(waiting("ErrImagePull", "pull access denied for wallet"));
    single.judge(0);
    single.say(waiting("ImagePullBackOff", "Back-off pulling image \"x\""));
    expect_failure(single.judge(5), "ErrImagePull", Certainty::permanent, "pull access denied");
}

TEST(SignalsStart, the_cause_of_a_failed_pull_is_also_found_in_the_events) {
    Single single(waiting("ImagePullBackOff", "Back-off pulling image \"x\""));
    EXPECT_FALSE(single.judge(0).failure);
    single.tell("Failed", "Failed to pull image \"x\": manifest unknown", 1);
    expect_failure(single.judge(1), "ErrImagePull", Certainty::permanent, "manifest unknown");
}

TEST(SignalsStart, a_registry_out_of_reach_has_three_attempts) {
    const auto message = "dial tcp: i/o timeout";
    Single single(waiting("ErrImagePull", message));
    EXPECT_FALSE(single.judge(0).failure);
    single.say(waiting("ImagePullBackOff", "Back-off pulling image \"x\""));
    EXPECT_FALSE(single.judge(1).failure);
    EXPECT_FALSE(single.say(waiting("ErrImagePull", message)).judge(15).failure);
    EXPECT_FALSE(single.say(waiting("ImagePullBackOff", "Back-off pulling image \"x\"")).judge(16).failure);
    expect_failure(single.say(waiting("ErrImagePull", message)).judge(40), "ErrImagePull", Certainty::budget_spent,
                   "3 attempts failed: dial tcp: i/o timeout");
}

TEST(SignalsStart, attempts_are_also_counted_by_the_events) {
    Single single(waiting("ErrImagePull", "503 Service Unavailable"));
    single.tell("Failed", "Failed to pull image \"x\": 503 Service Unavailable", 2);
    single.tell("Failed", "Error: ErrImagePull", 9);
    EXPECT_FALSE(single.judge(0).failure);
    single.tell("Failed", "Failed to pull image \"x\": 503 Service Unavailable", 3);
    expect_failure(single.judge(1), "ErrImagePull", Certainty::budget_spent, "3 attempts");
}

TEST(SignalsStart, a_pull_that_succeeded_in_the_end_is_no_failure) {
    Single single(waiting("ErrImagePull", "i/o timeout"));
    single.tell("Failed", "Failed to pull image \"x\": i/o timeout", 7);
    single.say(running(0));
    EXPECT_FALSE(single.judge(1).failure);
}

TEST(SignalsStart, a_missing_secret_has_three_seconds_to_come) {
    Single single(waiting("CreateContainerConfigError", "secret \"pg\" not found"));
    const auto early = single.judge(0);
    EXPECT_FALSE(early.failure);
    EXPECT_EQ(early.recheck, at(3));
    const auto late = single.judge(3);
    expect_failure(late, "CreateContainerConfigError", Certainty::permanent, "secret \"pg\" not found");
    EXPECT_NE(late.failure->next.find("create secret generic pg"), std::string::npos);
    EXPECT_FALSE(late.failure->has_log);
}

TEST(SignalsStart, a_cache_that_is_not_filled_is_waited_for) {
    Single single(waiting("CreateContainerConfigError", "failed to sync secret cache: timed out"));
    const auto state = single.judge(0);
    EXPECT_FALSE(state.failure);
    EXPECT_FALSE(state.recheck);
    EXPECT_FALSE(single.judge(600).failure);
}

TEST(SignalsStart, a_start_error_is_still_known_during_the_back_off) {
    auto made = pod(replica_set(deployment()), waiting("CrashLoopBackOff", "back-off 10s"));
    status_of(made)["lastState"] = terminated(128, 0, 0, "StartError", "exec /app: exec format error");
    Single single(waiting("ContainerCreating"));
    single.world.add(made);
    const auto state = single.judge(0);
    expect_failure(state, "StartError", Certainty::permanent, "exec format error");
    EXPECT_FALSE(state.failure->has_log);
}

TEST(SignalsStart, a_runtime_that_is_slow_has_three_attempts) {
    Single single(waiting("CreateContainerError", "context deadline exceeded"));
    single.tell("Failed", "Error: context deadline exceeded", 2);
    EXPECT_FALSE(single.judge(60).failure);
    single.tell("Failed", "Error: context deadline exceeded", 3);
    expect_failure(single.judge(61), "CreateContainerError", Certainty::budget_spent, "3 attempts failed");
}

TEST(SignalsStart, init_containers_and_sidecars_are_judged_like_the_rest) {
    for (const bool sidecar : {false, true}) {
        auto made = pod(replica_set(deployment()), waiting("PodInitializing"));
        made["spec"]["initContainers"] = {{{"name", "migrate"}, {"image", "r/m:1"}}};
        if (sidecar) made["spec"]["initContainers"][0]["restartPolicy"] = "Always";
        made["status"]["initContainerStatuses"] = {
            {{"name", "migrate"}, {"restartCount", 0}, {"state", waiting("InvalidImageName", "couldn't parse")}}};
        Single single(waiting("PodInitializing"));
        single.world.add(made);
        const auto state = single.judge(0);
        ASSERT_TRUE(state.failure);
        EXPECT_EQ(state.failure->container, "migrate");
    }
}

TEST(SignalsStart, pods_of_the_old_revision_are_not_held_against_the_new) {
    Single single(waiting("ContainerCreating"));
    const auto old = replica_set(single.owner, "wallet-old", "1");
    single.world.add(old).add(pod(old, waiting("InvalidImageName"), "old-1"));
    EXPECT_FALSE(single.judge(0).failure);
    EXPECT_FALSE(single.judge(60).failure);
}

}  // namespace
}  // namespace flowlet::kube::test
