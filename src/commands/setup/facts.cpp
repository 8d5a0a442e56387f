#include <algorithm>
#include <filesystem>

#include "commands/init/init.h"
#include "commands/setup/facts.h"
#include "commands/setup/services.h"
#include "flowlet/stream.h"
#include "flowlet/yaml.h"

namespace flowlet::commands::setup {
namespace {

constexpr const char* development = "development";

void check_environment(const Session& session) {
    const std::string& wanted = session.request.environment;
    if (wanted == development) return;
    throw Error(
        Kind::usage,
        "setup makes this machine ready to develop, so it knows environment development only, not " + printable(wanted),
        "flowletctl deploy --env " + printable(wanted) + " brings the platform there");
}

std::string find_root(const Session& session) {
    if (session.config != nullptr) return session.config->root();
    const std::filesystem::path asked = std::filesystem::path(session.probe.current_folder()) / session.request.root;
    std::string root = asked.lexically_normal().string();
    while (root.size() > 1 && root.ends_with('/'))
        root.pop_back();
    if (is_folder(session.probe, root)) return root;
    throw Error(Kind::precondition, "looking for the project: there is no folder " + printable(root),
                "--root names the project's folder");
}

/// Relative to the root.
std::string find_part(const Session& session, const std::string& root, const std::string& key,
                      const std::vector<std::string>& usual) {
    if (session.config != nullptr && session.config->find(key) != nullptr) {
        const std::string path = session.config->path(key);
        if (is_folder(session.probe, path)) return std::filesystem::path(path).lexically_relative(root).string();
        throw Error(
            Kind::precondition,
            render_place(session.config->require(key).place) + ": " + key + ": there is no folder " + printable(path),
            "correct " + key);
    }
    const auto found = std::find_if(usual.begin(), usual.end(),
                                    [&](const std::string& name) { return is_folder(session.probe, in(root, name)); });
    if (found != usual.end()) return *found;
    throw Error(
        Kind::precondition,
        "looking for the project in " + printable(root) + ": there is no folder " + join(usual, ", ") + " in it",
        "--root names the project's folder; " + key + " in flowlet.yaml names another place in it");
}

std::string project_of(const Session& session, const std::string& root) {
    if (session.config != nullptr && session.config->find("project") != nullptr) return session.config->text("project");
    return std::filesystem::path(root).filename().string();
}

/// Of a-z, 0-9 and '-'.
std::string plain_name(const std::string& name) {
    constexpr std::size_t longest = 40;
    std::string plain;
    for (const char c : lower_case(name)) {
        const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (fits) plain += c;
        if (!fits && !plain.empty() && !plain.ends_with('-')) plain += '-';
    }
    plain = plain.substr(0, longest);
    while (plain.ends_with('-'))
        plain.pop_back();
    return plain.empty() ? "project" : plain;
}

bool has_services(const std::string& text, const std::string& path) {
    const std::vector<yaml::Node> documents = yaml::parse_documents(text, path, yaml::OldBooleans::strict);
    return !documents.empty() && documents.front().find("services") != nullptr;
}

}  // namespace

std::string in(const std::string& folder, const std::string& name) {
    return folder + (folder.ends_with('/') ? "" : "/") + name;
}

bool is_file(const host::Probe& probe, const std::string& path) {
    return probe.file_info(path).type == host::FileType::regular;
}

bool is_folder(const host::Probe& probe, const std::string& path) {
    return probe.file_info(path).type == host::FileType::folder;
}

std::string read_if_there(const host::Probe& probe, const std::string& path, const std::string& why) {
    if (path.empty() || probe.file_info(path).type == host::FileType::none) return "";
    try {
        return probe.read_file(path);
    } catch (const Error& error) {
        if (error.kind() != Kind::precondition) throw;
        throw Error(Kind::denied, why + ": " + error.what(), "make it readable for you: chmod u+r " + path);
    }
}

std::string make_digest(const std::vector<std::string>& parts) {
    std::string all;
    for (const std::string& part : parts)
        all += stream::sha256_hex(part) + "\n";
    return stream::sha256_hex(all) + "\n";
}

void warn(Facts& facts, const std::string& object, const std::string& message, const std::string& hint) {
    facts.findings.push_back({plan::Finding::Severity::warning, object, message, "", hint});
}

void observe_description(const Session& session, Facts& facts) {
    Description& description = facts.description;
    description.path = in(facts.root, "flowlet.yaml");
    description.there = session.config != nullptr;
    if (!description.there) {
        init::Facts found = init::observe_project(session);
        // The private one is no database that stands still somewhere: it is a service.
        found.database.reset();
        found.services = render_services(facts);
        description.after = init::render_file(found);
        return;
    }
    description.path = session.config->file();
    description.before = read_if_there(session.probe, description.path, "reading the description of the project");
    description.has_services = has_services(description.before, description.path);
    if (description.has_services) {
        if (!facts.server || session.config->find("services.postgres.command") != nullptr) return;
        warn(facts, "flowlet.yaml", "has services, but none of them is the private database in .flowlet/postgres",
             "write among them:\n" + render_database(*facts.server));
        return;
    }
    const std::string gap = description.before.ends_with('\n') ? "\n" : "\n\n";
    description.after = description.before + gap + render_services(facts);
}

Facts observe_project(const Session& session) {
    check_environment(session);
    Facts facts;
    facts.root = find_root(session);
    facts.environment = development;
    facts.project = plain_name(project_of(session, facts.root));
    facts.backend = find_part(session, facts.root, "setup.backend", {"backend", "code/backend"});
    facts.frontend = find_part(session, facts.root, "setup.frontend",
                               {"web-frontend", "code/web-frontend", "frontend", "code/frontend"});
    facts.writable = session.probe.may_write(facts.root);
    facts.state_there = is_folder(session.probe, in(facts.root, ".flowlet"));
    facts.ignore_there = session.probe.file_info(in(facts.root, ".flowlet/.gitignore")).type != host::FileType::none;
    observe_env_file(session, facts);
    observe_python(session, facts);
    observe_node(session, facts);
    observe_database(session, facts);
    make_env_file(session, facts);
    observe_migration(session, facts);
    observe_services(session, facts);
    observe_description(session, facts);
    return facts;
}

}  // namespace flowlet::commands::setup
