
#include "commands/setup/facts.h"
#include "commands/setup/prereqs.h"

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

/// The package manager whose lockfile is there, or npm.
std::string find_manager(const Session& session) {
    for (const char* const folder : {"web-frontend", "code/web-frontend", "frontend", "code/frontend"}) {
        const std::string path = in(root_of(session), folder);
        if (is_file(session.probe, in(path, "pnpm-lock.yaml"))) return "pnpm";
        if (is_file(session.probe, in(path, "yarn.lock"))) return "yarn";
    }
    return "npm";
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

Prerequisites observe_prerequisites(const Session& session) {
    Prerequisites found;
    const std::string manager = find_manager(session);
    for (const Requirement& wanted : requirements())
        found.programs.push_back(look_for(session, wanted.name == "npm" ? find_requirement(manager) : wanted));
    found.measured = measure_machine(session);
    look_at_cluster(session, found);
    const host::FileInfo self = session.probe.file_info("/proc/self");
    found.root = self.type != host::FileType::none && self.owner == 0;
    found.apt_get = session.probe.find_program("apt-get").value_or("");
    found.env = session.probe.find_program("env").value_or("");
    return found;
}

}  // namespace flowlet::commands::setup
