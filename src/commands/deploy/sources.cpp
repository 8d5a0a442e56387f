#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"
#include "flowlet/stream.h"

namespace flowlet::commands::deploy {
namespace {

/// "30-data" → "data": the number is there for the order alone.
std::string tier_name(const std::string& folder) {
    const std::size_t dash = folder.find('-');
    const bool numbered = dash != std::string::npos && dash > 0 &&
                          std::all_of(folder.begin(), folder.begin() + static_cast<std::ptrdiff_t>(dash),
                                      [](char c) { return c >= '0' && c <= '9'; });
    return numbered ? folder.substr(dash + 1) : folder;
}

bool is_manifest(const std::string& name) {
    return !name.starts_with(".") && (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"));
}

/// "manifests/30-data/x.yaml" rather than the whole path: what a person in the project would type.
std::string shown(const Session& session, const std::string& path) {
    const std::string root = session.config->root() + "/";
    return path.starts_with(root) ? path.substr(root.size()) : path;
}

void read_into(const Session& session, const std::string& path, std::vector<kube::Object>& objects) {
    std::vector<kube::Object> found = kube::parse_manifests(session.probe.read_file(path), shown(session, path));
    std::move(found.begin(), found.end(), std::back_inserter(objects));
}

void read_folder(const Session& session, const std::string& folder, std::vector<kube::Object>& objects) {
    for (const std::string& name : session.probe.list_folder(folder)) {
        const std::string path = folder + "/" + name;
        const host::FileType type = session.probe.file_info(path).type;
        if (type == host::FileType::folder && !name.starts_with(".")) {
            read_folder(session, path, objects);
        } else if (type == host::FileType::regular && is_manifest(name)) {
            read_into(session, path, objects);
        }
    }
}

std::string manifests_folder(const Session& session) {
    const config::Value* value = session.config->find("deploy.manifests");
    std::string folder = session.config->path("deploy.manifests");
    if (value != nullptr && session.probe.file_info(folder).type != host::FileType::folder) {
        throw Error(Kind::config, render_place(value->place) + ": deploy.manifests: there is no folder " + folder,
                    "write the folder's path relative to " + session.config->root());
    }
    return folder;
}

/// The sub-folders that hold tiers, in the order of deploy.tiers or else of their names.
std::vector<std::string> tier_folders(const Session& session, const std::string& folder) {
    std::vector<std::string> folders;
    for (const std::string& name : session.probe.list_folder(folder)) {
        if (!name.starts_with(".") && session.probe.file_info(folder + "/" + name).type == host::FileType::folder) {
            folders.push_back(name);
        }
    }
    const std::vector<std::string> wish = session.config->list("deploy.tiers");
    if (wish.empty()) {
        return folders;
    }
    std::vector<std::string> ordered;
    for (const std::string& name : wish) {
        const auto found = std::find_if(folders.begin(), folders.end(), [&](const std::string& candidate) {
            return candidate == name || tier_name(candidate) == name;
        });
        if (found == folders.end()) {
            throw Error(Kind::config, render_place(session.config->require("deploy.tiers").place) +
                                          ": deploy.tiers: there is no folder " + name + " in " +
                                          shown(session, folder));
        }
        ordered.push_back(*found);
    }
    return ordered;
}

void check_names(const std::vector<std::string>& given, const std::vector<std::string>& known, const char* flag) {
    for (const std::string& name : given) {
        if (std::find(known.begin(), known.end(), tier_name(name)) == known.end()) {
            const std::optional<std::string> near = did_you_mean(tier_name(name), known);
            throw Error(Kind::usage, std::string(flag) + " " + printable(name) + ": there is no such tier",
                        (near ? "did you mean " + *near + "? " : "") + "tiers: " + join(known, ", "));
        }
    }
}

bool names(const std::vector<std::string>& list, const std::string& tier) {
    return std::any_of(list.begin(), list.end(), [&](const std::string& name) { return tier_name(name) == tier; });
}

void add_part(const std::string& part, std::string& text) {
    text += std::to_string(part.size()) + ":" + part;
}

void check_image_tag(const std::string& tag) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '-';
    };
    const bool good =
        tag.size() <= 128 && tag.front() != '.' && tag.front() != '-' && std::all_of(tag.begin(), tag.end(), allowed);
    if (!good) {
        throw Error(Kind::usage, "--image-tag " + printable(tag) + ": that is no image tag",
                    "at most 128 of A-Z a-z 0-9 _ . - and not first . or -");
    }
}

/// Helm runs a hook at its own moments and keeps it out of the release: it is no object that stays.
bool is_hook(const kube::Object& object) {
    const nlohmann::json metadata = object.body->value("metadata", nlohmann::json::object());
    const auto notes = metadata.find("annotations");
    return notes != metadata.end() && notes->is_object() && notes->contains("helm.sh/hook");
}

/// Path and content of every file below a folder. Each part goes with its length: no two folders give one text.
void add_folder(const Session& session, const std::string& folder, const std::string& name, std::string& text) {
    for (const std::string& entry : session.probe.list_folder(folder)) {
        const std::string path = folder + "/" + entry;
        if (session.probe.file_info(path).type == host::FileType::folder) {
            add_folder(session, path, name + entry + "/", text);
        } else {
            add_part(name + entry, text);
            add_part(stream::sha256_hex(session.probe.read_file(path)), text);
        }
    }
}

}  // namespace

bool is_wanted(const Options& options, const std::string& tier) {
    return (options.tiers.empty() || names(options.tiers, tier)) && !names(options.skip_tiers, tier);
}

std::vector<Tier> load_tiers(const Session& session, const Options& options) {
    std::vector<Tier> tiers;
    std::vector<std::string> known;
    const std::string folder = manifests_folder(session);
    if (!folder.empty()) {
        Tier loose{"manifests", {}};
        for (const std::string& name : session.probe.list_folder(folder)) {
            if (is_manifest(name) && session.probe.file_info(folder + "/" + name).type == host::FileType::regular) {
                read_into(session, folder + "/" + name, loose.objects);
            }
        }
        if (!loose.objects.empty()) {
            tiers.push_back(std::move(loose));
        }
        for (const std::string& name : tier_folders(session, folder)) {
            Tier tier{tier_name(name), {}};
            read_folder(session, folder + "/" + name, tier.objects);
            tiers.push_back(std::move(tier));
        }
    }
    for (const Tier& tier : tiers) {
        known.push_back(tier.name);
    }
    known.emplace_back(chart_tier);
    check_names(options.tiers, known, "--tier");
    check_names(options.skip_tiers, known, "--skip-tier");
    std::vector<kube::Object> all;
    for (const Tier& tier : tiers) {
        all.insert(all.end(), tier.objects.begin(), tier.objects.end());
    }
    kube::check_duplicates(all);
    std::erase_if(tiers, [&](const Tier& tier) { return !is_wanted(options, tier.name); });
    return tiers;
}

std::vector<Candidate> list_tiers(const Session& session) {
    std::vector<Candidate> tiers;
    if (session.config == nullptr) {
        return tiers;
    }
    if (const std::string folder = manifests_folder(session); !folder.empty()) {
        for (const std::string& name : tier_folders(session, folder)) {
            tiers.push_back({tier_name(name), shown(session, folder + "/" + name)});
        }
    }
    tiers.push_back({chart_tier, "the Helm release"});
    return tiers;
}

helm::Chart load_chart(const Session& session, const Cluster& cluster, const Tool& helm) {
    const config::Config& config = *session.config;
    helm::Chart chart;
    chart.program = helm.path;
    chart.context = cluster.context;
    chart.kubeconfig = config.path("kube.kubeconfig");
    chart.release = config.text("release");
    chart.space = config.require("namespace").text;
    chart.folder = config.path("deploy.chart");
    if (session.probe.file_info(chart.folder + "/Chart.yaml").type != host::FileType::regular) {
        throw Error(Kind::config,
                    render_place(config.require("deploy.chart").place) + ": deploy.chart: " + chart.folder +
                        " holds no Chart.yaml",
                    "write the chart's folder relative to " + config.root());
    }
    for (const std::string& file : config.list("values")) {
        const std::string path = config::absolute(config, file);
        if (session.probe.file_info(path).type != host::FileType::regular) {
            throw Error(
                Kind::config, render_place(config.require("values").place) + ": values: there is no file " + path,
                "write it relative to " + config.root() + ", or take it out of environment " + config.environment());
        }
        chart.values.push_back(path);
    }
    chart.sets = config.list("deploy.sets");
    if (const std::string tag = config.text("deploy.image_tag"); !tag.empty()) {
        check_image_tag(tag);
        chart.strings.push_back("image.tag=" + tag);
    }
    chart.history_max = static_cast<int>(config.integer("deploy.history_max"));
    chart.timeout = config.duration("deploy.timeout");
    chart.description = "flowletctl " + session.run_id + " by " + session.user;
    return chart;
}

std::vector<kube::Object> render_chart(const Session& session, const helm::Chart& chart, const Version& kubernetes) {
    const host::Exit exit = session.probe.query(helm::render(chart, kubernetes));
    if (!exit.ok()) {
        throw Error(Kind::tool_failed,
                    "the chart " + shown(session, chart.folder) + " does not render: " + helm::parse_error(exit.err),
                    "nothing was changed; helm lint " + chart.folder + " may say more");
    }
    std::vector<kube::Object> objects = kube::parse_manifests(exit.out, "chart " + chart.release);
    std::erase_if(objects, is_hook);
    kube::check_duplicates(objects);
    return objects;
}

std::string digest_inputs(const Session& session, const helm::Chart& chart, const Version& kubernetes,
                          const Version& helm) {
    std::string text;
    const auto add = [&](const std::vector<std::string>& parts) {
        add_part(std::to_string(parts.size()), text);
        for (const std::string& part : parts) {
            add_part(part, text);
        }
    };
    add({"1", chart.release, chart.space, render_version(kubernetes), render_version(helm)});
    add_folder(session, chart.folder, "", text);
    std::vector<std::string> values;
    for (const std::string& file : chart.values) {
        values.push_back(stream::sha256_hex(session.probe.read_file(file)));
    }
    add(values);
    add(chart.sets);
    add(chart.strings);
    return "sha256:" + stream::sha256_hex(text);
}

}  // namespace flowlet::commands::deploy
