#include "commands/backup/tools.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis version_timeout{15000};

/// As ~/.pgpass has it: a colon or a backslash in the password is escaped.
Secret password_file(const Secret& password) {
    std::string line = "*:*:*:*:";
    for (const char letter : password.reveal()) {
        if (letter == ':' || letter == '\\') line += '\\';
        line += letter;
    }
    return Secret(line + '\n');
}

std::string package_of(const std::string& name) {
    if (name == "age" || name == "age-keygen") return "age";
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
    const std::string said = trim(exit.out).empty() ? exit.err : exit.out;
    // "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "1.1.1", "v1.2.1".
    for (const std::string& word : split(trim(said), ' ')) {
        if (const std::optional<Version> version = parse_version(word)) return {*path, *version};
    }
    throw Error(Kind::tool_failed, *path + " --version does not say which it is: " + printable(trim(said)));
}

host::Command client(const Tool& tool, const host::Database& database, std::vector<std::string> args, Millis timeout) {
    host::Command command;
    command.program = tool.path;
    command.args = {"--host=" + database.host, "--port=" + std::to_string(database.port), "--username=" + database.user,
                    "--no-password"};
    command.args.insert(command.args.end(), args.begin(), args.end());
    command.env["PGAPPNAME"] = "flowletctl";
    command.timeout = timeout;
    if (!database.password.empty()) {
        command.env["PGPASSFILE"] = "/dev/fd/3";
        command.handed = password_file(database.password);
    }
    return command;
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
    command.handed = identity;
    command.timeout = timeout;
    return command;
}

host::Command read_archive(const Tool& pg_restore, Millis timeout) {
    host::Command command;
    command.program = pg_restore.path;
    command.args = {"--file=/dev/null"};
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
