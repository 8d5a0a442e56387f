#include <algorithm>
#include <array>
#include <filesystem>

#include "commands/init/services.h"

namespace flowlet::commands::init {
namespace {

constexpr const char* file_name = "flowlet.yaml";
/// With "-development" it is still a namespace, and alone the name of a Helm release.
constexpr std::size_t longest_name = 50;
constexpr int deepest = 3;

std::string parent(const std::string& folder) {
    const std::size_t slash = folder.find_last_of('/');
    return slash == 0 || slash == std::string::npos ? "/" : folder.substr(0, slash);
}

std::string in(const std::string& folder, std::string_view name) {
    return folder + (folder.ends_with('/') ? "" : "/") + std::string(name);
}

/// "--root" as the configuration would take it: absolute, without slashes or "/." at its end.
std::string find_root(const Session& session) {
    std::string root = session.request.root;
    if (!root.starts_with("/")) root = in(session.probe.current_folder(), root);
    while (root.size() > 1 && (root.ends_with("/") || root.ends_with("/.")))
        root.pop_back();
    if (session.probe.file_info(root).type != host::FileType::folder) {
        throw Error(Kind::precondition, "there is no folder " + printable(root), "--root names the project's folder");
    }
    return root;
}

/// Without "..", for what is said of it; what is opened stays as it was typed, for a link may lead elsewhere.
std::string tidy(const std::string& root) {
    std::string path = std::filesystem::path(root).lexically_normal().string();
    while (path.size() > 1 && path.ends_with("/"))
        path.pop_back();
    return path;
}

void check_absent(const Session& session, const std::string& root) {
    const std::string file = in(root, file_name);
    if (session.probe.file_info(file).type == host::FileType::none) return;
    throw Error(Kind::precondition, printable(file) + " is there already, and is left as it is",
                "flowletctl config validate says whether it can be used");
}

std::string find_above(const host::Probe& probe, const std::string& root) {
    for (std::string folder = root; folder != "/";) {
        folder = parent(folder);
        if (probe.file_info(in(folder, file_name)).type != host::FileType::none) return in(folder, file_name);
    }
    return "";
}

/// "My Shop (2)" → "my-shop-2".
std::string make_name(const std::string& root) {
    std::string name;
    for (const char small : lower_case(root.substr(root.find_last_of('/') + 1))) {
        const bool fits = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
        if (fits) name += small;
        if (!fits && !name.empty() && !name.ends_with('-')) name += '-';
    }
    name = name.substr(0, longest_name);
    while (name.ends_with('-'))
        name.pop_back();
    return name.empty() ? "project" : name;
}

std::vector<std::string> find_charts(Folder& folder) {
    if (folder.has_file("Chart.yaml")) return {"."};
    std::vector<std::string> charts;
    const auto add = [&](const std::string& start, int depth) {
        for (const std::string& chart : folder.folders_with("Chart.yaml", start, depth)) {
            if (std::find(charts.begin(), charts.end(), chart) == charts.end()) charts.push_back(chart);
        }
    };
    // A tree may be too large to be searched as a whole, so where charts usually are comes first.
    for (const char* const usual : {"charts", "chart", "helm", "infrastructure/helm", "deploy/helm"})
        add(usual, 1);
    add("", deepest);
    return charts;
}

struct Alias {
    std::string_view word;
    std::string_view environment;
};
constexpr auto aliases = std::to_array<Alias>({
    {"development", "development"},
    {"dev", "development"},
    {"staging", "staging"},
    {"stage", "staging"},
    {"production", "production"},
    {"prod", "production"},
});

/// values-prod.yaml, prod.values.yaml, and prod.yaml in a folder of them: production. Empty: of no environment.
std::string environment_of(std::string name, bool folder_of_values) {
    if (!name.ends_with(".yaml") && !name.ends_with(".yml")) return "";
    name = name.substr(0, name.rfind('.'));
    bool marked = folder_of_values;
    for (const std::string_view start : {"values-", "values.", "values_"}) {
        if (!name.starts_with(start)) continue;
        name = name.substr(start.size());
        marked = true;
    }
    for (const std::string_view end : {"-values", ".values", "_values"}) {
        if (!name.ends_with(end)) continue;
        name = name.substr(0, name.size() - end.size());
        marked = true;
    }
    const auto* const found =
        std::find_if(aliases.begin(), aliases.end(), [&](const Alias& alias) { return alias.word == name; });
    return found == aliases.end() || !marked ? "" : std::string(found->environment);
}

std::map<std::string, std::string> find_values(Folder& folder, const std::string& chart) {
    std::map<std::string, std::string> values;
    const auto look = [&](const std::string& path, bool folder_of_values) {
        for (const std::string& name : folder.names(path)) {
            const std::string environment = environment_of(name, folder_of_values);
            if (!environment.empty() && folder.has_file(below(path, name))) {
                values.try_emplace(environment, below(path, name));
            }
        }
    };
    const std::string beside = chart.find('/') == std::string::npos ? "" : chart.substr(0, chart.rfind('/'));
    look(chart == "." ? "" : chart, false);
    for (const char* const name : {"values", "environments", "env"})
        look(below(chart, name), true);
    look(beside, false);
    look(below(beside, "values"), true);
    look("values", true);
    return values;
}

/// The folders in it are applied one after the other; what lies beside them is not, and kustomize's are built first.
bool holds_tiers(Folder& folder, const std::string& path) {
    bool tiers = false;
    for (const std::string& name : folder.names(path)) {
        if (name == "kustomization.yaml" || name == "base" || name == "overlays") return false;
        tiers = tiers || (!name.starts_with(".") && folder.has_folder(below(path, name)));
    }
    return tiers;
}

void find_manifests(Folder& folder, Facts& facts) {
    for (const char* const path : {"manifests", "k8s", "kubernetes", "infrastructure/kubernetes", "infrastructure/k8s",
                                   "deploy/kubernetes", "deploy/k8s"}) {
        if (!folder.has_folder(path)) continue;
        if (holds_tiers(folder, path)) {
            facts.manifests = path;
            return;
        }
        if (facts.loose_manifests.empty()) facts.loose_manifests = path;
    }
}

}  // namespace

Facts observe_project(const Session& session) {
    Facts facts;
    facts.root = find_root(session);
    check_absent(session, facts.root);
    facts.above = find_above(session.probe, tidy(facts.root));
    facts.project = make_name(tidy(facts.root));
    Folder folder(session.probe, facts.root);
    facts.charts = find_charts(folder);
    if (!facts.charts.empty()) facts.values = find_values(folder, facts.charts.front());
    find_manifests(folder, facts);
    facts.backend = find_backend(folder);
    facts.frontend = find_frontend(folder);
    facts.database = find_database(folder);
    facts.notes = folder.notes();
    return facts;
}

}  // namespace flowlet::commands::init
