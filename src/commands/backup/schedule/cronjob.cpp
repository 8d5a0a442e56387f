#include <nlohmann/json.hpp>

#include "commands/backup/schedule/schedule.h"

namespace flowlet::commands::backup::schedule {
namespace {

/// Who the run is inside its container: nobody that an image or a node knows.
constexpr int user = 65532;
constexpr const char* project_folder = "/project";
constexpr const char* secrets_folder = "/run/secrets";
constexpr int group_reads = 0440;
constexpr int all_read = 0444;

nlohmann::json labels(const Wanted& wanted) {
    return {{"app.kubernetes.io/name", "flowletctl"},
            {"app.kubernetes.io/component", "backup"},
            {"app.kubernetes.io/managed-by", "flowletctl"},
            {"flowletctl.io/project", wanted.project},
            {"flowletctl.io/environment", wanted.environment}};
}

nlohmann::json render_container(const Wanted& wanted, const CronJobOptions& options) {
    nlohmann::json args = {"backup"};
    if (!wanted.call.environment.empty()) args.insert(args.end(), {"--env", wanted.call.environment});
    args.insert(args.end(), {"--root", project_folder});
    const auto variable = [](const char* name, const std::string& value) {
        return nlohmann::json{{"name", name}, {"value", value}};
    };
    // The log of what was done lies beside the backups: nothing else of the pod outlives it.
    return {{"name", "backup"},
            {"image", options.image},
            {"args", args},
            {"env", {variable("FLOWLET_AUDIT__DIR", options.store + "/.audit"), variable("HOME", "/tmp")}},
            {"volumeMounts",
             {{{"name", "store"}, {"mountPath", options.store}},
              {{"name", "project"}, {"mountPath", project_folder}, {"readOnly", true}},
              {{"name", "secrets"}, {"mountPath", secrets_folder}, {"readOnly", true}},
              {{"name", "tmp"}, {"mountPath", "/tmp"}}}},
            {"resources",
             {{"requests", {{"cpu", "100m"}, {"memory", "128Mi"}}}, {"limits", {{"cpu", "2"}, {"memory", "1Gi"}}}}},
            {"securityContext",
             {{"allowPrivilegeEscalation", false},
              {"readOnlyRootFilesystem", true},
              {"capabilities", {{"drop", {"ALL"}}}}}}};
}

nlohmann::json render_pod(const Wanted& wanted, const CronJobOptions& options) {
    const nlohmann::json volumes = {
        {{"name", "store"}, {"persistentVolumeClaim", {{"claimName", options.claim}}}},
        {{"name", "project"}, {"configMap", {{"name", options.config_map}, {"defaultMode", all_read}}}},
        {{"name", "secrets"}, {"secret", {{"secretName", options.secret}, {"defaultMode", group_reads}}}},
        {{"name", "tmp"}, {"emptyDir", {{"sizeLimit", "64Mi"}}}}};
    return {{"restartPolicy", "Never"},
            {"automountServiceAccountToken", false},
            {"enableServiceLinks", false},
            {"securityContext",
             {{"runAsNonRoot", true},
              {"runAsUser", user},
              {"runAsGroup", user},
              {"fsGroup", user},
              {"fsGroupChangePolicy", "OnRootMismatch"},
              {"seccompProfile", {{"type", "RuntimeDefault"}}}}},
            {"containers", {render_container(wanted, options)}},
            {"volumes", volumes}};
}

}  // namespace

std::string cronjob_name(const Wanted& wanted) {
    return lower_case(wanted.project + "-" + wanted.environment + "-backup");
}

nlohmann::json render_cronjob(const Wanted& wanted, const CronJobOptions& options) {
    constexpr int late_at_most = 3600;
    constexpr int kept = 3;
    const nlohmann::json pod = {{"metadata", {{"labels", labels(wanted)}}}, {"spec", render_pod(wanted, options)}};
    const nlohmann::json job = {
        {"backoffLimit", 0},
        {"activeDeadlineSeconds", std::chrono::ceil<std::chrono::seconds>(options.deadline).count()},
        {"template", pod}};
    return {{"apiVersion", "batch/v1"},
            {"kind", "CronJob"},
            {"metadata", {{"name", cronjob_name(wanted)}, {"namespace", options.space}, {"labels", labels(wanted)}}},
            {"spec",
             {{"schedule", render_cron(wanted.at)},
              {"timeZone", "Etc/UTC"},
              {"concurrencyPolicy", "Forbid"},
              {"startingDeadlineSeconds", late_at_most},
              {"successfulJobsHistoryLimit", kept},
              {"failedJobsHistoryLimit", kept},
              {"jobTemplate", {{"metadata", {{"labels", labels(wanted)}}}, {"spec", job}}}}}};
}

bool is_ours(const nlohmann::json& live, const Wanted& wanted) {
    const nlohmann::json wants = labels(wanted);
    const nlohmann::json metadata = live.value("metadata", nlohmann::json::object());
    const nlohmann::json has = metadata.value("labels", nlohmann::json::object());
    for (const auto& label : wants.items()) {
        if (!has.is_object() || has.value(label.key(), nlohmann::json()) != label.value()) return false;
    }
    return true;
}

}  // namespace flowlet::commands::backup::schedule
