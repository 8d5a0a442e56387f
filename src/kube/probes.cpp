#include "kube/probes.h"

#include <algorithm>

#include "kube/json_path.h"

namespace flowlet::kube::verdict {

namespace {

constexpr Millis least_budget{10'000};
constexpr std::int64_t most = 100'000;  // of seconds and of attempts: their product stays a number

std::int64_t bounded(const nlohmann::json& probe, std::string_view key, std::int64_t otherwise) {
    return std::clamp<std::int64_t>(number_at(probe, {key}, otherwise), 0, most);
}

/// A probe that hangs is given up only after its timeout, so the longer of the two is the real pace.
std::int64_t pace(const nlohmann::json& probe) {
    return std::max({std::int64_t{1}, bounded(probe, "periodSeconds", 10), bounded(probe, "timeoutSeconds", 1)});
}

Millis budget(const nlohmann::json& probe, std::int64_t times) {
    if (!probe.is_object()) return Millis{0};
    const auto attempts = std::max<std::int64_t>(1, bounded(probe, "failureThreshold", 3));
    return Millis{1000 * (bounded(probe, "initialDelaySeconds", 0) + attempts * pace(probe) * times)};
}

std::string port_of(const nlohmann::json& action) {
    const auto& port = value_at(action, {"port"});
    return ":" + (port.is_number() ? std::to_string(number_at(action, {"port"})) : text_at(action, {"port"}));
}

}  // namespace

Millis readiness_budget(const nlohmann::json& container) {
    const auto& probe = value_at(container, {"readinessProbe"});
    if (!probe.is_object()) return Millis{0};
    return budget(value_at(container, {"startupProbe"}), 1) + std::max(least_budget, budget(probe, 2));
}

std::string render_probe(const nlohmann::json& probe) {
    if (const auto& http = value_at(probe, {"httpGet"}); http.is_object()) {
        return "GET " + port_of(http) + text_at(http, {"path"});
    }
    if (const auto& tcp = value_at(probe, {"tcpSocket"}); tcp.is_object()) return "TCP " + port_of(tcp);
    if (const auto& grpc = value_at(probe, {"grpc"}); grpc.is_object()) return "gRPC " + port_of(grpc);
    std::string text;
    for (const auto& word : list_at(probe, {"exec", "command"})) {
        if (word.is_string()) text += (text.empty() ? "exec " : " ") + word.get<std::string>();
    }
    return text;
}

std::string probe_complaint(std::string_view message) {
    constexpr std::string_view failed = " probe failed: ";
    constexpr std::string_view code = "HTTP probe failed with statuscode: ";
    if (const auto at = message.find(failed); at != std::string_view::npos) message.remove_prefix(at + failed.size());
    if (message.starts_with(code)) return "HTTP " + std::string{trim(message.substr(code.size()))};
    return std::string{trim(message)};
}

}  // namespace flowlet::kube::verdict
