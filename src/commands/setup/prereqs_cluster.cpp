#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "commands/setup/prereqs.h"
#include "commands/shared/cluster.h"

namespace flowlet::commands::setup {
namespace {

using Verdict = Measured::Verdict;

constexpr double milli = 1000;
constexpr double gibi = 1024.0 * 1024 * 1024;

/// A quantity of Kubernetes: "4", "3920m", "32Gi", "16393240Ki".
double parse_quantity(const std::string& text) {
    std::size_t end = 0;
    double number = 0;
    try {
        number = std::stod(text, &end);
    } catch (const std::exception&) {
        return 0;
    }
    const std::string unit = text.substr(end);
    if (unit == "m") return number / milli;
    constexpr std::string_view powers = "KMGTP";
    const std::size_t power =
        unit.empty() ? std::string_view::npos : powers.find(unit.front() == 'k' ? 'K' : unit.front());
    if (power == std::string_view::npos) return number;
    return number * std::pow(unit.ends_with('i') ? 1024.0 : milli, static_cast<double>(power + 1));
}

nlohmann::json read_items(const Session& session, const Cluster& cluster, const std::string& path) {
    const nlohmann::json body = nlohmann::json::parse(ask_one(session, cluster, read_path(path)).body, nullptr, false);
    return body.is_object() ? body.value("items", nlohmann::json::array()) : nlohmann::json::array();
}

double sum(const nlohmann::json& nodes, const char* resource) {
    double total = 0;
    for (const nlohmann::json& node : nodes) {
        const nlohmann::json allocatable = node.value("/status/allocatable"_json_pointer, nlohmann::json::object());
        total += parse_quantity(allocatable.value(resource, ""));
    }
    return total;
}

Measured measure(const std::string& name, double found, int wanted, const std::string& unit) {
    const bool enough = found >= wanted;
    return {name, std::to_string(static_cast<long>(std::floor(found))) + unit, std::to_string(wanted) + unit,
            enough ? Verdict::ok : Verdict::warning, enough ? "" : "add a node, or ask for less in the chart's values"};
}

Measured measure_storage(const nlohmann::json& classes) {
    std::string usual;
    for (const nlohmann::json& one : classes) {
        const nlohmann::json marks = one.value("/metadata/annotations"_json_pointer, nlohmann::json::object());
        if (marks.value("storageclass.kubernetes.io/is-default-class", "") == "true") {
            usual = one.value("/metadata/name"_json_pointer, "");
        }
    }
    const std::string found =
        std::to_string(classes.size()) + (usual.empty() ? ", none is the default" : ", default " + usual);
    return {"storage classes", found, "a default one", usual.empty() ? Verdict::warning : Verdict::ok,
            usual.empty()
                ? "a claim that names no class stays pending: mark one with storageclass.kubernetes.io/is-default-class"
                : ""};
}

}  // namespace

std::vector<Measured> measure_cluster(const Session& session, const Cluster& cluster) {
    const nlohmann::json nodes = read_items(session, cluster, "/api/v1/nodes");
    std::vector<Measured> all = {
        measure("cluster processors", sum(nodes, "cpu"), 16, ""),
        measure("cluster memory", sum(nodes, "memory") / gibi, 32, " GiB"),
        measure_storage(read_items(session, cluster, "/apis/storage.k8s.io/v1/storageclasses"))};
    const bool certificates = ask_one(session, cluster, read_path("/apis/cert-manager.io/v1")).ok();
    all.push_back(
        {"cert-manager", certificates ? "there" : "not there", "there", certificates ? Verdict::ok : Verdict::warning,
         certificates ? "" : "certificates are not renewed without it: https://cert-manager.io/docs/installation/"});
    return all;
}

}  // namespace flowlet::commands::setup
