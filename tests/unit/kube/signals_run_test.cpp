#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

// Signals of a container that runs, but not well.
namespace flowlet::kube::test {
namespace {

struct Single {
    json owner = deployment();
    json set = replica_set(owner);
    json made = pod(set, waiting("ContainerCreating"));
    World world;

    Single() { world.add(owner).add(set); }
    /// The container as it is from now on, judged at that moment.
    State see(double seconds, int restarts, const json& state, const json& before = json::object(),
              bool ready = false) {
        auto& status = status_of(made);
        status["restartCount"] = restarts;
        status["state"] = state;
        status["lastState"] = before;
        status["ready"] = ready;
        made["status"]["phase"] = "Running";
        world.add(made);
        return world.judge(owner, seconds);
    }
};

const json back_off = waiting("CrashLoopBackOff", "back-off 10s restarting failed container");

TEST(SignalsRun, three_quick_ends_alike_spend_the_budget) {
    Single single;
    EXPECT_FALSE(single.see(1, 0, terminated(3, 0, 1)).failure);
    EXPECT_FALSE(single.see(2, 1, running(2), terminated(3, 0, 1)).failure);
    EXPECT_FALSE(single.see(3, 1, back_off, terminated(3, 2, 3)).failure);
    EXPECT_FALSE(single.see(15, 2, running(15), terminated(3, 2, 3)).failure);
    const auto state = single.see(16, 2, terminated(3, 15, 16, "Error", "first\nno such table\n"), terminated(3, 2, 3));
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->reason, "CrashLoopBackOff");
    EXPECT_EQ(state.failure->certainty, Certainty::budget_spent);
    EXPECT_EQ(state.failure->message, "exit code 3: no such table, restarted 2 times (1 of 1 pod)");
    EXPECT_TRUE(state.failure->has_log);
    EXPECT_FALSE(state.failure->previous_log);
    EXPECT_EQ(state.failure->next, "see its last lines: kubectl -n flowlet-core logs wallet-new-abcde -c wallet");
}

TEST(SignalsRun, during_the_back_off_the_lines_are_those_of_the_previous_run) {
    Single single;
    single.see(3, 1, back_off, terminated(3, 2, 3));
    const auto state = single.see(17, 2, back_off, terminated(3, 15, 16));
    ASSERT_TRUE(state.failure);
    EXPECT_TRUE(state.failure->has_log);
    EXPECT_TRUE(state.failure->previous_log);
    EXPECT_NE(state.failure->next.find("--previous"), std::string::npos);
}

TEST(SignalsRun, two_crashes_and_a_recovery_are_a_success) {
    Single single;
    single.see(1, 0, terminated(3, 0, 1));
    single.see(3, 1, back_off, terminated(3, 2, 3));
    EXPECT_FALSE(single.see(15, 2, running(15), terminated(3, 2, 3)).failure);
    single.owner["status"]["readyReplicas"] = 1;
    single.owner["status"]["availableReplicas"] = 1;
    single.world.add(single.owner);
    single.made["status"]["conditions"][1] = condition("Ready", "True");
    const auto early = single.see(16, 2, running(15), terminated(3, 2, 3), true);
    EXPECT_FALSE(early.ready);
    EXPECT_EQ(early.recheck, at(25));
    EXPECT_TRUE(single.world.judge(single.owner, 25).ready);
}

TEST(SignalsRun, ends_that_differ_or_come_late_have_one_more_attempt) {
    for (const bool slow : {false, true}) {
        Single single;
        const double life = slow ? 6 : 1;
        const int other = slow ? 3 : 4;
        single.see(10, 1, back_off, terminated(other, 3, 3 + life));
        EXPECT_FALSE(single.see(30, 2, back_off, terminated(3, 20, 20 + life)).failure);
        EXPECT_FALSE(single.see(55, 3, running(50), terminated(3, 20, 20 + life)).failure);
        const auto state = single.see(60, 3, back_off, terminated(3, 50, 50 + life));
        ASSERT_TRUE(state.failure);
        EXPECT_NE(state.failure->message.find("restarted 3 times"), std::string::npos);
    }
}

TEST(SignalsRun, one_end_seen_is_not_enough_to_call_ends_alike) {
    Single single;
    EXPECT_FALSE(single.see(17, 2, back_off, terminated(3, 15, 16)).failure);
}

TEST(SignalsRun, a_service_that_ends_without_an_error_fails_too) {
    Single single;
    EXPECT_FALSE(single.see(20, 2, back_off, terminated(0, 15, 16, "Completed")).failure);
    const auto state = single.see(40, 3, back_off, terminated(0, 35, 36, "Completed"));
    ASSERT_TRUE(state.failure);
    EXPECT_NE(state.failure->message.find("exit code 0, restarted 3 times; a container of a service must not end"),
              std::string::npos);
}

TEST(SignalsRun, a_signal_is_named) {
    Single single;
    const auto state = single.see(60, 3, back_off, terminated(139, 50, 51));
    ASSERT_TRUE(state.failure);
    EXPECT_NE(state.failure->message.find("exit code 139 (signal 11)"), std::string::npos);
}

TEST(SignalsRun, killed_twice_for_its_memory_is_enough) {
    Single single;
    single.made["spec"]["containers"][0]["resources"] = {{"limits", {{"memory", "64Mi"}}}};
    EXPECT_FALSE(single.see(1, 0, terminated(137, 0, 1, "OOMKilled")).failure);
    const auto state = single.see(3, 1, terminated(137, 2, 3, "OOMKilled"), terminated(137, 0, 1, "OOMKilled"));
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->reason, "OOMKilled");
    EXPECT_EQ(state.failure->certainty, Certainty::budget_spent);
    EXPECT_NE(state.failure->message.find("2 times, the limit is 64Mi"), std::string::npos);
}

TEST(SignalsRun, a_container_that_its_liveness_probe_kills_twice_is_named_as_such) {
    Single single;
    single.made["spec"]["containers"][0]["livenessProbe"] = {{"tcpSocket", {{"port", 5432}}}};
    single.world.add(container_event(single.made, "Unhealthy", "Liveness probe failed: dial tcp: refused", 1, 6));
    single.world.add(
        container_event(single.made, "Killing", "Container wallet failed liveness probe, will be restarted", 1, 1));
    EXPECT_FALSE(single.see(40, 1, running(35), terminated(0, 0, 34, "Completed")).failure);
    single.world.add(
        container_event(single.made, "Killing", "Container wallet failed liveness probe, will be restarted", 1, 2));
    const auto state = single.see(80, 2, running(75), terminated(0, 35, 74, "Completed"));
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->reason, "LivenessProbeFailed");
    EXPECT_EQ(state.failure->message,
              "the kubelet has killed it 2 times because its liveness probe (TCP :5432) failed: dial tcp: refused (1 "
              "of 1 pod)");
    EXPECT_TRUE(state.failure->previous_log);
}

TEST(SignalsRun, a_startup_probe_that_kills_is_named_as_such) {
    Single single;
    single.world.add(
        container_event(single.made, "Killing", "Container wallet failed startup probe, will be restarted", 1, 2));
    const auto state = single.see(80, 2, running(75), terminated(137, 35, 74));
    ASSERT_TRUE(state.failure);
    EXPECT_EQ(state.failure->reason, "StartupProbeFailed");
}

json probed(json made, int period) {
    made["spec"]["containers"][0]["readinessProbe"] = {{"httpGet", {{"path", "/ready"}, {"port", 8080}}},
                                                       {"periodSeconds", period}};
    return made;
}

TEST(SignalsRun, running_but_never_ready_stalls_after_the_probes_budget) {
    Single single;
    single.made = probed(single.made, 2);
    single.world.add(
        container_event(single.made, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"));
    const auto early = single.see(6, 0, running(5));
    EXPECT_FALSE(early.failure);
    EXPECT_EQ(early.recheck, at(5 + 12));
    EXPECT_EQ(early.summary,
              "0 of 1 ready: pod wallet-new-abcde container wallet is running, not ready (readiness probe: HTTP 503)");
    const auto late = single.world.judge(single.owner, 17);
    ASSERT_TRUE(late.failure);
    EXPECT_EQ(late.failure->reason, "ReadinessProbeFailed");
    EXPECT_EQ(late.failure->certainty, Certainty::stalled);
    EXPECT_EQ(late.failure->message,
              "runs, but is not ready after 12s: readiness probe (GET :8080/ready): HTTP 503 (1 of 1 pod)");
    EXPECT_TRUE(late.failure->has_log);
    EXPECT_FALSE(late.failure->previous_log);
}

TEST(SignalsRun, a_pod_that_was_ready_has_its_budget_from_when_it_no_longer_was) {
    Single single;
    single.made = probed(single.made, 2);
    single.made["status"]["conditions"][1]["lastTransitionTime"] = stamp(5000);
    EXPECT_EQ(single.see(5001, 0, running(5)).recheck, at(5012));
}

TEST(SignalsRun, a_clock_ahead_on_the_node_only_delays) {
    Single single;
    single.made = probed(single.made, 2);
    EXPECT_EQ(single.see(1, 0, running(9000)).recheck, at(13));
    EXPECT_TRUE(single.world.judge(single.owner, 13).failure);
}

TEST(SignalsRun, while_the_startup_probe_asks_nothing_stalls) {
    Single single;
    single.made = probed(single.made, 2);
    single.made["spec"]["containers"][0]["startupProbe"] = {{"periodSeconds", 10}, {"failureThreshold", 3}};
    status_of(single.made)["started"] = false;
    const auto starts = single.see(6, 0, running(5));
    EXPECT_FALSE(starts.recheck);
    EXPECT_NE(starts.summary.find("is running, not started"), std::string::npos);
    status_of(single.made)["started"] = true;
    EXPECT_EQ(single.see(7, 0, running(5)).recheck, at(5 + 30 + 12));
}

TEST(SignalsRun, without_a_readiness_probe_nothing_stalls) {
    Single single;
    EXPECT_FALSE(single.see(6, 0, running(5)).recheck);
    EXPECT_FALSE(single.world.judge(single.owner, 9999).failure);
}

TEST(SignalsRun, a_service_without_a_probe_is_watched_past_a_quick_crash) {
    Single single;
    single.owner["status"]["readyReplicas"] = 1;
    single.owner["status"]["availableReplicas"] = 1;
    single.world.add(single.owner);
    single.made["status"]["conditions"][1] = condition("Ready", "True");
    const auto early = single.see(1, 0, running(0), json::object(), true);
    EXPECT_FALSE(early.ready);
    EXPECT_EQ(early.recheck, at(5));
    EXPECT_TRUE(single.world.judge(single.owner, 5).ready);
}

TEST(SignalsRun, counts_that_lag_behind_a_pod_are_not_believed) {
    Single single;
    single.owner["status"]["readyReplicas"] = 1;
    single.owner["status"]["availableReplicas"] = 1;
    single.world.add(single.owner);
    const auto state = single.see(60, 0, terminated(1, 0, 1));
    EXPECT_FALSE(state.ready);
    EXPECT_NE(state.summary.find("has ended with exit code 1"), std::string::npos);
}

TEST(SignalsRun, the_pods_of_a_job_have_the_jobs_budget) {
    auto job = object("batch/v1", "Job", "migrate");
    job["spec"] = {{"backoffLimit", 6}};
    auto made = pod(job, back_off, "migrate-x");
    made["spec"]["restartPolicy"] = "OnFailure";
    status_of(made)["restartCount"] = 5;
    status_of(made)["lastState"] = terminated(1, 0, 1);
    World world;
    world.add(job).add(made);
    EXPECT_FALSE(world.judge(job, 60).failure);
}

}  // namespace
}  // namespace flowlet::kube::test
