#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "unit/kube/cluster_objects.h"

// The verdict does not depend on what arrived first, on how often it is asked for, or on the shape of foreign JSON.
namespace flowlet::kube::test {
namespace {

struct Case {
    json goal;
    std::vector<json> objects;
    std::string reason;
    double after;
};

std::vector<Case> cases() {
    const auto owner = deployment();
    const auto set = replica_set(owner);
    const auto old = replica_set(owner, "wallet-old", "1");
    auto crashed = pod(set, waiting("CrashLoopBackOff"));
    status_of(crashed)["restartCount"] = 3;
    status_of(crashed)["lastState"] = terminated(1, 0, 1);
    const auto back_off = pod(set, waiting("ImagePullBackOff", "Back-off pulling image \"x\""));
    const auto mounting = pod(set, waiting("ContainerCreating"));
    const auto stuck = pod(old, waiting("InvalidImageName"), "wallet-old-1");
    return {
        {owner, {owner, set, crashed, event(crashed, "BackOff", "Back-off", 1)}, "CrashLoopBackOff", 1},
        {owner,
         {owner, set, back_off, container_event(back_off, "Failed", "Failed to pull image \"x\": not found")},
         "ErrImagePull",
         4},
        {owner,
         {owner, set, mounting, event(mounting, "FailedMount", "secret \"tls\" not found"), old},
         "FailedMount",
         16},
        {owner, {owner, old, set, stuck, pod(set, waiting("ContainerCreating"))}, "", 600},
    };
}

TEST(JudgeOrder, every_order_of_arrival_leads_to_the_same_verdict) {
    for (const auto& row : cases()) {
        std::vector<std::size_t> order(row.objects.size());
        std::iota(order.begin(), order.end(), 0U);
        do {
            World world;
            for (const auto index : order) {
                world.add(row.objects[index]);
                world.judge(row.goal, 0);
            }
            const auto state = world.judge(row.goal, row.after);
            EXPECT_EQ(state.failure.value_or(Failure{}).reason, row.reason) << state.summary;
            EXPECT_FALSE(state.ready);
        } while (std::next_permutation(order.begin(), order.end()));
    }
}

TEST(JudgeOrder, equal_arrivals_give_equal_words) {
    for (const auto& row : cases()) {
        std::vector<std::string> summaries;
        for (const bool reversed : {false, true}) {
            World world;
            auto objects = row.objects;
            if (reversed) std::reverse(objects.begin(), objects.end());
            for (const auto& made : objects)
                world.add(made);
            world.judge(row.goal, 0);
            const auto state = world.judge(row.goal, row.after);
            summaries.push_back(state.summary + state.failure.value_or(Failure{}).next);
        }
        EXPECT_EQ(summaries[0], summaries[1]);
    }
}

TEST(JudgeOrder, a_recheck_always_lies_ahead_and_then_something_is_decided) {
    for (const auto& row : cases()) {
        World world;
        for (const auto& made : row.objects)
            world.add(made);
        auto state = world.judge(row.goal, 0);
        int timers = 0;
        while (state.recheck && timers < 10) {
            EXPECT_GT(*state.recheck, at(0));
            const auto moment = std::chrono::duration<double>(*state.recheck - at(0)).count();
            state = world.judge(row.goal, moment);
            ++timers;
        }
        EXPECT_LE(timers, 1);
        EXPECT_EQ(state.failure.has_value(), !row.reason.empty());
    }
}

TEST(JudgeOrder, asking_often_changes_nothing) {
    for (const auto& row : cases()) {
        World rarely;
        World often;
        for (const auto& made : row.objects)
            rarely.add(made);
        for (const auto& made : row.objects)
            often.add(made);
        rarely.judge(row.goal, 0);
        for (double seconds = 0; seconds < row.after; seconds += row.after / 50)
            often.judge(row.goal, seconds);
        EXPECT_EQ(rarely.judge(row.goal, row.after).summary, often.judge(row.goal, row.after).summary);
    }
}

/// Replaces one value somewhere below by another of a wrong type.
void damage(json& value, std::mt19937& random) {
    static const std::vector<json> strange = {json(),         json(-1),
                                              json("x"),      json(1e300),
                                              json(true),     json::array({1, 2}),
                                              json::object(), json(18446744073709551615ULL)};
    json* at = &value;
    while (at->is_structured() && !at->empty() && random() % 6 != 0) {
        at = &*std::next(at->begin(), static_cast<std::ptrdiff_t>(random() % at->size()));
    }
    *at = strange[random() % strange.size()];
}

TEST(JudgeOrder, wrong_types_are_never_a_crash) {
    std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same damage in every run
    auto rows = cases();
    auto job = object("batch/v1", "Job", "migrate");
    job["status"] = {{"conditions", {condition("Failed", "True", "BackoffLimitExceeded")}}};
    auto failed = pod(job, terminated(1, 0, 1), "migrate-a");
    failed["status"]["phase"] = "Failed";
    rows.push_back({job, {job, failed}, "", 1});
    auto stateful = object("apps/v1", "StatefulSet", "db");
    stateful["spec"] = {{"replicas", 2}, {"updateStrategy", {{"rollingUpdate", {{"partition", 1}}}}}};
    stateful["status"] = {{"observedGeneration", 1}, {"updateRevision", "2"}};
    rows.push_back({stateful, {stateful, ready_pod(stateful, 0, "db-0")}, "", 1});
    for (int round = 0; round < 600; ++round) {
        const auto& row = rows[static_cast<std::size_t>(round) % rows.size()];
        World world;
        for (auto made : row.objects) {
            for (auto hits = random() % 3; hits > 0; --hits)
                damage(made, random);
            world.snapshot.apply({{"type", "ADDED"}, {"object", made}});
        }
        for (const double seconds : {0.0, 20.0}) {
            const auto state = world.judge(row.goal, seconds);
            EXPECT_FALSE(state.ready && state.failure);
            EXPECT_FALSE(state.summary.empty());
        }
    }
}

}  // namespace
}  // namespace flowlet::kube::test
