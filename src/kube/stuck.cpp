#include "kube/stuck.h"

#include <algorithm>
#include <charconv>

#include "kube/json_path.h"

namespace flowlet::kube::verdict {

namespace {

constexpr std::int64_t most_replicas = 1'000'000'000;
constexpr std::int64_t most_percent = 1'000'000;

}  // namespace

std::int64_t resolve(const nlohmann::json& number_or_percentage, std::int64_t replicas, Rounding rounding,
                     std::int64_t otherwise) {
    if (number_or_percentage.is_number()) {
        return std::clamp<std::int64_t>(number_at(number_or_percentage, {}, otherwise), 0, most_replicas);
    }
    if (!number_or_percentage.is_string()) return otherwise;
    const auto& text = number_or_percentage.get_ref<const std::string&>();
    std::int64_t percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    const bool is_percentage = error == std::errc{} && std::string_view{end} == "%";
    if (!is_percentage || percent < 0 || percent > most_percent) return otherwise;
    replicas = std::clamp<std::int64_t>(replicas, 0, most_replicas);
    return (percent * replicas + (rounding == Rounding::up ? 99 : 0)) / 100;
}

Rollout rollout_of(const nlohmann::json& deployment) {
    Rollout rollout;
    rollout.replicas = std::clamp<std::int64_t>(number_at(deployment, {"spec", "replicas"}, 1), 0, most_replicas);
    const auto& rules = value_at(deployment, {"spec", "strategy", "rollingUpdate"});
    const auto quarter = nlohmann::json("25%");
    const auto quarter_up = resolve(quarter, rollout.replicas, Rounding::up, 0);
    const auto quarter_down = resolve(quarter, rollout.replicas, Rounding::down, 0);
    rollout.max_surge = resolve(value_at(rules, {"maxSurge"}), rollout.replicas, Rounding::up, quarter_up);
    rollout.max_unavailable =
        resolve(value_at(rules, {"maxUnavailable"}), rollout.replicas, Rounding::down, quarter_down);
    // As the controller does: an update that may do nothing at all may take one away.
    if (rollout.max_surge == 0 && rollout.max_unavailable == 0) rollout.max_unavailable = 1;
    return rollout;
}

bool is_stuck(const Rollout& rollout, std::int64_t doomed) {
    if (doomed <= 0) return false;
    return doomed >= rollout.max_surge + rollout.max_unavailable || doomed >= rollout.replicas;
}

bool is_workload_stuck(const nlohmann::json& workload, std::int64_t wanted, std::int64_t doomed) {
    if (doomed <= 0) return false;
    const auto kind = text_at(workload, {"kind"});
    if (kind == "Deployment") {
        return text_at(workload, {"spec", "strategy", "type"}) == "Recreate" || is_stuck(rollout_of(workload), doomed);
    }
    if (kind == "StatefulSet") {
        return text_at(workload, {"spec", "podManagementPolicy"}) != "Parallel" || doomed >= wanted;
    }
    if (kind == "DaemonSet") {
        const auto& rules = value_at(workload, {"spec", "updateStrategy", "rollingUpdate"});
        const auto surge = resolve(value_at(rules, {"maxSurge"}), wanted, Rounding::up, 0);
        const auto unavailable = resolve(value_at(rules, {"maxUnavailable"}), wanted, Rounding::up, surge > 0 ? 0 : 1);
        return doomed >= std::max<std::int64_t>(1, surge + unavailable) || doomed >= wanted;
    }
    return doomed >= wanted;
}

}  // namespace flowlet::kube::verdict
