#include "kube/remedy.h"

#include <gtest/gtest.h>

#include "unit/kube/cluster_objects.h"

namespace flowlet::kube::test {
namespace {

using namespace verdict;

json from_secret(const char* name, const char* key, bool optional = false) {
    return {{"name", "X"}, {"valueFrom", {{"secretKeyRef", {{"name", name}, {"key", key}, {"optional", optional}}}}}};
}

json user_of_secrets() {
    auto made = pod(deployment(), {});
    made["spec"]["containers"][0]["env"] = {from_secret("pg", "password"), from_secret("pg", "extra", true),
                                            from_secret("other", "token")};
    made["spec"]["initContainers"] = {{{"name", "migrate"}, {"env", {from_secret("pg", "username")}}}};
    made["spec"]["volumes"] = {
        {{"name", "a"}, {"secret", {{"secretName", "pg"}, {"items", {{{"key", "ca.crt"}}}}}}},
        {{"name", "b"},
         {"projected", {{"sources", {{{"secret", {{"name", "pg"}, {"items", {{{"key", "tls.key"}}}}}}}}}}}},
        {{"name", "c"}, {"configMap", {{"name", "pg"}, {"items", {{{"key", "not.this"}}}}}}}};
    return made;
}

TEST(Remedy, knows_every_key_that_a_pod_cannot_do_without) {
    EXPECT_EQ(keys_referred_to(user_of_secrets(), "Secret", "pg"),
              (std::vector<std::string>{"ca.crt", "password", "tls.key", "username"}));
    EXPECT_EQ(keys_referred_to(user_of_secrets(), "ConfigMap", "pg"), std::vector<std::string>{"not.this"});
    EXPECT_TRUE(keys_referred_to(json(3), "Secret", "pg").empty());
}

TEST(Remedy, creates_what_is_missing) {
    EXPECT_EQ(remedy_for_missing({"Secret", "other", ""}, user_of_secrets(), "flowlet-data"),
              "create the Secret: kubectl -n flowlet-data create secret generic other --from-file=token=FILE");
    EXPECT_EQ(remedy_for_missing({"ConfigMap", "none", ""}, user_of_secrets(), "s"),
              "create the ConfigMap: kubectl -n s create configmap none --from-file=KEY=FILE, with the keys that the "
              "program reads");
    EXPECT_EQ(remedy_for_missing({"Secret", "pg", "password"}, {}, "s"),
              "add the key password: kubectl -n s edit secret pg");
    EXPECT_EQ(remedy_for_missing({"ServiceAccount", "wallet", ""}, {}, "s"),
              "create the ServiceAccount: kubectl -n s create serviceaccount wallet");
    EXPECT_NE(remedy_for_missing({"PersistentVolumeClaim", "data", ""}, {}, "s")
                  .find("create the PersistentVolumeClaim data"),
              std::string::npos);
}

TEST(Remedy, a_failed_pull_points_at_what_to_look_at) {
    const auto next = [](const char* message) { return remedy_for_pull(message, "r/wallet:1"); };
    EXPECT_NE(next("401 Unauthorized: authentication required").find("credentials"), std::string::npos);
    EXPECT_NE(next("requested access to the resource is denied").find("credentials"), std::string::npos);
    EXPECT_NE(next("lookup r: no such host").find("DNS"), std::string::npos);
    EXPECT_NE(next("r/wallet:1: not found").find("does not have it"), std::string::npos);
    EXPECT_NE(next("no match for platform in manifest").find("architecture"), std::string::npos);
    EXPECT_NE(next("connection refused").find("reach the registry"), std::string::npos);
}

TEST(Remedy, a_refused_pod_points_at_what_refused_it) {
    const auto next = [](const char* message) { return remedy_for_create(message, "s"); };
    EXPECT_NE(next("forbidden: exceeded quota: core").find("describe resourcequota"), std::string::npos);
    EXPECT_NE(next("violates PodSecurity \"restricted\"").find("securityContext"), std::string::npos);
    EXPECT_NE(next("serviceaccount \"wallet\" not found").find("create serviceaccount wallet"), std::string::npos);
    EXPECT_NE(next("no PriorityClass with name high was found").find("PriorityClass"), std::string::npos);
    EXPECT_NE(next("maximum cpu usage per Container is 1, but limit is 2").find("limitrange"), std::string::npos);
    EXPECT_NE(next("admission webhook \"w\" denied the request").find("webhook"), std::string::npos);
    EXPECT_NE(next("something else").find("template"), std::string::npos);
}

TEST(Remedy, an_unschedulable_pod_points_at_what_is_short) {
    const auto next = [](const char* message) { return remedy_for_scheduling(message, pod(deployment(), {}), "s"); };
    EXPECT_NE(next("0/1 nodes are available: 1 Insufficient cpu.").find("describe nodes"), std::string::npos);
    EXPECT_NE(next("pod has unbound immediate PersistentVolumeClaims").find("describe pvc"), std::string::npos);
    EXPECT_NE(next("didn't match Pod's node affinity/selector").find("nodeSelector"), std::string::npos);
    EXPECT_NE(next("persistentvolumeclaim \"data\" not found").find("PersistentVolumeClaim data"), std::string::npos);
}

TEST(Remedy, a_configuration_error_without_a_missing_object_has_words_too) {
    const auto next = [](const char* message) { return remedy_for_config(message, pod(deployment(), {}), "s"); };
    EXPECT_NE(next("container has runAsNonRoot and image will run as root").find("runAsUser"), std::string::npos);
    EXPECT_EQ(next("odd"), "mend the container's configuration: kubectl -n s describe pod wallet-new-abcde");
}

TEST(Remedy, commands_are_whole) {
    EXPECT_EQ(log_command("s", "p", "c", Run::present), "kubectl -n s logs p -c c");
    EXPECT_EQ(log_command("s", "p", "c", Run::previous), "kubectl -n s logs p -c c --previous");
    EXPECT_EQ(describe_command("", "node", "n"), "kubectl describe node n");
}

}  // namespace
}  // namespace flowlet::kube::test
