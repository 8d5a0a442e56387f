#include <algorithm>
#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "commands/setup/facts.h"
#include "commands/setup/programs.h"
#include "commands/setup/registries.h"
#include "flowlet/stream.h"

namespace flowlet::commands::setup {
namespace {

constexpr Millis fetch_time{30 * 60 * 1000};
constexpr const char* venv_record = ".flowletctl";
constexpr const char* node_record = ".flowlet/node-packages";
constexpr int deepest = 5;

host::Command fetch(const Session& session, const std::string& folder, const std::string& program,
                    std::vector<std::string> args) {
    host::Command command;
    command.program = program;
    command.args = std::move(args);
    command.env = registry_variables(session);
    command.folder = folder;
    command.timeout = fetch_time;
    return command;
}

/// The text of a requirements file and of those that it names.
void gather_requirements(const host::Probe& probe, const std::string& path, int depth,
                         std::vector<std::string>& parts) {
    const std::string text = read_if_there(probe, path, "reading what python packages are wanted");
    parts.push_back(text);
    if (depth == 0) return;
    for (const std::string& raw : split(text, '\n')) {
        const std::vector<std::string> words = split(trim(raw), ' ');
        constexpr std::array<std::string_view, 4> names = {"-r", "--requirement", "-c", "--constraint"};
        if (words.size() < 2 || std::find(names.begin(), names.end(), words[0]) == names.end()) continue;
        gather_requirements(probe, in(path.substr(0, path.rfind('/')), words[1]), depth - 1, parts);
    }
}

void finish(const host::Probe& probe, Packages& packages, std::vector<std::string> parts) {
    parts.push_back(host::render(packages.install));
    packages.wanted = make_digest(parts);
    packages.found = read_if_there(probe, packages.record, "reading what was installed last");
}

std::string find_venv(const host::Probe& probe, const std::string& backend) {
    for (const char* const name : {".venv", "venv"}) {
        if (is_folder(probe, in(backend, name))) return in(backend, name);
    }
    return in(backend, ".venv");
}

void check_venv(const host::Probe& probe, const std::string& venv) {
    if (!is_folder(probe, venv) || probe.find_program(venv + "/bin/python")) return;
    throw Error(Kind::precondition,
                "using the virtual environment " + printable(venv) + ": there is no bin/python in it",
                "move it away and run this again: a new one is made");
}

struct Lock {
    std::string_view file;
    std::string_view manager;
};
constexpr auto locks = std::to_array<Lock>({
    {"pnpm-lock.yaml", "pnpm"},
    {"yarn.lock", "yarn"},
    {"package-lock.json", "npm"},
    {"npm-shrinkwrap.json", "npm"},
});

const Lock* find_lock(const host::Probe& probe, const std::string& folder) {
    const auto* const found = std::find_if(locks.begin(), locks.end(), [&](const Lock& lock) {
        return is_file(probe, in(folder, std::string(lock.file)));
    });
    return found == locks.end() ? nullptr : found;
}

/// In their folder, or as yarn's Plug'n'Play has them; or none is wanted.
bool are_there(const host::Probe& probe, const std::string& folder) {
    if (is_folder(probe, in(folder, "node_modules")) || is_file(probe, in(folder, ".pnp.cjs"))) return true;
    const nlohmann::json package = nlohmann::json::parse(
        read_if_there(probe, in(folder, "package.json"), "reading which node packages are wanted"), nullptr, false);
    constexpr std::array<const char*, 4> lists = {"dependencies", "devDependencies", "optionalDependencies",
                                                  "workspaces"};
    return package.is_object() && std::none_of(lists.begin(), lists.end(), [&](const char* list) {
               return package.contains(list) && !package[list].empty();
           });
}

std::vector<std::string> frozen(std::string_view manager, const Version& version) {
    if (manager == "npm") return {"ci", "--no-audit", "--no-fund"};
    if (manager == "pnpm") return {"install", "--frozen-lockfile"};
    return {"install", version.major >= 2 ? "--immutable" : "--frozen-lockfile"};
}

}  // namespace

namespace {

/// Empty: there is none, and pip does.
std::string find_uv(const Session& session) {
    const bool named = session.config != nullptr && session.config->find("tools.uv") != nullptr;
    return session.probe.find_program(named ? session.config->path("tools.uv") : "uv").value_or("");
}

}  // namespace

void observe_python(const Session& session, Facts& facts) {
    const host::Probe& probe = session.probe;
    const std::string folder = in(facts.root, facts.backend);
    const Program python = need(session, "python3");
    const bool locked = is_file(probe, in(folder, "uv.lock"));
    const std::string uv = locked ? need(session, "uv").path : find_uv(session);
    Packages& packages = facts.python;
    packages.name = "python";
    packages.folder = folder;
    packages.into = find_venv(probe, folder);
    check_venv(probe, packages.into);
    packages.list = is_file(probe, in(folder, "requirements.txt")) ? "requirements.txt" : "pyproject.toml";
    if (!is_file(probe, in(folder, packages.list))) {
        throw Error(Kind::precondition,
                    "looking for the python packages of " + facts.backend +
                        ": there is no requirements.txt and no pyproject.toml in it",
                    "write one, or name another folder in setup.backend");
    }
    const bool requirements = packages.list == "requirements.txt";
    const std::vector<std::string> what =
        requirements ? std::vector<std::string>{"-r", packages.list} : std::vector<std::string>{"-e", "."};
    const std::string inside = packages.into + "/bin/python";
    packages.there = is_folder(probe, packages.into);
    packages.record = in(packages.into, venv_record);
    if (!uv.empty()) {
        packages.make = {fetch(session, folder, uv, {"venv", "--python", python.path, packages.into})};
        packages.install = fetch(session, folder, uv, {"pip", "install", "--python", inside});
    } else {
        if (!packages.there) (void)need(session, "ensurepip");
        packages.make = {fetch(session, folder, python.path, {"-m", "venv", packages.into})};
        packages.install = fetch(session, folder, inside,
                                 {"-m", "pip", "install", "--no-input", "--quiet", "--disable-pip-version-check"});
    }
    packages.install.args.insert(packages.install.args.end(), what.begin(), what.end());
    if (locked) {
        packages.list = "uv.lock";
        packages.install = fetch(session, folder, uv, {"sync", "--frozen"});
        packages.install.env["UV_PROJECT_ENVIRONMENT"] = packages.into;
    }
    std::vector<std::string> parts = {render_version({python.version.major, python.version.minor, 0})};
    gather_requirements(probe, in(folder, packages.list), deepest, parts);
    finish(probe, packages, std::move(parts));
    facts.tools.emplace_back(python.path, render_version(python.version));
}

void observe_node(const Session& session, Facts& facts) {
    const host::Probe& probe = session.probe;
    const std::string folder = in(facts.root, facts.frontend);
    if (!is_file(probe, in(folder, "package.json"))) {
        throw Error(Kind::precondition,
                    "looking for the node packages of " + facts.frontend + ": there is no package.json in it",
                    "write one, or name another folder in setup.frontend");
    }
    const Lock* const lock = find_lock(probe, folder);
    if (lock == nullptr) {
        throw Error(Kind::precondition,
                    "installing the node packages of " + facts.frontend +
                        ": there is no lockfile beside its package.json, so nothing says which versions are meant",
                    "make one and commit it: npm install --package-lock-only (or pnpm install --lockfile-only, or yarn "
                    "install)");
    }
    const Program node = need(session, "node");
    const Program manager = need(session, lock->manager);
    Packages& packages = facts.node;
    packages.name = "node";
    packages.folder = folder;
    packages.list = std::string(lock->file);
    packages.into = in(folder, "node_modules");
    packages.there = are_there(probe, folder);
    // Not beside the packages: some managers keep no such folder.
    packages.record = in(facts.root, node_record);
    packages.install = fetch(session, folder, manager.path, frozen(lock->manager, manager.version));
    finish(probe, packages,
           {read_if_there(probe, in(folder, packages.list), "reading which node packages are wanted"),
            read_if_there(probe, in(folder, "package.json"), "reading which node packages are wanted"),
            std::to_string(node.version.major)});
    facts.tools.emplace_back(node.path, render_version(node.version));
    facts.tools.emplace_back(manager.path, render_version(manager.version));
}

}  // namespace flowlet::commands::setup
