#include "config/loader.h"

#include <algorithm>

#include "config/check.h"
#include "config/locate.h"
#include "config/override.h"
#include "config/schema.h"

namespace flowlet::config {
namespace {

constexpr yaml::Limits limits{std::size_t{1} << 20U, 32, 50000, 100};

yaml::Node parse_file(const std::string& text, const std::string& shown) {
    std::vector<yaml::Node> documents = yaml::parse_documents(text, shown, yaml::OldBooleans::strict, limits);
    if (documents.size() > 1) {
        throw Error(Kind::config, render_place(documents[1].place) + ": a second document; one is expected");
    }
    if (documents.empty()) {
        yaml::Node empty;
        empty.type = yaml::Type::map;
        empty.place = {shown, 1, 1};
        return empty;
    }
    if (documents.front().type != yaml::Type::map) {
        throw Error(Kind::config, render_place(documents.front().place) + ": a map of keys is expected");
    }
    return documents.front();
}

}  // namespace

Config Loader::load() {
    const Located located = locate(probe_, request_.root);
    config_.root_ = located.root;
    config_.file_ = located.file;
    shown_file_ = located.shown;
    const yaml::Node document = parse_file(probe_.read_file(located.file, limits.bytes), shown_file_);

    TreeReader file("", findings_);
    for (std::size_t i = 0; i < document.entries.size(); ++i) {
        const auto& [name, node] = document.entries[i];
        if (name != "environments") file.read_entry(name, document.keys[i], node, {});
    }
    const yaml::Node* const section = document.find("environments");
    const Environments environments(section, findings_);
    if (section == nullptr || section->type == yaml::Type::null || section->type == yaml::Type::map) {
        check_environment(environments.names());
    }
    config_.environments_ = environments.names();
    config_.environment_ = request_.environment;

    const Lookup lookup = [this](const std::string& name) { return probe_.env(name); };
    apply(file.written(), {Layer::file, References::resolve, lookup});
    apply_environments(environments);
    apply_variables(probe_.env_with_prefix("FLOWLET_"), config_.values_, findings_);
    apply_overrides(request_.overrides, config_.values_, findings_);
    check_version(document);
    apply_fallbacks();
    findings_.throw_if_any();
    return std::move(config_);
}

void Loader::apply(const std::vector<Written>& written, const Source& source) {
    Values& values = config_.values_;
    for (const Written& one : written) {
        if (one.node.type == yaml::Type::null) {
            std::erase_if(values, [&](const auto& entry) {
                return entry.first == one.path || (one.key == nullptr && entry.first.starts_with(one.path + "."));
            });
        } else if (auto value = read_value(*one.key, one.shown, one.node, source, findings_)) {
            values.insert_or_assign(one.path, std::move(*value));
        }
    }
}

void Loader::apply_environments(const Environments& environments) {
    const Lookup lookup = [this](const std::string& name) { return probe_.env(name); };
    const std::vector<const Environment*> chosen = environments.chain(request_.environment);
    for (const Environment* const environment : chosen) {
        apply(environment->written, {Layer::environment, References::resolve, lookup});
    }
    for (const Environment& environment : environments.all()) {
        apply(environment.own, {Layer::file, References::plain, {}});
        if (std::find(chosen.begin(), chosen.end(), &environment) == chosen.end()) inspect(environment);
    }
    apply_protection(environments);
}

void Loader::apply_protection(const Environments& environments) {
    const auto path = [](const Environment& environment) { return "environments." + environment.name + ".protected"; };
    for (const Environment& environment : environments.all()) {
        Value value{"false", {}, Layer::fallback, {}};
        for (const Environment* const ancestor : environments.chain(environment.name)) {
            const auto written = config_.values_.find(path(*ancestor));
            if (written != config_.values_.end()) value = written->second;
        }
        config_.values_.insert_or_assign(path(environment), value);
    }
}

void Loader::inspect(const Environment& environment) {
    for (const Written& one : environment.written) {
        if (one.node.type == yaml::Type::null) continue;
        read_value(*one.key, one.shown, one.node, {Layer::environment, References::inspect, {}}, findings_);
    }
}

void Loader::apply_fallbacks() {
    Values& values = config_.values_;
    for (const Key& key : keys()) {
        if (!key.fallback.empty() && key.path.find('*') == std::string_view::npos) {
            values.try_emplace(std::string(key.path), Value{std::string(key.fallback), {}, Layer::fallback, {}});
        }
    }
    const auto project = values.find("project");
    if (project == values.end() || values.contains("release")) return;
    const Value release{project->second.text, {}, Layer::fallback, project->second.place};
    if (!check_value(*find_key("release"), release.text).empty()) {
        findings_.add(release.place,
                      "project: \"" + printable(release.text) + "\" cannot be the name of the release too",
                      "set `release`: lower-case letters, digits and '-', at most 53");
        return;
    }
    values.emplace("release", release);
}

void Loader::check_environment(const std::vector<std::string>& names) const {
    const std::string& wanted = request_.environment;
    if (wanted.empty() || std::find(names.begin(), names.end(), wanted) != names.end()) return;
    const auto near = did_you_mean(wanted, names);
    const std::string known = names.empty() ? shown_file_ + " declares none" : "there are: " + join(names, ", ");
    throw Error(Kind::usage, "there is no environment \"" + printable(wanted) + "\" in " + shown_file_,
                near ? "did you mean " + *near + "? " + known : known);
}

void Loader::check_version(const yaml::Node& document) {
    const yaml::Node* const version = document.find("apiVersion");
    if (version != nullptr && version->type != yaml::Type::null) return;
    findings_.add({shown_file_, 1, 1}, "apiVersion is missing", "begin the file with: apiVersion: flowlet/v1");
}

Config load(const host::Probe& probe, const Request& request) {
    return Loader(probe, request).load();
}

}  // namespace flowlet::config
