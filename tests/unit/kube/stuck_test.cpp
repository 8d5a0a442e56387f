#include "kube/stuck.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace flowlet::kube::verdict {
namespace {

using nlohmann::json;

TEST(Stuck, percentages_round_as_the_controller_rounds) {
    EXPECT_EQ(resolve("25%", 10, Rounding::up, 0), 3);
    EXPECT_EQ(resolve("25%", 10, Rounding::down, 0), 2);
    EXPECT_EQ(resolve("100%", 3, Rounding::up, 0), 3);
    EXPECT_EQ(resolve("0%", 3, Rounding::up, 7), 0);
    EXPECT_EQ(resolve(2, 10, Rounding::up, 0), 2);
}

TEST(Stuck, what_is_no_number_gives_the_default) {
    for (const auto& strange : {json(), json("many"), json("5"), json("-5%"), json("5%%"), json("%"), json::array()}) {
        EXPECT_EQ(resolve(strange, 10, Rounding::up, 42), 42) << strange;
    }
}

TEST(Stuck, absurd_numbers_stay_numbers) {
    EXPECT_GT(resolve("1000000%", 1'000'000'000'000'000, Rounding::up, 0), 0);
    EXPECT_EQ(resolve("25%", -5, Rounding::up, 0), 0);
}

TEST(Stuck, the_defaults_of_a_deployment_are_a_quarter) {
    const auto rollout = rollout_of({{"spec", {{"replicas", 10}}}});
    EXPECT_EQ(rollout.max_surge, 3);
    EXPECT_EQ(rollout.max_unavailable, 2);
}

TEST(Stuck, an_update_that_may_do_nothing_may_take_one_away) {
    const json rules = {{"maxSurge", 0}, {"maxUnavailable", "10%"}};
    const auto rollout = rollout_of({{"spec", {{"replicas", 3}, {"strategy", {{"rollingUpdate", rules}}}}}});
    EXPECT_EQ(rollout.max_surge, 0);
    EXPECT_EQ(rollout.max_unavailable, 1);
}

/// The rolling update of the controller, step by step: the first `doomed` new pods never get ready, all others at once.
std::int64_t new_pods_at_the_end(const Rollout& rollout, std::int64_t doomed) {
    std::int64_t old = rollout.replicas;
    std::int64_t made = 0;
    for (bool moved = true; moved;) {
        moved = false;
        if (made < rollout.replicas && old + made < rollout.replicas + rollout.max_surge) {
            ++made;
            moved = true;
        }
        const auto good = std::max<std::int64_t>(0, made - doomed);
        if (old > 0 && old + good > rollout.replicas - rollout.max_unavailable) {
            --old;
            moved = true;
        }
    }
    return made;
}

TEST(Stuck, says_exactly_when_the_controller_can_make_no_further_pod) {
    for (std::int64_t replicas = 1; replicas <= 12; ++replicas) {
        for (std::int64_t surge = 0; surge <= replicas; ++surge) {
            for (std::int64_t unavailable = surge == 0 ? 1 : 0; unavailable <= replicas; ++unavailable) {
                const Rollout rollout{replicas, surge, unavailable};
                const auto most = std::min(replicas, surge + unavailable);
                for (std::int64_t doomed = 1; doomed <= most; ++doomed) {
                    const bool all_doomed = doomed == replicas;
                    EXPECT_EQ(is_stuck(rollout, doomed), all_doomed || new_pods_at_the_end(rollout, doomed) < replicas)
                        << replicas << " +" << surge << " -" << unavailable << " doomed " << doomed;
                }
            }
        }
    }
}

TEST(Stuck, without_doomed_pods_nothing_is_stuck) {
    EXPECT_FALSE(is_stuck({3, 1, 0}, 0));
    EXPECT_FALSE(is_workload_stuck({{"kind", "StatefulSet"}}, 3, 0));
}

TEST(Stuck, each_kind_has_its_own_room) {
    const auto update = [](json rules) { return json{{"updateStrategy", {{"rollingUpdate", std::move(rules)}}}}; };
    EXPECT_TRUE(is_workload_stuck(
        {{"kind", "Deployment"}, {"spec", {{"replicas", 9}, {"strategy", {{"type", "Recreate"}}}}}}, 9, 1));
    EXPECT_FALSE(is_workload_stuck({{"kind", "Deployment"}, {"spec", {{"replicas", 9}}}}, 9, 4));
    EXPECT_TRUE(is_workload_stuck({{"kind", "Deployment"}, {"spec", {{"replicas", 9}}}}, 9, 5));
    EXPECT_TRUE(is_workload_stuck({{"kind", "StatefulSet"}, {"spec", {{"replicas", 3}}}}, 3, 1));
    EXPECT_FALSE(is_workload_stuck({{"kind", "StatefulSet"}, {"spec", {{"podManagementPolicy", "Parallel"}}}}, 3, 2));
    EXPECT_TRUE(is_workload_stuck({{"kind", "DaemonSet"}}, 5, 1));
    EXPECT_FALSE(is_workload_stuck({{"kind", "DaemonSet"}, {"spec", update({{"maxUnavailable", 2}})}}, 5, 1));
    EXPECT_TRUE(is_workload_stuck({{"kind", "Pod"}}, 1, 1));
}

}  // namespace
}  // namespace flowlet::kube::verdict
