// setup: a machine made ready to develop on: programs, packages, a database of one's own, secrets, services.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "commands/shared/cluster.h"
#include "flowlet/commands.h"

namespace flowlet::commands::setup {

void declare(CLI::App& part, Invocation& invocation);

// ---- packages --------------------------------------------------------------------------------------------------

/// Packages that a program fetches into a folder. A record says of what they were made.
struct Packages {
    std::string name;                 ///< "python" or "node"
    std::string folder;               ///< where their list is, absolute
    std::string list;                 ///< the file's name
    std::string into;                 ///< the folder they go to, absolute
    bool there = false;               ///< that folder
    std::string record;               ///< the file with the digest of what was installed last
    std::string wanted;               ///< its content once all is installed
    std::string found;                ///< its content now; empty: there is none
    std::vector<host::Command> make;  ///< what makes the folder, where it is not there
    host::Command install;
    [[nodiscard]] bool current() const { return there && wanted == found; }
};

// ---- the database ----------------------------------------------------------------------------------------------

/// A PostgreSQL that nobody but this project uses: on a socket, below .flowlet.
struct PrivateServer {
    std::string home;    ///< <root>/.flowlet/postgres
    std::string socket;  ///< the folder of its socket
    bool socket_there = true;
    bool home_there = false;
    std::string initdb;
    std::string pg_ctl;
    std::string postgres;
    std::string psql;
    std::string env;  ///< the program that starts another one with signals blocked
    bool there = false;
    bool running = false;
    Secret superuser;  ///< its password
    bool superuser_there = false;
    [[nodiscard]] std::string data() const { return home + "/data"; }
    [[nodiscard]] std::string log() const { return home + "/log"; }
    [[nodiscard]] std::string superuser_file() const { return home + "/superuser"; }
};

/// The database that the backend is given, and what makes its tables.
struct Tables {
    host::Database database;  ///< with the password that the backend knows
    std::string named;        ///< who names it: "databases.primary", ".env.local", "" for the private one
    std::optional<host::Command> migrate;
    std::string record;  ///< the file with the digest of what was done last
    std::string wanted;
    std::string found;
    [[nodiscard]] bool current() const { return wanted == found; }
};

// ---- everything ------------------------------------------------------------------------------------------------

/// The file with the backend's secrets. One that is there is never written.
struct EnvFile {
    std::string path;
    bool there = false;
    std::string text;  ///< of a new one; holds secrets
    std::map<std::string, std::string> values;
};

/// How a part of the project is started, and how one sees that it is ready, as YAML.
struct Service {
    std::vector<std::string> command;
    std::string ready;
};

/// flowlet.yaml, which gets services if it has none.
struct Description {
    std::string path;
    bool there = false;
    bool has_services = false;

    std::string before;
    std::string after;
};

struct Facts {
    std::string root;
    std::string project;
    std::string backend;   ///< relative to the root
    std::string frontend;  ///< relative to the root
    std::string environment;
    std::vector<std::pair<std::string, std::string>> tools;  ///< path → version, for the record
    bool writable = true;                                    ///< the root
    bool state_there = false;                                ///< <root>/.flowlet
    bool ignore_there = false;                               ///< its .gitignore
    Packages python;
    Packages node;
    EnvFile env_file;
    std::optional<PrivateServer> server;
    Tables tables;
    Service backend_service;
    Service frontend_service;
    Description description;
    std::vector<plan::Finding> findings;
    /// Nothing is to be done.
    [[nodiscard]] bool current() const {
        return python.current() && node.current() && env_file.there && tables.current() && description.has_services;
    }
};

/// Throws Error{precondition} for what is missing in the project, Error{tool_missing} for a program, Error{denied} for
/// what cannot be read or written.
Facts observe_project(const Session& session);
plan::Plan plan_setup(const Facts& facts);

/// The services of the project, as a section of flowlet.yaml.
std::string render_services(const Facts& facts);

}  // namespace flowlet::commands::setup
