#include "commands/backup/tools.h"

#include "commands/shared/program.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis version_timeout{15000};

std::string package_of(const std::string& name) {
    if (name == "age" || name == "age-keygen") return "age";
    if (name == "tar") return "tar";
    if (name.starts_with("mariadb")) return "mariadb-client";
    return "postgresql-client";
}

}  // namespace

Tool find_tool(const Session& session, const std::string& name) {
    const std::string key = "tools." + name;
    const bool chosen = session.config->find(key) != nullptr;
    const std::string wanted = chosen ? session.config->path(key) : name;
    const std::optional<std::string> path = session.probe.find_program(wanted);
    if (!path) {
        throw Error(Kind::tool_missing, printable(wanted) + " is not there",
                    chosen ? "correct " + key : "install it, on Debian: apt install " + package_of(name));
    }
    const host::Exit exit = session.probe.query({*path, {"--version"}, {}, "", "", version_timeout});
    if (exit.interrupted) throw Error(Kind::interrupted, "asked to stop");
    const std::string all(trim(trim(exit.out).empty() ? exit.err : exit.out));
    const std::string said = all.substr(0, all.find('\n'));
    if (const std::optional<Version> version = find_version(said)) return {*path, *version};
    throw Error(Kind::tool_failed, *path + " --version does not say which it is: " + printable(said));
}

host::Command encrypt(const Tool& age, const std::vector<std::string>& recipients, Millis timeout) {
    host::Command command;
    command.program = age.path;
    command.args = {"--encrypt"};
    for (const std::string& recipient : recipients)
        command.args.push_back("--recipient=" + recipient);
    command.timeout = timeout;
    return command;
}

host::Command decrypt(const Tool& age, const Secret& identity, Millis timeout) {
    host::Command command;
    command.program = age.path;
    command.args = {"--decrypt", "--identity=/dev/fd/3"};
    command.handed = {identity};
    command.timeout = timeout;
    return command;
}

std::vector<std::string> words_of(const host::FlowEnd& end) {
    constexpr std::size_t most = 20;
    std::vector<std::string> words;
    for (const host::Exit& exit : end.exits) {
        for (std::string& line : last_lines(printable(exit.err), most))
            words.push_back(std::move(line));
    }
    return words;
}

}  // namespace flowlet::commands::backup
