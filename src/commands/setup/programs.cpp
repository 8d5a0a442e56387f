#include "commands/setup/programs.h"

#include <algorithm>
#include <array>

#include "commands/shared/program.h"

namespace flowlet::commands::setup {
namespace {

using Need = Requirement::Need;
using Own = Requirement::Own;

constexpr Millis answer_time{20000};
constexpr int oldest_postgres = 14;

constexpr auto table = std::to_array<Requirement>({
    {"python3", {3, 11, 0}, Need::required, "python3", "https://www.python.org/downloads/", "", ""},
    {"ensurepip",
     {20, 0, 0},
     Need::required,
     "python3-venv",
     "the python that tools.python3 names, with its venv module",
     "python3",
     "-c|import ensurepip, venv; print(ensurepip.version())"},
    {"node", {18, 0, 0}, Need::required, "nodejs", "https://nodejs.org/en/download", "", ""},
    {"npm", {8, 0, 0}, Need::required, "npm", "https://nodejs.org/en/download", "", ""},
    {"initdb", {oldest_postgres, 0, 0}, Need::required, "postgresql", "https://www.postgresql.org/download/", "", ""},
    {"psql",
     {oldest_postgres, 0, 0},
     Need::required,
     "postgresql-client",
     "https://www.postgresql.org/download/",
     "",
     ""},
    {"pg_dump",
     {oldest_postgres, 0, 0},
     Need::required,
     "postgresql-client",
     "https://www.postgresql.org/download/",
     "",
     ""},
    {"age",
     {1, 1, 0},
     Need::required,
     "age",
     "https://age-encryption.org",
     "",
     "",
     Own::go,
     "filippo.io/age/cmd/age@v1.2.1"},
    {"kubectl", {1, 24, 0}, Need::required, "", "https://kubernetes.io/docs/tasks/tools/", "", "version|--client"},
    {"helm",
     {3, 8, 0},
     Need::required,
     "",
     "https://helm.sh/docs/intro/install/",
     "",
     "version|--short",
     Own::go,
     "helm.sh/helm/v3/cmd/helm@v3.18.6"},
    {"docker", {20, 10, 0}, Need::optional, "", "https://docs.docker.com/engine/install/", "", ""},
});

// Only where the lockfile of one of them is there.
constexpr auto managers = std::to_array<Requirement>({
    {"pnpm", {8, 0, 0}, Need::required, "", "https://pnpm.io/installation", "", "", Own::npm, "pnpm@9.15.9"},
    {"yarn", {1, 22, 0}, Need::required, "", "https://yarnpkg.com", "", "", Own::npm, "yarn@1.22.22"},
    {"uv", {0, 4, 0}, Need::required, "", "https://docs.astral.sh/uv/", "", "", Own::pip, "uv==0.8.17"},
});

/// PostgreSQL's server is not in PATH on Debian.
std::string usual_place(const Session& session, std::string_view name) {
    if (name != "initdb") return std::string(name);
    const std::string folder = find_postgres_folder(session.probe, oldest_postgres);
    return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

std::string how_to_get(const Requirement& wanted) {
    if (wanted.package.empty() && wanted.own != Own::none) return "flowletctl setup prereqs installs it";
    if (!wanted.package.empty()) return render_install({std::string(wanted.package)});
    return "install it: " + std::string(wanted.elsewhere);
}

void ask(const Session& session, Program& program) {
    const Requirement& wanted = *program.wanted;
    host::Command command;
    command.program = program.path;
    command.args = wanted.asks.empty() ? std::vector<std::string>{"--version"} : split(wanted.asks, '|');
    command.timeout = answer_time;
    const host::Exit exit = session.probe.query(command);
    if (exit.interrupted) throw Error(Kind::interrupted, "asked to stop");
    const std::string said(trim(trim(exit.out).empty() ? exit.err : exit.out));
    const std::optional<Version> version = exit.ok() ? find_version(said) : std::nullopt;
    if (!version) {
        const std::vector<std::string> last = last_lines(printable(said), 1);
        program.state = Program::State::broken;
        program.trouble =
            host::render(command) + " does not say a version: " + (last.empty() ? "it said nothing" : last.front());
        return;
    }
    program.version = *version;
    program.state = program.version < wanted.oldest ? Program::State::old : Program::State::ok;
    if (program.state == Program::State::old) {
        program.trouble = program.path + " is " + render_version(program.version) + ", too old";
    }
}

}  // namespace

std::span<const Requirement> requirements() {
    return table;
}

const Requirement& find_requirement(std::string_view name) {
    const auto named = [&](const Requirement& one) { return one.name == name; };
    if (const auto* found = std::find_if(table.begin(), table.end(), named); found != table.end()) return *found;
    if (const auto* found = std::find_if(managers.begin(), managers.end(), named); found != managers.end())
        return *found;
    throw Error(Kind::bug, "no program is called " + std::string(name));
}

std::string render_install(const std::vector<std::string>& packages) {
    return "sudo apt-get install --yes --no-install-recommends " + join(packages, " ");
}

Program look_for(const Session& session, const Requirement& wanted) {
    Program program;
    program.wanted = &wanted;
    const std::string name(wanted.program.empty() ? wanted.name : wanted.program);
    const std::string key = "tools." + name;
    const bool chosen = session.config != nullptr && session.config->find(key) != nullptr;
    const std::string asked = chosen ? session.config->path(key) : usual_place(session, name);
    const std::optional<std::string> path = session.probe.find_program(asked);
    const std::string newer = "a newer one is at " + std::string(wanted.elsewhere);
    if (path) {
        program.path = *path;
        ask(session, program);
        const std::string& place = chosen ? render_place(session.config->require(key).place) : "";
        program.hint = chosen ? place + " names it; " + newer : newer;
        // A python without its venv is complete once Debian's package of that is there.
        program.in_debian = program.state == Program::State::broken && !wanted.program.empty() && !chosen;
        if (program.in_debian) program.hint = how_to_get(wanted);
        return program;
    }
    program.trouble = printable(asked) + (asked.find('/') == std::string::npos ? " is not in PATH" : " is not there");
    program.in_debian = !chosen && !wanted.package.empty();
    program.to_own = !chosen && wanted.own != Own::none;
    program.hint =
        chosen ? "correct " + key + " (" + render_place(session.config->require(key).place) + ")" : how_to_get(wanted);
    return program;
}

Program need(const Session& session, std::string_view name) {
    const Requirement& wanted = find_requirement(name);
    Program program = look_for(session, wanted);
    if (program.state == Program::State::ok) return program;
    throw Error(
        Kind::tool_missing,
        "looking for " + std::string(name) + " " + render_version(wanted.oldest) + " or newer: " + program.trouble,
        program.hint);
}

}  // namespace flowlet::commands::setup
