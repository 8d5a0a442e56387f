#include "config/loader.h"

#include <algorithm>
#include <set>

#include "config/check.h"
#include "config/locate.h"
#include "config/override.h"
#include "config/reference.h"
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
    return std::move(documents.front());
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
        if (name == "locked") {
            findings_.add(document.keys[i], "locked: may only be set in /etc/flowletctl");
        } else if (name != "environments") {
            file.read_entry(name, document.keys[i], node, {});
        }
    }
    const yaml::Node* const section = document.find("environments");
    const Environments environments(section, findings_);
    const std::vector<std::string> known = environments.names();
    if (request_.environment_if_there && std::find(known.begin(), known.end(), request_.environment) == known.end()) {
        request_.environment.clear();
    }
    if (section == nullptr || section->type == yaml::Type::null || section->type == yaml::Type::map) {
        check_environment(known);
    }
    config_.environments_ = known;
    config_.environment_ = request_.environment;

    apply_outer_files();
    apply(file.written(), {Layer::file, References::resolve, lookup()});
    apply_environments(environments);
    apply_local_file();
    apply_variables(probe_.env_with_prefix("FLOWLET_"), layers_, findings_);
    apply_overrides(request_.overrides, layers_, findings_);
    check_version(document);
    check_locks();
    check_secrets(layers_.now(), findings_);
    apply_fallbacks();
    findings_.throw_if_any();
    config_.values_ = layers_.take_now();
    config_.said_ = layers_.take_said();
    return std::move(config_);
}

Config Loader::load_root(const Error& why) {
    const Located located = find_file(probe_, request_.root);
    config_.root_ = located.root;
    config_.file_ = located.file;
    config_.broken_ = why;
    apply_fallbacks();
    config_.values_ = layers_.take_now();
    config_.said_ = layers_.take_said();
    return std::move(config_);
}

Lookup Loader::lookup() const {
    return [this](const std::string& name) { return probe_.env(name); };
}

/// What holds for a machine and for a user, whatever the project.
void Loader::apply_outer_files() {
    const std::string folder = "/etc/flowletctl";
    apply_file(folder + "/config.yaml", Layer::system);
    if (probe_.file_info(folder + "/conf.d").type == host::FileType::folder) {
        for (const std::string& name : probe_.list_folder(folder + "/conf.d")) {
            if (name.ends_with(".yaml") && !name.starts_with(".")) {
                apply_file(folder + "/conf.d/" + name, Layer::system);
            }
        }
    }
    const std::string home = probe_.env("HOME").value_or("");
    const std::string settings = probe_.env("XDG_CONFIG_HOME").value_or(home.empty() ? "" : home + "/.config");
    if (settings.starts_with("/")) apply_file(settings + "/flowletctl/config.yaml", Layer::user);
}

/// What one person tries out beside the project must not reach an environment that asks for care.
void Loader::apply_local_file() {
    const std::string path = config_.root_ + "/flowlet.local.yaml";
    if (probe_.file_info(path).type == host::FileType::none) return;
    const auto guarded = layers_.now().find("environments." + request_.environment + ".protected");
    if (guarded != layers_.now().end() && guarded->second.text == "true") {
        findings_.add({path, 1, 1}, "a local file may not change the protected environment " + request_.environment,
                      "write the value into " + shown_file_ + ", where everybody sees it, or move the file away");
        return;
    }
    apply_file(path, Layer::local);
}

void Loader::apply_file(const std::string& path, Layer layer) {
    if (probe_.file_info(path).type == host::FileType::none) return;
    check_trust(probe_, path, path);
    const yaml::Node document = parse_file(probe_.read_file(path, limits.bytes), path);
    TreeReader reader("", findings_);
    for (std::size_t i = 0; i < document.entries.size(); ++i) {
        const auto& [name, node] = document.entries[i];
        if (name == "locked" && layer == Layer::system) {
            read_locks(node);
        } else if (name == "environments" || name == "locked") {
            findings_.add(document.keys[i], name + ": may not be set in this file");
        } else if (name != "apiVersion") {
            reader.read_entry(name, document.keys[i], node, {});
        }
    }
    apply(reader.written(), {layer, References::resolve, lookup()});
}

void Loader::read_locks(const yaml::Node& node) {
    if (const auto locks =
            read_value(*find_key("locked"), "locked", node, {Layer::system, References::plain, {}}, findings_)) {
        for (const std::string& lock : locks->list)
            config_.locks_.emplace_back(lock, node.place);
    }
}

void Loader::check_locks() {
    for (const auto& [path, said] : layers_.said()) {
        const std::optional<Place> lock = config_.lock(path);
        for (const Value& value : said) {
            if (lock && value.layer != Layer::system && value.layer != Layer::fallback) {
                findings_.add(value.place, path + ": is locked by " + render_place(*lock),
                              "take it out here; what the system's file says counts");
            }
        }
    }
}

void Loader::apply(const std::vector<Written>& written, const Source& source) {
    for (const Written& one : written) {
        if (one.node.type == yaml::Type::null) {
            layers_.reset(one.path, one.key == nullptr, source.layer, one.node.place);
        } else if (auto value = read_value(*one.key, one.shown, one.node, source, findings_)) {
            layers_.put(one.path, std::move(*value));
        }
    }
}

void Loader::apply_environments(const Environments& environments) {
    const std::vector<const Environment*> chosen = environments.chain(request_.environment);
    for (const Environment* const environment : chosen) {
        apply(environment->written, {Layer::environment, References::resolve, lookup()});
    }
    for (const Environment& environment : environments.all()) {
        apply(environment.own, {Layer::file, References::plain, {}});
        if (std::find(chosen.begin(), chosen.end(), &environment) == chosen.end()) inspect(environment);
    }
    apply_protection(environments);
}

void Loader::apply_protection(const Environments& environments) {
    const auto path = [](const Environment& environment) { return "environments." + environment.name + ".protected"; };
    const Values written = layers_.now();
    for (const Environment& environment : environments.all()) {
        std::optional<Value> inherited;
        for (const Environment* const ancestor : environments.chain(environment.name)) {
            const auto found = written.find(path(*ancestor));
            if (found != written.end()) inherited = found->second;
        }
        if (!inherited) {
            layers_.put_below(path(environment), {"false", {}, Layer::fallback, {}, false});
        } else if (!written.contains(path(environment))) {
            layers_.put(path(environment), *inherited);
        }
    }
}

void Loader::inspect(const Environment& environment) {
    for (const Written& one : environment.written) {
        if (one.node.type == yaml::Type::null) continue;
        read_value(*one.key, one.shown, one.node, {Layer::environment, References::inspect, {}}, findings_);
    }
}

namespace {

/// The path itself; with a "*", one for each name that something is said of.
std::set<std::string> paths_of(std::string_view path, const Values& values) {
    const std::size_t star = path.find('*');
    if (star == std::string_view::npos) return {std::string(path)};
    const std::string_view section = path.substr(0, star);
    std::set<std::string> paths;
    for (const auto& [said, value] : values) {
        if (!said.starts_with(section)) continue;
        const std::size_t end = said.find('.', star);
        paths.insert(said.substr(0, end).append(path.substr(star + 1)));
    }
    return paths;
}

}  // namespace

void Loader::apply_fallbacks() {
    for (const Key& key : keys()) {
        if (key.fallback.empty()) continue;
        for (const std::string& path : paths_of(key.path, layers_.now()))
            layers_.put_below(path, {std::string(key.fallback), {}, Layer::fallback, {}, false});
    }
    const Values& values = layers_.now();
    const auto project = values.find("project");
    if (project == values.end() || values.contains("release")) return;
    const Value release{project->second.text, {}, Layer::fallback, project->second.place, false};
    if (!check_value(*find_key("release"), release.text).empty()) {
        findings_.add(release.place,
                      "project: \"" + printable(release.text) + "\" cannot be the name of the release too",
                      "set `release`: lower-case letters, digits and '-', at most 53");
        return;
    }
    layers_.put_below("release", release);
}

void Loader::check_environment(const std::vector<std::string>& names) const {
    const std::string& wanted = request_.environment;
    if (wanted.empty() || std::find(names.begin(), names.end(), wanted) != names.end()) return;
    const auto near = did_you_mean(wanted, names);
    const std::string known = names.empty() ? shown_file_ + " declares none" : "there are: " + join(names, ", ");
    throw Error(Kind::usage, "there is no environment \"" + one_line(wanted) + "\" in " + shown_file_,
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

Config load_root(const host::Probe& probe, const Request& request) {
    try {
        return load(probe, request);
    } catch (const Error& error) {
        if (error.kind() != Kind::config) throw;
        return Loader(probe, request).load_root(error);
    }
}

}  // namespace flowlet::config
