#include <gtest/gtest.h>

#include "fakes/world.h"
#include "flowlet/run.h"

namespace flowlet::run {
namespace {

struct Bench {
    Bench() {
        proof.bucket.name = "copies";
        proof.key = "a/manifest.json.minisig";
        proof.until = world.clock + std::chrono::hours{24};
        world.lock_told = {"COMPLIANCE", proof.until, "v1"};
        constexpr int refused = 403;
        world.removal_answer = refused;
    }
    Result prove() {
        return make_performance(world, nullptr)->perform(plan::Action(proof), [](const std::vector<std::string>&) {});
    }
    std::string told() {
        const Result result = prove();
        EXPECT_TRUE(result.cause);
        EXPECT_EQ(result.kind, Kind::verification);
        return result.cause ? result.cause->message : "";
    }

    fakes::World world;
    plan::ProveLock proof;
};

TEST(ProvingALock, a_lock_that_is_told_and_refuses_a_removal_is_proven) {
    Bench bench;
    EXPECT_FALSE(bench.prove().cause);
    EXPECT_EQ(bench.world.did, (std::vector<std::string>{"remove object a/manifest.json.minisig v1"}));
}

TEST(ProvingALock, no_lock_is_found_out_and_nothing_is_removed) {
    Bench bench;
    bench.world.lock_told.mode.clear();
    EXPECT_NE(bench.told().find("keeps no lock"), std::string::npos);
    EXPECT_TRUE(bench.world.did.empty());
}

TEST(ProvingALock, one_that_an_administrator_can_lift_is_none) {
    Bench bench;
    bench.world.lock_told.mode = "GOVERNANCE";
    EXPECT_NE(bench.told().find("GOVERNANCE"), std::string::npos);
}

TEST(ProvingALock, one_that_ends_too_soon_is_none) {
    Bench bench;
    bench.world.lock_told.until -= std::chrono::seconds{1};
    EXPECT_NE(bench.told().find("ends at"), std::string::npos);
}

TEST(ProvingALock, a_store_that_removes_what_it_says_is_locked_is_a_liar) {
    Bench bench;
    constexpr int removed = 204;
    bench.world.removal_answer = removed;
    EXPECT_NE(bench.told().find("answered with 204"), std::string::npos);
}

}  // namespace
}  // namespace flowlet::run
