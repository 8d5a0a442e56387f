#include <gtest/gtest.h>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

TEST(Discovery, a_group_version_is_asked_at_its_path) {
    EXPECT_EQ(discovery("v1").path, "/api/v1");
    EXPECT_EQ(discovery("cert-manager.io/v1").path, "/apis/cert-manager.io/v1");
    EXPECT_EQ(discovery("v1").method, "GET");
}

TEST(Discovery, kinds_are_read_without_their_subresources) {
    const auto resources = parse_discovery("cert-manager.io/v1", R"({"kind": "APIResourceList", "resources": [
        {"name": "certificates", "singularName": "certificate", "namespaced": true, "kind": "Certificate", "verbs": []},
        {"name": "certificates/status", "namespaced": true, "kind": "Certificate"},
        {"name": "clusterissuers", "namespaced": false, "kind": "ClusterIssuer"}]})");
    ASSERT_EQ(resources.size(), 2U);
    EXPECT_EQ(resources[0].api_version, "cert-manager.io/v1");
    EXPECT_EQ(resources[0].kind, "Certificate");
    EXPECT_EQ(resources[0].plural, "certificates");
    EXPECT_TRUE(resources[0].namespaced);
    EXPECT_FALSE(resources[1].namespaced);
}

TEST(Discovery, entries_that_do_not_say_all_are_left_out) {
    EXPECT_TRUE(
        parse_discovery("v1", R"({"resources": [{"name": "a", "kind": "A"}, {"name": 1}, null, "a", []]})").empty());
}

TEST(Discovery, another_answer_is_an_error) {
    for (const char* const body : {"", "<html>", "{}", "[]", R"({"resources": {}})"}) {
        EXPECT_THROW(parse_discovery("v1", body), Error) << body;
    }
}

}  // namespace
}  // namespace flowlet::kube
