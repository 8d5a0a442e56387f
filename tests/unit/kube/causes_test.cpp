#include "kube/causes.h"

#include <gtest/gtest.h>

namespace flowlet::kube::verdict {
namespace {

constexpr const char* image = "registry.example/flowlet/wallet:1.0.0";

TEST(Causes, a_registry_that_refuses_is_permanent) {
    for (
        const auto* message :
        {R"(failed to pull and unpack image "registry.example/flowlet/wallet:1.0.0": registry.example/flowlet/wallet:1.0.0: not found)",
         "manifest for wallet:1 not found: manifest unknown: manifest unknown",
         R"(failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized)",
         "pull access denied for wallet, repository does not exist or may require 'docker login'",
         "dial tcp: lookup registry.exampel on 10.96.0.10:53: no such host", "couldn't parse: invalid reference format",
         "no match for platform in manifest", "unexpected status from HEAD request: 403 Forbidden"}) {
        EXPECT_EQ(cause_of_pull(message, image), Cause::permanent) << message;
    }
}

TEST(Causes, a_registry_out_of_reach_is_transient) {
    for (const auto* message :
         {"dial tcp 10.0.0.1:443: i/o timeout", "dial tcp 127.0.0.1:1: connect: connection refused",
          "toomanyrequests: You have reached your unauthenticated pull rate limit, access denied", "",
          "unexpected status: 503 Service Unavailable",
          "Back-off pulling image \"registry.example/flowlet/wallet:1.0.0\""}) {
        EXPECT_EQ(cause_of_pull(message, image), Cause::transient) << message;
    }
}

TEST(Causes, the_name_of_an_image_is_no_cause) {
    EXPECT_EQ(cause_of_pull("Back-off pulling image \"r/denied:1\"", "r/denied:1"), Cause::transient);
    EXPECT_EQ(cause_of_pull("reading manifest 1 in r/unauthorized: connection reset", "r/unauthorized:1"),
              Cause::transient);
    EXPECT_EQ(cause_of_pull("reading manifest 1 in r/unauthorized: manifest unknown", "r/unauthorized:1"),
              Cause::permanent);
}

TEST(Causes, an_unfilled_cache_is_waited_for) {
    EXPECT_EQ(cause_of_config("failed to sync secret cache: timed out waiting for the condition"), Cause::wait);
    EXPECT_EQ(cause_of_config("failed to sync configmap cache: timed out"), Cause::wait);
    EXPECT_EQ(cause_of_config("secret \"a\" not found"), Cause::permanent);
    EXPECT_EQ(cause_of_mount("MountVolume.SetUp failed for volume \"v\" : failed to sync configmap cache: timed out"),
              Cause::wait);
}

TEST(Causes, a_process_that_cannot_be_executed_is_permanent) {
    for (const auto* message : {R"(exec: "/nope": stat /nope: no such file or directory: unknown)",
                                R"(exec: "walet": executable file not found in $PATH)", "exec /app: exec format error",
                                "exec: \"/app\": permission denied: unknown"}) {
        EXPECT_EQ(cause_of_start(message), Cause::permanent) << message;
    }
    EXPECT_EQ(cause_of_start("context deadline exceeded"), Cause::transient);
    EXPECT_EQ(cause_of_start("failed to reserve container name: name is reserved"), Cause::transient);
}

TEST(Causes, an_admission_that_refuses_is_permanent) {
    for (const auto* message :
         {"pods \"a\" is forbidden: exceeded quota: core", "admission webhook \"w\" denied the request: no",
          "pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\"",
          "serviceaccount \"wallet\" not found"}) {
        EXPECT_EQ(cause_of_create(message), Cause::permanent) << message;
    }
    EXPECT_EQ(cause_of_create("Internal error occurred: failed calling webhook: connection refused"), Cause::transient);
}

TEST(Causes, only_a_missing_object_makes_a_mount_permanent) {
    EXPECT_EQ(cause_of_mount("MountVolume.SetUp failed for volume \"v\" : secret \"tls\" not found"), Cause::permanent);
    EXPECT_EQ(cause_of_mount("MountVolume.SetUp failed for volume \"v\" : references non-existent secret key: a"),
              Cause::permanent);
    EXPECT_EQ(cause_of_mount("AttachVolume.Attach failed: volume is attached elsewhere"), Cause::transient);
}

TEST(Causes, a_back_off_with_its_cause_is_not_bare) {
    EXPECT_TRUE(is_bare_back_off("Back-off pulling image \"r/a:1\""));
    EXPECT_FALSE(is_bare_back_off("Back-off pulling image \"r/a:1\": ErrImagePull: not found"));
    EXPECT_FALSE(is_bare_back_off("not found"));
}

TEST(Causes, what_is_missing_is_named) {
    const auto secret = missing_in("Error: secret \"postgres-credentials\" not found");
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->kind, "Secret");
    EXPECT_EQ(secret->name, "postgres-credentials");
    const auto key = missing_in("couldn't find key password in Secret flowlet-data/postgres-credentials");
    ASSERT_TRUE(key);
    EXPECT_EQ(key->kind, "Secret");
    EXPECT_EQ(key->name, "postgres-credentials");
    EXPECT_EQ(key->key, "password");
    const auto claim = missing_in("0/4 nodes are available: persistentvolumeclaim \"ledger\" not found. not found");
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->kind, "PersistentVolumeClaim");
    EXPECT_FALSE(missing_in("couldn't find key"));
    EXPECT_FALSE(missing_in("couldn't find key a in Secret"));
    EXPECT_FALSE(missing_in("secret \"unterminated not found"));
}

TEST(Causes, a_password_in_an_address_is_not_repeated) {
    EXPECT_EQ(without_credentials("Get \"https://robot:hunter2@registry.example/v2/\": EOF"),
              "Get \"https://***@registry.example/v2/\": EOF");
    EXPECT_EQ(without_credentials("https://registry.example/a@sha256:1"), "https://registry.example/a@sha256:1");
    EXPECT_EQ(without_credentials("://"), "://");
}

}  // namespace
}  // namespace flowlet::kube::verdict
