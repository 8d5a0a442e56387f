
#include <algorithm>

#include "commands/setup/facts.h"
#include "commands/setup/prereqs.h"
#include "commands/setup/registries.h"

namespace flowlet::commands::setup {
namespace {

using Verdict = Measured::Verdict;

constexpr std::uint64_t gibi = std::uint64_t{1} << 30U;
constexpr std::uint64_t kibi = 1024;

Measured measure(const std::string& name, std::uint64_t found, std::uint64_t wanted, const std::string& unit,
                 const std::string& hint) {
    return {name, std::to_string(found) + unit, std::to_string(wanted) + unit,
            found < wanted ? Verdict::warning : Verdict::ok, found < wanted ? hint : ""};
}

std::uint64_t leading_number(std::string_view text) {
    std::uint64_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') break;
        number = number * 10 + static_cast<unsigned char>(c - '0');
    }
    return number;
}

/// "MemTotal:       16371828 kB".
std::uint64_t find_memory(const host::Probe& probe) {
    for (const std::string& line :
         split(read_if_there(probe, "/proc/meminfo", "reading how much memory there is"), '\n')) {
        if (line.starts_with("MemTotal:")) return leading_number(trim(std::string_view(line).substr(9))) * kibi;
    }
    return 0;
}

std::uint64_t count_processors(const host::Probe& probe) {
    std::uint64_t count = 0;
    for (const std::string& line :
         split(read_if_there(probe, "/proc/cpuinfo", "reading how many processors there are"), '\n'))
        count += line.starts_with("processor") ? 1U : 0U;
    return count;
}

std::string root_of(const Session& session) {
    return session.config == nullptr ? session.probe.current_folder() : session.config->root();
}

/// What Flowlet needs to be developed on one machine; less is slow, not wrong.
std::vector<Measured> measure_machine(const Session& session) {
    const host::Probe& probe = session.probe;
    // What a machine of 8 GiB says it has is a little less.
    const std::uint64_t memory = (find_memory(probe) + gibi / 2) / gibi;
    return {measure("processors", count_processors(probe), 4, "", "builds and services share what is there"),
            measure("memory", memory, 8, " GiB", "run fewer services at once"),
            measure("disk", probe.free_space(root_of(session)) / gibi, 10, " GiB",
                    "make room in the file system of the project")};
}

bool has_file(const Session& session, std::initializer_list<const char*> folders, const std::string& name) {
    return std::any_of(folders.begin(), folders.end(), [&](const char* folder) {
        return is_file(session.probe, in(in(root_of(session), folder), name));
    });
}

/// The managers of packages whose lockfiles are there; of node's npm, if none is.
std::vector<std::string> find_managers(const Session& session) {
    const std::initializer_list<const char*> frontends = {"web-frontend", "code/web-frontend", "frontend",
                                                          "code/frontend"};
    std::vector<std::string> found;
    if (has_file(session, frontends, "pnpm-lock.yaml")) {
        found.emplace_back("pnpm");
    } else if (has_file(session, frontends, "yarn.lock")) {
        found.emplace_back("yarn");
    }
    if (has_file(session, {"backend", "code/backend"}, "uv.lock")) found.emplace_back("uv");
    return found;
}

void look_at_cluster(const Session& session, Prerequisites& found) {
    if (session.config == nullptr || session.config->find("kube.context") == nullptr) return;
    try {
        const Cluster cluster = observe_cluster(session);
        found.measured.push_back(
            {"cluster " + cluster.context, "Kubernetes " + render_version(cluster.version), "1.24.0", Verdict::ok, ""});
        for (Measured& one : measure_cluster(session, cluster))
            found.measured.push_back(std::move(one));
    } catch (const Error& error) {
        if (error.kind() == Kind::interrupted || error.kind() == Kind::terminated) throw;
        found.measured.push_back(
            {"cluster " + session.config->text("kube.context"), error.what(), "1.24.0", Verdict::error, error.hint()});
        found.cluster = error;
    }
}

}  // namespace

namespace {

/// A password is asked for by sudo itself, at a terminal, before this is run: it keeps it for a while.
std::string find_sudo(const Session& session) {
    const std::optional<std::string> sudo = session.probe.find_program("sudo");
    if (!sudo) throw Error(Kind::tool_missing, "--sudo: there is no sudo", "run it as root");
    host::Command command;
    command.program = *sudo;
    command.args = {"-n", "true"};
    command.rights = host::Command::Rights::may_gain;
    const host::Exit exit = session.probe.query(command);
    if (exit.ok()) return *sudo;
    const std::vector<std::string> words = last_lines(printable(exit.err), 1);
    throw Error(Kind::denied, "--sudo: " + (words.empty() ? "sudo refuses" : words.front()),
                "sudo -v, then this once more in the same terminal");
}

std::string path_of(const Prerequisites& found, std::string_view name) {
    const auto program = std::find_if(found.programs.begin(), found.programs.end(),
                                      [&](const Program& one) { return one.wanted->name == name; });
    const bool ok = program != found.programs.end() && program->state == Program::State::ok;
    return ok ? program->path : "";
}

}  // namespace

Prerequisites observe_prerequisites(const Session& session, Sudo sudo) {
    Prerequisites found;
    for (const Requirement& wanted : requirements())
        found.programs.push_back(look_for(session, wanted));
    for (const std::string& manager : find_managers(session))
        found.programs.push_back(look_for(session, find_requirement(manager)));
    // npm is wanted for its own lockfile, or to install another one.
    if (!path_of(found, "pnpm").empty() || !path_of(found, "yarn").empty()) {
        std::erase_if(found.programs, [](const Program& program) { return program.wanted->name == "npm"; });
    }
    found.measured = measure_machine(session);
    look_at_cluster(session, found);
    const host::FileInfo self = session.probe.file_info("/proc/self");
    found.root = self.type != host::FileType::none && self.owner == 0;
    if (sudo == Sudo::yes && !found.root) found.sudo = find_sudo(session);
    found.apt_get = session.probe.find_program("apt-get").value_or("");
    found.env = session.probe.find_program("env").value_or("");
    found.go = session.probe.find_program("go").value_or("");
    found.npm = path_of(found, "npm");
    found.python = path_of(found, "ensurepip");
    found.tools = session.probe.tools_folder();
    found.venv_there = is_file(session.probe, found.tools + "/python/pyvenv.cfg");
    found.variables = registry_variables(session);
    return found;
}

}  // namespace flowlet::commands::setup
