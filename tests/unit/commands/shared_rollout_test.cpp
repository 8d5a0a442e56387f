#include <gtest/gtest.h>

#include "unit/commands/deploy_world.h"

namespace flowlet::commands {
namespace {

const Time start{std::chrono::seconds(1800000000)};
const kube::Goal claim{{"v1", "PersistentVolumeClaim", "shop", "ledger"}, 0};

std::string list(const std::string& kind, const std::string& phase) {
    nlohmann::json items = nlohmann::json::array();
    if (!phase.empty()) {
        items.push_back(
            {{"metadata", {{"name", "ledger"}, {"namespace", "shop"}, {"uid", "u1"}}}, {"status", {{"phase", phase}}}});
    }
    return nlohmann::json{{"kind", kind + "List"}, {"metadata", {{"resourceVersion", "10"}}}, {"items", items}}.dump();
}

/// Gives every stream its list and ends it; returns the number of the claims' stream.
std::size_t fill(plan::Waiter& waiter, const std::string& phase) {
    const std::vector<host::Request> requests = waiter.open();
    std::size_t claims = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const bool own = requests[i].path.find("persistentvolumeclaims") != std::string::npos;
        claims = own ? i : claims;
        waiter.on_line(i, own ? list("PersistentVolumeClaim", phase) : list("Event", ""), start);
        const auto again = waiter.on_end(i, {200, ""}, start);
        EXPECT_TRUE(again && again->request.path.find("watch=1") != std::string::npos);
    }
    return claims;
}

TEST(Rollout, it_judges_nothing_before_every_list_is_there) {
    const auto waiter = make_rollout({claim}, start, Millis{60000});
    waiter->open();
    EXPECT_TRUE(waiter->next(start));
    EXPECT_FALSE(waiter->failure());
}

TEST(Rollout, it_ends_at_once_when_all_is_ready) {
    const auto waiter = make_rollout({claim}, start, Millis{60000});
    fill(*waiter, "Bound");
    EXPECT_FALSE(waiter->next(start));
    EXPECT_FALSE(waiter->failure());
    EXPECT_TRUE(waiter->rows(start).at(0).ready);
}

TEST(Rollout, an_event_of_the_watch_makes_it_ready) {
    const auto waiter = make_rollout({claim}, start, Millis{60000});
    const std::size_t stream = fill(*waiter, "Pending");
    EXPECT_TRUE(waiter->next(start));
    EXPECT_FALSE(waiter->waiting(start).empty());
    waiter->on_line(
        stream,
        R"({"type":"MODIFIED","object":{"kind":"PersistentVolumeClaim","apiVersion":"v1","metadata":)"
        R"({"name":"ledger","namespace":"shop","uid":"u1","resourceVersion":"11"},"status":{"phase":"Bound"}}})",
        start);
    EXPECT_FALSE(waiter->next(start));
}

TEST(Rollout, a_watch_that_ends_goes_on_from_the_last_bookmark) {
    const auto waiter = make_rollout({claim}, start, Millis{60000});
    const std::size_t stream = fill(*waiter, "Pending");
    waiter->on_line(stream, R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"42"}}})", start);
    const auto again = waiter->on_end(stream, {200, ""}, start);
    ASSERT_TRUE(again);
    EXPECT_NE(again->request.path.find("resourceVersion=42"), std::string::npos);
    EXPECT_EQ(again->delay, Millis{0});
}

TEST(Rollout, a_watch_that_is_too_old_lists_again) {
    const auto waiter = make_rollout({claim}, start, Millis{60000});
    const std::size_t stream = fill(*waiter, "Pending");
    waiter->on_line(stream, R"({"type":"ERROR","object":{"kind":"Status","code":410}})", start);
    const auto again = waiter->on_end(stream, {200, ""}, start);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->request.path.find("watch=1"), std::string::npos);
}

TEST(Rollout, a_connection_that_breaks_is_opened_again_with_growing_patience) {
    const auto waiter = make_rollout({claim}, start, Millis{60000});
    const std::size_t stream = fill(*waiter, "Pending");
    Millis before{0};
    for (int i = 0; i < 4; ++i) {
        const auto again = waiter->on_end(stream, {0, "connection reset"}, start);
        ASSERT_TRUE(again);
        EXPECT_GT(again->delay, before);
        before = again->delay;
    }
}

TEST(Rollout, too_late_is_a_timeout_that_says_for_what) {
    const auto waiter = make_rollout({claim}, start, Millis{60000});
    fill(*waiter, "Pending");
    ASSERT_EQ(waiter->next(start), start + Millis{60000});
    EXPECT_FALSE(waiter->next(start + Millis{60000}));
    ASSERT_TRUE(waiter->failure());
    EXPECT_EQ(waiter->failure()->reason, "Timeout");
    EXPECT_EQ(waiter->failure()->object, "PersistentVolumeClaim/ledger in shop");
}

TEST(Rollout, foreign_lines_are_no_harm) {
    const auto waiter = make_rollout({claim}, start, Millis{60000});
    const std::size_t streams = waiter->open().size();
    for (const char* line :
         {"", "nonsense", "[]", "null", "{}", R"({"items":3})", R"({"type":5})", R"({"items":[1,null]})"}) {
        for (std::size_t i = 0; i < streams; ++i) {
            EXPECT_NO_THROW(waiter->on_line(i, line, start)) << line;
        }
    }
    EXPECT_TRUE(waiter->next(start));
}

}  // namespace
}  // namespace flowlet::commands
