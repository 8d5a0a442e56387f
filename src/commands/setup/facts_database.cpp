#include <algorithm>
#include <functional>

#include "commands/setup/facts.h"
#include "commands/setup/programs.h"
#include "commands/shared/database.h"
#include "commands/shared/program.h"
#include "flowlet/stream.h"

namespace flowlet::commands::setup {
namespace {

constexpr Millis answer_time{10000};
constexpr std::size_t longest_socket = 107;
constexpr const char* private_home = ".flowlet/postgres";
constexpr const char* socket_name = "/.s.PGSQL.5432";
constexpr std::size_t secret_bytes = 24;

Secret known(const Session& session, Secret secret) {
    if (session.scrubber != nullptr) session.scrubber->add(secret);
    return secret;
}

std::string hexadecimal(const std::string& bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

/// A name for a role and a database: "my-shop" → "my_shop".
std::string role_of(std::string name) {
    std::replace(name.begin(), name.end(), '-', '_');
    const bool letter = !name.empty() && name.front() >= 'a' && name.front() <= 'z';
    return letter ? name : "app_" + name;
}

/// One that stays the same for this root, where the path of a socket in it would be too long.
std::string find_socket_folder(const Session& session, const std::string& home) {
    if (home.size() + std::string_view(socket_name).size() <= longest_socket) return home;
    constexpr std::size_t enough = 16;
    const std::string name = "/flowlet-" + stream::sha256_hex(home).substr(0, enough);
    const std::string own = session.probe.env("XDG_RUNTIME_DIR").value_or("");
    const bool usable = own.starts_with('/') && own.find_first_of(" '\"\\$`,\n") == std::string::npos &&
                        own.size() + name.size() + std::string_view(socket_name).size() <= longest_socket &&
                        is_folder(session.probe, own);
    return (usable ? own : "/tmp") + name;
}

/// Somebody else's folder in /tmp could hold a server that only looks like ours.
void check_socket_folder(const Session& session, PrivateServer& server) {
    const host::FileInfo info = session.probe.file_info(server.socket);
    server.socket_there = info.type != host::FileType::none;
    if (!server.socket_there || server.socket == server.home) return;
    constexpr std::uint32_t others = 0077;
    const bool ours = info.type == host::FileType::folder && (info.mode & others) == 0 &&
                      info.owner == session.probe.file_info("/proc/self").owner;
    if (ours) return;
    throw Error(Kind::denied, "the database's socket: " + server.socket + " is no folder of yours alone",
                "remove it, or move the project to a shorter path");
}

std::string find_server_program(const Session& session, const std::string& folder, const std::string& name) {
    const std::string key = "tools." + name;
    const bool chosen = session.config != nullptr && session.config->find(key) != nullptr;
    const std::string asked = chosen ? session.config->path(key) : folder + "/" + name;
    if (const auto found = session.probe.find_program(asked)) return *found;
    throw Error(Kind::tool_missing, "looking for the server of the database: " + printable(asked) + " is not there",
                chosen ? "correct " + key : render_install({"postgresql"}));
}

/// Data that another major version has made cannot be used.
void check_version(const Session& session, const PrivateServer& server, const Version& version) {
    if (!server.there) return;
    const std::string made(trim(
        read_if_there(session.probe, server.data() + "/PG_VERSION", "reading which PostgreSQL made the database")));
    if (made == std::to_string(version.major)) return;
    throw Error(Kind::precondition,
                "using the database in " + server.data() + ": PostgreSQL " + (made.empty() ? "?" : made) +
                    " made it, and " + server.initdb + " is of " + std::to_string(version.major),
                "name the other one in tools.initdb, tools.pg_ctl and tools.postgres; or move " + server.home +
                    " away: a new, empty database is made");
}

void find_superuser(const Session& session, PrivateServer& server) {
    server.superuser_there = is_file(session.probe, server.superuser_file());
    if (server.there && !server.superuser_there) {
        throw Error(Kind::precondition,
                    "using the database in " + server.data() + ": " + server.superuser_file() +
                        ", the password of its superuser, is not there",
                    "put it back; or move " + server.home + " away: a new, empty database is made");
    }
    const std::string text =
        read_if_there(session.probe, server.superuser_file(), "reading the password of the database");
    server.superuser = known(session, Secret(server.superuser_there ? std::string(trim(text))
                                                                    : hexadecimal(stream::random_bytes(secret_bytes))));
}

void refuse_root(const Session& session) {
    const host::FileInfo self = session.probe.file_info("/proc/self");
    if (self.type == host::FileType::none || self.owner != 0) return;
    throw Error(
        Kind::precondition,
        "making a database for this project: PostgreSQL does not run as root, and flowletctl was called by root",
        "call it as the user who develops; or name a database that is there in databases.primary of environment "
        "development");
}

host::Database superuser_of(const PrivateServer& server) {
    host::Database database;
    database.host = server.socket;
    database.name = "postgres";
    database.user = "postgres";
    database.password = server.superuser;
    return database;
}

void observe_server(const Session& session, Facts& facts) {
    PrivateServer server;
    server.home = in(facts.root, private_home);
    server.socket = find_socket_folder(session, server.home);
    server.home_there = is_folder(session.probe, server.home);
    server.there = is_file(session.probe, server.data() + "/PG_VERSION");
    refuse_root(session);
    const Program initdb = need(session, "initdb");
    const std::string folder = initdb.path.substr(0, initdb.path.rfind('/'));
    server.initdb = initdb.path;
    server.pg_ctl = find_server_program(session, folder, "pg_ctl");
    server.postgres = find_server_program(session, folder, "postgres");
    server.psql = need(session, "psql").path;
    server.env = session.probe.find_program("env").value_or("");
    if (server.env.empty()) throw Error(Kind::tool_missing, "env is not in PATH", render_install({"coreutils"}));
    check_version(session, server, initdb.version);
    check_socket_folder(session, server);
    find_superuser(session, server);
    server.running = server.there && session.probe.look_up(superuser_of(server), "SELECT 1", answer_time).ok();
    facts.tools.emplace_back(server.postgres, render_version(initdb.version));
    host::Database& database = facts.tables.database;
    database.host = server.socket;
    database.user = database.name = role_of(facts.project);
    // Each new .env.local gets the same one, which says nothing of the superuser's.
    database.password =
        known(session, Secret(stream::sha256_hex("flowlet " + database.user + " " + server.superuser.reveal())
                                  .substr(0, 2 * secret_bytes)));
    facts.server = std::move(server);
}

/// Throws where it does not answer, or is not there.
void check_there(const Session& session, const host::Database& database, const std::string& named) {
    const host::Rows rows = session.probe.look_up(database, "SELECT 1", answer_time);
    if (rows.ok()) return;
    throw Error(Kind::precondition,
                "reaching the database that " + named + " names, as " + database.user + " on " + render(database) +
                    ": " + rows.message,
                rows.state == host::login_refused ? "correct its password"
                                                  : "start its server and create the database, or correct " + named +
                                                        "; without it, setup makes a private one");
}

bool is_configured(const Session& session) {
    if (session.config == nullptr) return false;
    return session.config->find("databases.primary.host") != nullptr ||
           session.config->find("databases.primary.port_forward") != nullptr;
}

std::string said_url(const Facts& facts) {
    for (const std::string& name : url_names()) {
        const auto found = facts.env_file.values.find(name);
        if (found != facts.env_file.values.end()) return found->second;
    }
    return "";
}

/// The one that .env.local names, which is none of ours.
void follow_env_file(const Session& session, Facts& facts, const std::optional<host::Database>& said) {
    Tables& tables = facts.tables;
    tables.named = in(facts.backend, ".env.local");
    if (!said) {
        throw Error(Kind::precondition,
                    "looking at the database that " + tables.named +
                        " names: only URLs of PostgreSQL, MySQL and MariaDB are understood",
                    "write such a URL there; or move the file away: a new one with a private database is made");
    }
    tables.database = *said;
    check_there(session, tables.database, tables.named);
}

}  // namespace

void observe_database(const Session& session, Facts& facts) {
    Tables& tables = facts.tables;
    if (is_configured(session)) {
        tables.named = "databases.primary";
        tables.database = read_login(session, "primary");
        check_there(session, tables.database, tables.named);
        return;
    }
    const std::string url = said_url(facts);
    const std::optional<host::Database> said = parse_url(url);
    if (said) (void)known(session, said->password);
    const bool ours = said && said->host == find_socket_folder(session, in(facts.root, private_home));
    if (!url.empty() && !ours) {
        follow_env_file(session, facts, said);
        return;
    }
    observe_server(session, facts);
    if (said) tables.database = *said;
}

}  // namespace flowlet::commands::setup
