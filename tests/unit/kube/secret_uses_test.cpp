#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

using nlohmann::json;

std::vector<std::string> render(const json& object) {
    std::vector<std::string> lines;
    for (const SecretUse& use : secret_uses(object)) {
        lines.push_back(use.name + "/" + use.key + " " + use.how + (use.optional ? " optional" : "") +
                        (use.lasting ? "" : " not lasting"));
    }
    return lines;
}

const json pod_spec = json::parse(R"({
    "imagePullSecrets": [{"name": "pull"}],
    "initContainers": [{"name": "first", "envFrom": [{"secretRef": {"name": "all"}}, {"configMapRef": {"name": "no"}}]}],
    "containers": [{"name": "main", "env": [
        {"name": "PLAIN", "value": "x"},
        {"name": "PW", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password", "optional": true}}}]}],
    "volumes": [
        {"name": "tls", "secret": {"secretName": "cert", "items": [{"key": "a"}, {"key": "b"}]}},
        {"name": "mix", "projected": {"sources": [{"secret": {"name": "part"}}, {"configMap": {"name": "no"}}]}},
        {"name": "none", "emptyDir": {}}]})");

const std::vector<std::string> of_pod = {"all/ envFrom of container first",
                                         "db/password env PW of container main optional",
                                         "cert/a volume tls",
                                         "cert/b volume tls",
                                         "part/ volume mix",
                                         "pull/ imagePullSecrets not lasting"};

TEST(SecretUses, every_way_in_which_a_pod_reads_a_secret_is_found) {
    EXPECT_EQ(render({{"kind", "Pod"}, {"spec", pod_spec}}), of_pod);
    EXPECT_EQ(render({{"kind", "Deployment"}, {"spec", {{"template", {{"spec", pod_spec}}}}}}), of_pod);
    EXPECT_EQ(
        render({{"kind", "CronJob"}, {"spec", {{"jobTemplate", {{"spec", {{"template", {{"spec", pod_spec}}}}}}}}}}),
        of_pod);
}

TEST(SecretUses, an_ingress_and_a_service_account_read_them_too) {
    EXPECT_EQ(render(json::parse(R"({"kind": "Ingress", "spec": {"tls": [{"secretName": "cert"}, {}]}})")),
              (std::vector<std::string>{"cert/ tls not lasting"}));
    EXPECT_EQ(render(json::parse(R"({"kind": "ServiceAccount", "imagePullSecrets": [{"name": "pull"}]})")),
              (std::vector<std::string>{"pull/ imagePullSecrets not lasting"}));
}

TEST(SecretUses, foreign_shapes_read_as_nothing) {
    for (const char* const text :
         {"{}", "[]", "null", R"({"kind": 7})", R"({"kind": "Pod", "spec": []})",
          R"({"kind": "Pod", "spec": {"containers": {"env": 1}, "volumes": [1, null, "x"]}})"}) {
        EXPECT_EQ(render(json::parse(text)), std::vector<std::string>{}) << text;
    }
}

}  // namespace
}  // namespace flowlet::kube
