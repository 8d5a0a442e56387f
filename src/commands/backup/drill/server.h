// A server that a drill makes, uses and throws away: what differs between PostgreSQL and MariaDB.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/backup/manifest.h"
#include "flowlet/commands.h"

namespace flowlet::commands::backup {

/// A program that is run for the server.
struct ServerCall {
    std::string id;    ///< "init"
    std::string what;  ///< "make a server"
    host::Command command;
    std::vector<int> accept = {0};
    enum class As { server, caller } as = As::server;  ///< whose user runs it
    /// When it ends if somebody asks to stop. What starts a server must not be cut half-way: it would leave one behind
    /// that cannot be found yet, for no number of its process is written.
    enum class Stops { at_once, when_done } stops = Stops::at_once;
};

/// A program with its arguments and its time.
host::Command call(const std::string& program, std::vector<std::string> args, Millis timeout);

class DrillServer {
public:
    virtual ~DrillServer() = default;
    /// Who runs it, unless backup.drill.user says so.
    [[nodiscard]] virtual std::string user() const = 0;
    /// Who may do everything there, with no password: nobody else reaches the socket.
    [[nodiscard]] virtual host::Database login(const std::string& folder) const = 0;

    /// From nothing to a server that answers on a socket in that folder.
    [[nodiscard]] virtual std::vector<ServerCall> start(const std::string& folder) const = 0;
    /// At once. Succeeds where there is none.
    [[nodiscard]] virtual ServerCall stop(const std::string& folder) const = 0;

    /// Takes the roles, or users, of a backup from its input.
    [[nodiscard]] virtual host::Command load_globals(const host::Database& login, Millis timeout) const = 0;
    /// The program that reads every table and index of a database and finds what is damaged; empty: it is not there.
    [[nodiscard]] virtual std::string checker() const = 0;
    /// That program: it fails, or it says something, when it finds something.
    [[nodiscard]] virtual host::Command check(const host::Database& copy, Millis timeout) const = 0;
    /// How it writes that something is true.
    [[nodiscard]] virtual std::string yes() const = 0;
};

using DrillServerPtr = std::shared_ptr<const DrillServer>;

/// With the programs for a backup of that version. Throw Error{tool_missing}.
DrillServerPtr find_postgres_server(const Session& session, const DatabaseRecord& record);
DrillServerPtr find_mariadb_server(const Session& session);

}  // namespace flowlet::commands::backup
