#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

using nlohmann::json;

const Resource config_maps{"v1", "ConfigMap", "configmaps", true};
const Ref ref{"v1", "ConfigMap", "flowlet-core", "wallet"};
const std::string path = "/api/v1/namespaces/flowlet-core/configmaps/wallet";

Object object(json body) {
    return {ref, {}, std::make_shared<const json>(std::move(body))};
}

TEST(Requests, an_apply_is_strict_and_named) {
    const auto request = apply(config_maps, object({{"data", {{"a", "b"}}}}), Mode::real, Force::no);
    EXPECT_EQ(request.method, "PATCH");
    EXPECT_EQ(request.path, path + "?fieldManager=flowletctl&fieldValidation=Strict");
    EXPECT_EQ(request.content_type, "application/apply-patch+yaml");
    EXPECT_EQ(request.accept, "application/json");
    EXPECT_EQ(json::parse(request.body), (json{{"data", {{"a", "b"}}}}));
}

TEST(Requests, a_rehearsal_is_a_dry_run) {
    EXPECT_EQ(apply(config_maps, object(json::object()), Mode::rehearse, Force::no).path,
              path + "?fieldManager=flowletctl&fieldValidation=Strict&dryRun=All");
}

TEST(Requests, force_is_asked_for) {
    EXPECT_EQ(apply(config_maps, object(json::object()), Mode::real, Force::yes).path,
              path + "?fieldManager=flowletctl&fieldValidation=Strict&force=true");
    EXPECT_EQ(apply(config_maps, object(json::object()), Mode::rehearse, Force::yes).path,
              path + "?fieldManager=flowletctl&fieldValidation=Strict&dryRun=All&force=true");
}

TEST(Requests, an_apply_brings_no_managed_fields) {
    const Object source = object({{"metadata", {{"name", "wallet"}, {"managedFields", json::array()}}}});
    const auto request = apply(config_maps, source, Mode::real, Force::no);
    EXPECT_EQ(json::parse(request.body), (json{{"metadata", {{"name", "wallet"}}}}));
    EXPECT_TRUE((*source.body)["metadata"].contains("managedFields"));
}

TEST(Requests, a_get_is_of_the_object) {
    const auto request = get(config_maps, ref);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, path);
    EXPECT_EQ(request.body, "");
}

TEST(Requests, a_removal_is_of_that_very_object) {
    const auto request = remove(config_maps, ref, "513e15a1");
    EXPECT_EQ(request.method, "DELETE");
    EXPECT_EQ(request.path, path);
    EXPECT_EQ(request.content_type, "application/json");
    EXPECT_EQ(json::parse(request.body), (json{{"apiVersion", "v1"},
                                               {"kind", "DeleteOptions"},
                                               {"propagationPolicy", "Background"},
                                               {"preconditions", {{"uid", "513e15a1"}}}}));
}

TEST(Requests, a_removal_without_a_uid_has_no_precondition) {
    EXPECT_FALSE(json::parse(remove(config_maps, ref, "").body).contains("preconditions"));
}

TEST(Requests, a_list_is_a_get_of_its_path) {
    EXPECT_EQ(list(config_maps, "a", "b=c").path, "/api/v1/namespaces/a/configmaps?labelSelector=b%3Dc");
    EXPECT_EQ(list(config_maps, "").method, "GET");
}

TEST(Requests, a_watch_has_bookmarks_and_an_end) {
    EXPECT_EQ(
        watch(config_maps, "a", "12 3", 290).path,
        "/api/v1/namespaces/a/configmaps?watch=1&allowWatchBookmarks=true&resourceVersion=12%203&timeoutSeconds=290");
}

TEST(Requests, a_log_is_the_tail_of_one_container) {
    const Ref pod{"v1", "Pod", "flowlet-core", "wallet-0"};
    const auto request = log(pod, "a b", true, 20);
    EXPECT_EQ(request.path,
              "/api/v1/namespaces/flowlet-core/pods/wallet-0/log?container=a%20b&previous=true&tailLines=20");
    EXPECT_EQ(request.accept, "*/*");
    EXPECT_EQ(log(pod, "", false, 5).path, "/api/v1/namespaces/flowlet-core/pods/wallet-0/log?tailLines=5");
}

}  // namespace
}  // namespace flowlet::kube
