#include "kube/containers.h"

#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

namespace flowlet::kube::test {
namespace {

using namespace verdict;

TEST(Containers, come_with_their_roles) {
    auto made = pod(deployment(), running(0));
    made["spec"]["initContainers"] = {{{"name", "migrate"}}, {{"name", "proxy"}, {"restartPolicy", "Always"}}};
    const auto found = containers_of(made);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(render_container(found[0]), "init container migrate");
    EXPECT_EQ(render_container(found[1]), "sidecar proxy");
    EXPECT_EQ(render_container(found[2]), "container wallet");
    EXPECT_FALSE(found[0].is_running());
    EXPECT_TRUE(found[2].is_running());
}

TEST(Containers, an_ending_tells_how_long_the_run_was) {
    auto made = pod(deployment(), terminated(3, 10, 12.5));
    const auto ending = containers_of(made)[0].ended();
    ASSERT_TRUE(ending);
    EXPECT_EQ(ending->code, 3);
    EXPECT_EQ(ending->lifetime, Millis{2500});
}

TEST(Containers, only_what_ran_has_lines) {
    struct Row {
        json state;
        json before;
        bool has;
        bool only_previous;
    };
    const auto never_ran = terminated(128, 0, 0, "StartError");
    for (const auto& row :
         {Row{running(0), json(), true, false}, Row{running(0), terminated(1, 0, 1), true, false},
          Row{waiting("ContainerCreating"), json(), false, false},
          Row{waiting("CrashLoopBackOff"), terminated(1, 0, 1), true, true},
          Row{waiting("CrashLoopBackOff"), never_ran, false, false},
          Row{terminated(1, 0, 1), terminated(1, 0, 1), true, false}, Row{never_ran, json(), false, false}}) {
        auto made = pod(deployment(), row.state);
        status_of(made)["lastState"] = row.before;
        const auto found = containers_of(made)[0];
        EXPECT_EQ(found.has_log(), row.has) << status_of(made);
        EXPECT_EQ(found.has_only_previous_log(), row.only_previous) << status_of(made);
    }
}

}  // namespace
}  // namespace flowlet::kube::test
