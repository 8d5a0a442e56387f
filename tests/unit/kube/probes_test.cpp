#include "kube/probes.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace flowlet::kube::verdict {
namespace {

using nlohmann::json;
using std::chrono::seconds;

TEST(Probes, the_budget_of_defaults_is_a_minute) {
    EXPECT_EQ(readiness_budget({{"readinessProbe", json::object()}}), seconds(60));
}

TEST(Probes, without_a_readiness_probe_nothing_stalls) {
    EXPECT_EQ(readiness_budget({{"startupProbe", json::object()}}), Millis{0});
    EXPECT_EQ(readiness_budget(json(5)), Millis{0});
}

TEST(Probes, a_quick_probe_still_has_ten_seconds) {
    EXPECT_EQ(readiness_budget({{"readinessProbe", {{"periodSeconds", 1}, {"failureThreshold", 1}}}}), seconds(10));
}

TEST(Probes, initial_delay_and_startup_probe_are_added) {
    const json container = {
        {"readinessProbe", {{"initialDelaySeconds", 7}, {"periodSeconds", 5}, {"failureThreshold", 2}}},
        {"startupProbe", {{"periodSeconds", 3}, {"failureThreshold", 30}}}};
    EXPECT_EQ(readiness_budget(container), seconds(90 + 7 + 20));
}

TEST(Probes, a_long_timeout_slows_the_pace) {
    EXPECT_EQ(readiness_budget({{"readinessProbe", {{"periodSeconds", 1}, {"timeoutSeconds", 20}}}}), seconds(120));
}

TEST(Probes, absurd_numbers_stay_numbers) {
    const json probe = {
        {"periodSeconds", 9223372036854775807LL}, {"failureThreshold", -4}, {"initialDelaySeconds", "x"}};
    EXPECT_GT(readiness_budget({{"readinessProbe", probe}}), seconds(10));
}

TEST(Probes, every_kind_of_probe_has_words) {
    EXPECT_EQ(render_probe({{"httpGet", {{"path", "/ready"}, {"port", 8080}}}}), "GET :8080/ready");
    EXPECT_EQ(render_probe({{"httpGet", {{"path", "/ready"}, {"port", "http"}}}}), "GET :http/ready");
    EXPECT_EQ(render_probe({{"tcpSocket", {{"port", 5432}}}}), "TCP :5432");
    EXPECT_EQ(render_probe({{"grpc", {{"port", 9090}}}}), "gRPC :9090");
    EXPECT_EQ(render_probe({{"exec", {{"command", {"pg_isready", "-q"}}}}}), "exec pg_isready -q");
    EXPECT_EQ(render_probe(json()), "");
}

TEST(Probes, a_complaint_is_cut_to_its_gist) {
    EXPECT_EQ(probe_complaint("Readiness probe failed: HTTP probe failed with statuscode: 503"), "HTTP 503");
    EXPECT_EQ(probe_complaint("Liveness probe failed: no response\n"), "no response");
    EXPECT_EQ(probe_complaint("odd"), "odd");
}

}  // namespace
}  // namespace flowlet::kube::verdict
