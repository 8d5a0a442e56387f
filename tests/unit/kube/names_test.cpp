#include "kube/names.h"

#include <gtest/gtest.h>

namespace flowlet::kube {
namespace {

TEST(Names, an_api_version_is_a_version_or_group_and_version) {
    for (const char* const text : {"v1", "apps/v1", "networking.k8s.io/v1beta1", "x.io/2024-01"}) {
        EXPECT_TRUE(is_api_version(text)) << text;
    }
    for (const char* const text : {"", "/", "apps/", "/v1", "apps/v1/x", "Apps/v1", "v1 ", "../v1"}) {
        EXPECT_FALSE(is_api_version(text)) << text;
    }
}

TEST(Names, a_kind_is_letters_and_digits) {
    EXPECT_TRUE(is_kind("Deployment"));
    EXPECT_TRUE(is_kind("IPAddress6"));
    for (const char* const text : {"", "6Address", "Config-Map", "Pod/x", "Pod "})
        EXPECT_FALSE(is_kind(text)) << text;
}

TEST(Names, most_names_are_subdomains) {
    EXPECT_EQ(wrong_name("v1", "ConfigMap", "kube-root-ca.crt"), "");
    EXPECT_NE(wrong_name("v1", "ConfigMap", "Wallet").find("DNS subdomain"), std::string::npos);
    EXPECT_NE(wrong_name("apps/v1", "Deployment", "a:b"), "");
}

TEST(Names, services_and_namespaces_are_labels) {
    EXPECT_EQ(wrong_name("v1", "Service", "wallet"), "");
    EXPECT_NE(wrong_name("v1", "Service", "wallet.core").find("DNS label"), std::string::npos);
    EXPECT_NE(wrong_name("v1", "Namespace", "flowlet.core"), "");
    EXPECT_EQ(wrong_name("serving.knative.dev/v1", "Service", "wallet.core"), "");
}

TEST(Names, rbac_names_are_path_segments) {
    for (const char* const kind : {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}) {
        EXPECT_EQ(wrong_name("rbac.authorization.k8s.io/v1", kind, "system:Node_x"), "") << kind;
    }
    for (const char* const name : {"", ".", "..", "a/b", "a%b"}) {
        EXPECT_NE(wrong_name("rbac.authorization.k8s.io/v1", "Role", name), "") << name;
    }
}

TEST(Names, an_api_service_of_the_core_group_ends_in_a_dot) {
    EXPECT_EQ(wrong_name("apiregistration.k8s.io/v1", "APIService", "v1."), "");
}

TEST(Names, text_to_be_replaced_is_recognised) {
    for (const char* const text : {"<CHANGE_ME>", "a-${VAR}", "$(VAR)", "{{ .Values.name }}", "%NAME%", "@NAME@"}) {
        EXPECT_TRUE(is_left_over(text)) << text;
    }
    for (const char* const text : {"", "wallet", "system:node", "a@b", "@", "%%"})
        EXPECT_FALSE(is_left_over(text)) << text;
}

}  // namespace
}  // namespace flowlet::kube
