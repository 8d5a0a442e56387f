#include "commands/backup/tools.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis version_timeout{15000};

std::string package_of(const std::string& name) {
    if (name == "age" || name == "age-keygen") return "age";
    if (name == "tar") return "tar";
    if (name.starts_with("mariadb")) return "mariadb-client";
    return "postgresql-client";
}

/// "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "1.1.1", "v1.2.1", "mariadb-dump  Ver 10.19 Distrib
/// 10.11.19-MariaDB, for debian-linux-gnu": of MariaDB's the first is that of a protocol.
std::optional<Version> find_version(const std::vector<std::string>& words) {
    std::optional<Version> first;
    for (const std::string& word : words) {
        const std::size_t mark = word.find("-MariaDB");
        const std::optional<Version> version = parse_version(word.substr(0, mark));
        if (version && mark != std::string::npos) return version;
        if (version && !first) first = version;
    }
    return first;
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
    if (const std::optional<Version> version = find_version(split(said, ' '))) return {*path, *version};
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
