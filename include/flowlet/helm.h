// helm: Helm 3 and Helm 4 as vocabulary: command lines, releases as the cluster stores them, the words of their errors.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::helm {

/// What is installed or upgraded, and with what.
struct Chart {
    std::string program;     ///< absolute path of helm
    std::string context;     ///< kube context, always passed
    std::string kubeconfig;  ///< empty: the usual one
    std::string release;
    std::string space;
    std::string folder;                ///< of the chart
    std::vector<std::string> values;   ///< files, the last wins
    std::vector<std::string> sets;     ///< --set, "replicas=3"
    std::vector<std::string> strings;  ///< --set-string, "image.tag=20261121": a number stays a text
    std::string description;           ///< kept in the release's history
    int history_max = 20;              ///< revisions that Helm keeps
    Millis timeout{300000};
};

host::Command version(const std::string& program);
std::optional<Version> parse_version(std::string_view out);

/// Renders without a cluster, as the upgrade would. What is in the chart's folder crds/ is no part of it, as it is no
/// part of a release: Helm installs that once and never again.
host::Command render(const Chart& chart, const Version& kubernetes);
/// Installs or upgrades; waits for nothing. Helm's own request budget is lifted (HELM_QPS, HELM_BURST_LIMIT).
host::Command upgrade(const Chart& chart);
host::Command rollback(const Chart& chart, int revision);
host::Command uninstall(const Chart& chart);

/// One revision as the cluster stores it.
struct Release {
    std::string name;
    std::string space;
    int revision = 0;
    std::string status;  ///< deployed, superseded, failed, pending-upgrade …
    std::string chart;   ///< "flowlet-0.1.0"
    std::string app_version;
    std::string description;
    std::string updated;  ///< RFC 3339
    std::string manifest;
};

/// The label selector of a release's Secrets; `status`, when given, leaves only the revisions in it.
std::string selector(const std::string& release, std::string_view status = {});
/// What the labels alone say: name, revision and status of every Secret in a list, oldest first. Asked with
/// `metadata_only` as Accept header the list holds nothing else and stays small.
inline constexpr const char* metadata_only = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
std::vector<Release> parse_labels(std::string_view secret_list);
/// Reads a SecretList of the release's revisions, oldest first. Throws Error{failed} for one that cannot be read.
std::vector<Release> parse_releases(std::string_view secret_list);

/// Is a release stuck in pending-install, pending-upgrade or pending-rollback?
bool is_pending(const Release& release);

/// The sentence of helm's own error that matters, without "Error: " and the chain before it.
std::string parse_error(std::string_view err);

}  // namespace flowlet::helm
