#include <gtest/gtest.h>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

const Resource pods{"v1", "Pod", "pods", true};
const Resource deployments{"apps/v1", "Deployment", "deployments", true};
const Resource roles{"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false};

TEST(Resources, an_object_is_rendered_with_its_namespace) {
    EXPECT_EQ(render(Ref{"apps/v1", "StatefulSet", "flowlet-data", "postgresql"}),
              "StatefulSet/postgresql in flowlet-data");
    EXPECT_EQ(render(Ref{"v1", "Namespace", "", "flowlet-data"}), "Namespace/flowlet-data");
}

TEST(Resources, built_in_kinds_are_known_without_a_server) {
    const auto ingress = find_resource("networking.k8s.io/v1", "Ingress");
    ASSERT_TRUE(ingress);
    EXPECT_EQ(ingress->plural, "ingresses");
    EXPECT_TRUE(ingress->namespaced);
    const auto role = find_resource("rbac.authorization.k8s.io/v1", "ClusterRole");
    ASSERT_TRUE(role);
    EXPECT_FALSE(role->namespaced);
}

TEST(Resources, both_ends_of_the_table_are_found) {
    EXPECT_TRUE(find_resource("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"));
    EXPECT_TRUE(find_resource("v1", "ServiceAccount"));
}

TEST(Resources, a_kind_is_known_only_in_its_own_group_and_version) {
    EXPECT_FALSE(find_resource("v1", "Deployment"));
    EXPECT_FALSE(find_resource("apps/v1beta1", "Deployment"));
    EXPECT_FALSE(find_resource("apps/v1", "deployment"));
    EXPECT_FALSE(find_resource("", ""));
    EXPECT_FALSE(find_resource("zzz/v1", "Zzz"));
}

TEST(Resources, autoscalers_are_known_in_both_versions) {
    EXPECT_TRUE(find_resource("autoscaling/v1", "HorizontalPodAutoscaler"));
    EXPECT_TRUE(find_resource("autoscaling/v2", "HorizontalPodAutoscaler"));
}

TEST(Resources, the_core_group_has_a_path_of_its_own) {
    EXPECT_EQ(object_path(pods, {"v1", "Pod", "flowlet-core", "wallet-0"}),
              "/api/v1/namespaces/flowlet-core/pods/wallet-0");
    EXPECT_EQ(object_path(deployments, {"apps/v1", "Deployment", "flowlet-core", "wallet"}),
              "/apis/apps/v1/namespaces/flowlet-core/deployments/wallet");
}

TEST(Resources, a_name_is_percent_encoded) {
    EXPECT_EQ(object_path(roles, {roles.api_version, roles.kind, "", "system:node/x y"}),
              "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode%2Fx%20y");
}

TEST(Resources, a_cluster_scoped_path_ignores_a_namespace) {
    EXPECT_EQ(object_path(roles, {roles.api_version, roles.kind, "flowlet-core", "a"}),
              "/apis/rbac.authorization.k8s.io/v1/clusterroles/a");
    EXPECT_EQ(list_path(roles, "flowlet-core"), "/apis/rbac.authorization.k8s.io/v1/clusterroles");
}

TEST(Resources, a_path_that_would_name_another_object_is_a_bug) {
    for (const char* const name : {"", ".", ".."}) {
        EXPECT_THROW(object_path(pods, {"v1", "Pod", "flowlet-core", name}), Error) << name;
        EXPECT_THROW(object_path(roles, {roles.api_version, roles.kind, "", name}), Error) << name;
    }
    EXPECT_THROW(object_path(pods, {"v1", "Pod", "", "wallet-0"}), Error);
}

TEST(Resources, a_list_without_a_namespace_is_over_all) {
    EXPECT_EQ(list_path(pods, ""), "/api/v1/pods");
    EXPECT_EQ(list_path(pods, "flowlet-core"), "/api/v1/namespaces/flowlet-core/pods");
}

TEST(Resources, a_label_selector_is_percent_encoded) {
    EXPECT_EQ(list_path(pods, "a", "app.kubernetes.io/name=wallet,tier in (x)"),
              "/api/v1/namespaces/a/pods?labelSelector=app.kubernetes.io%2Fname%3Dwallet%2Ctier%20in%20%28x%29");
}

}  // namespace
}  // namespace flowlet::kube
