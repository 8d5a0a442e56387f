#include <gtest/gtest.h>

#include "unit/commands/deploy_world.h"

namespace flowlet::commands::deploy {
namespace {

/// A chart of two files with one file of values.
struct Shelf : Desk {
    helm::Chart made = chart();
    Version cluster{1, 33, 1};
    Version helm{3, 19, 0};

    Shelf() {
        world.files["/p/chart/Chart.yaml"] = {"name: shop", 0644};
        world.files["/p/chart/templates/a.yaml"] = {"a: 1", 0644};
        world.files["/p/values.yaml"] = {"x: 1", 0644};
        world.folders.insert({"/p/chart", "/p/chart/templates"});
        made.values = {"/p/values.yaml"};
    }
    std::string digest() const { return digest_inputs(session, made, cluster, helm); }
};

TEST(DeploySources, the_same_chart_values_and_versions_have_the_same_digest) {
    const Shelf one;
    Shelf other;
    other.made.description = "another run";
    other.made.timeout = Millis{1};
    EXPECT_EQ(one.digest(), other.digest());
    EXPECT_TRUE(one.digest().starts_with("sha256:"));
}

TEST(DeploySources, everything_a_rendering_depends_on_changes_the_digest) {
    const std::vector<std::function<void(Shelf&)>> changes = {
        [](Shelf& shelf) { shelf.world.files["/p/chart/templates/a.yaml"].bytes = "a: 2"; },
        [](Shelf& shelf) {
            shelf.world.files["/p/chart/templates/b.yaml"] = {"", 0644};
        },
        [](Shelf& shelf) { shelf.world.files["/p/values.yaml"].bytes = "x: 2"; },
        [](Shelf& shelf) { shelf.made.values.push_back("/p/values.yaml"); },
        [](Shelf& shelf) { shelf.made.sets = {"x=1"}; },
        [](Shelf& shelf) { shelf.made.strings = {"x=1"}; },
        [](Shelf& shelf) { shelf.made.release = "other"; },
        [](Shelf& shelf) { shelf.made.space = "other"; },
        [](Shelf& shelf) { shelf.cluster.minor = 34; },
        [](Shelf& shelf) { shelf.helm.major = 4; },
    };
    std::set<std::string> digests = {Shelf().digest()};
    for (const auto& change : changes) {
        Shelf shelf;
        change(shelf);
        digests.insert(shelf.digest());
    }
    EXPECT_EQ(digests.size(), changes.size() + 1);
}

TEST(DeploySources, what_the_chart_runs_as_a_hook_is_no_object_that_stays) {
    Shelf shelf;
    host::Exit rendered;
    rendered.out = R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-upgrade}}
)";
    shelf.world.program("helm", rendered);
    const std::vector<kube::Object> objects = render_chart(shelf.session, shelf.made, shelf.cluster);
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ(objects[0].ref.name, "a");
}

}  // namespace
}  // namespace flowlet::commands::deploy
