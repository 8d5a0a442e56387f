#include "kube/event_text.h"

#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

namespace flowlet::kube::test {
namespace {

using namespace verdict;

TEST(EventText, shows_how_often_it_happened) {
    EXPECT_EQ(render_event(event(deployment(), "BackOff", "Back-off", 1, 5)), "BackOff: Back-off (x5)");
    EXPECT_EQ(render_event(event(deployment(), "BackOff", "Back-off", 1, 1)), "BackOff: Back-off");
}

TEST(EventText, reads_the_newer_form_as_well) {
    const json modern = {{"reason", "Failed"},
                         {"note", "text"},
                         {"regarding", {{"uid", "u"}}},
                         {"series", {{"count", 4}, {"lastObservedTime", stamp(3)}}}};
    EXPECT_EQ(render_event(modern), "Failed: text (x4)");
    EXPECT_EQ(event_subject(modern), "u");
    EXPECT_EQ(event_time(modern), at(3));
}

TEST(EventText, the_container_is_named_by_the_field_path) {
    const auto told = container_event(deployment(), "Failed", "", 0, 1, "wallet");
    EXPECT_TRUE(is_about_container(told, "wallet"));
    EXPECT_FALSE(is_about_container(told, "allet"));
    EXPECT_FALSE(is_about_container(event(deployment(), "Failed", ""), "wallet"));
}

TEST(EventText, counts_and_finds_by_reason) {
    std::vector<Json> events;
    for (const int moment : {2, 1}) {
        events.push_back(std::make_shared<const json>(event(deployment(), "A", std::to_string(moment), moment, 3)));
    }
    events.push_back(std::make_shared<const json>(event(deployment(), "B", "", 0)));
    sort_events(events);
    EXPECT_EQ(count_events(events, "A"), 6);
    EXPECT_EQ(count_events(events, "C"), 0);
    EXPECT_EQ(event_message(*last_event(events, "A")), "2");
    EXPECT_EQ(last_event(events, "C"), nullptr);
}

}  // namespace
}  // namespace flowlet::kube::test
