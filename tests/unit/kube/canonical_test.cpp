#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

using nlohmann::json;

TEST(Canonical, what_the_server_keeps_is_dropped) {
    const json object = json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}, "status": {"x": 1},
        "metadata": {"name": "a", "namespace": "b", "uid": "u", "resourceVersion": "1", "generation": 2,
                     "creationTimestamp": "2026-01-01T00:00:00Z", "selfLink": "/x", "managedFields": [],
                     "labels": {"c": "d"}, "finalizers": ["e"]}})");
    EXPECT_EQ(canonical(object), json::parse(R"({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"},
        "metadata": {"name": "a", "namespace": "b", "labels": {"c": "d"}, "finalizers": ["e"]}})"));
}

TEST(Canonical, an_object_on_its_way_out_stays_different) {
    const json object = {{"metadata", {{"deletionTimestamp", "2026-01-01T00:00:00Z"}}}};
    EXPECT_EQ(canonical(object), object);
}

TEST(Canonical, notes_of_controllers_are_dropped) {
    for (const char* const note :
         {"deployment.kubernetes.io/revision", "kubectl.kubernetes.io/last-applied-configuration",
          "pv.kubernetes.io/bind-completed", "volume.kubernetes.io/selected-node",
          "volume.beta.kubernetes.io/storage-provisioner", "deprecated.daemonset.template.generation"}) {
        const json object = {{"metadata", {{"name", "a"}, {"annotations", {{note, "1"}}}}}};
        EXPECT_EQ(canonical(object), (json{{"metadata", {{"name", "a"}}}})) << note;
    }
}

TEST(Canonical, annotations_of_people_stay) {
    for (const char* const wish : {"flowlet.io/owner", "volume.beta.kubernetes.io/storage-class",
                                   "kubectl.kubernetes.io/restartedAt", "deployment.kubernetes.io"}) {
        const json object = {{"metadata", {{"annotations", {{wish, "1"}}}}}};
        EXPECT_EQ(canonical(object), object) << wish;
    }
}

TEST(Canonical, notes_in_a_template_stay) {
    const json object = {{"spec", {{"template", {{"metadata", {{"annotations", {{"pv.kubernetes.io/x", "1"}}}}}}}}}};
    EXPECT_EQ(canonical(object), object);
}

TEST(Canonical, empty_maps_of_labels_and_annotations_are_dropped) {
    const json object = {{"metadata", {{"labels", json::object()}, {"annotations", nullptr}, {"name", "a"}}}};
    EXPECT_EQ(canonical(object), (json{{"metadata", {{"name", "a"}}}}));
}

TEST(Canonical, null_times_of_templates_are_dropped) {
    const json object = json::parse(R"({"spec": {"template": {"metadata": {"creationTimestamp": null, "name": "a"}},
        "volumeClaimTemplates": [{"metadata": {"creationTimestamp": null}}], "data": {"creationTimestamp": null}}})");
    EXPECT_EQ(canonical(object), json::parse(R"({"spec": {"template": {"metadata": {"name": "a"}},
        "volumeClaimTemplates": [{"metadata": {}}], "data": {"creationTimestamp": null}}})"));
}

TEST(Canonical, it_is_the_same_when_done_twice) {
    const json object =
        json::parse(R"({"status": {}, "metadata": {"uid": "u", "annotations": {"pv.kubernetes.io/a": ""}}})");
    EXPECT_EQ(canonical(canonical(object)), canonical(object));
}

}  // namespace
}  // namespace flowlet::kube
