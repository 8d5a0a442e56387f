// What is asked of a project's folder, part by part.
#pragma once

#include <set>
#include <string>

#include "commands/setup/env_text.h"
#include "commands/setup/setup.h"

namespace flowlet::commands::setup {

/// "/p" and "backend": "/p/backend".
std::string in(const std::string& folder, const std::string& name);
bool is_file(const host::Probe& probe, const std::string& path);
bool is_folder(const host::Probe& probe, const std::string& path);
/// Empty where there is none. Throws Error{denied} for one that may not be read; `why` says what it is read for.
std::string read_if_there(const host::Probe& probe, const std::string& path, const std::string& why);
std::string make_digest(const std::vector<std::string>& parts);
void warn(Facts& facts, const std::string& object, const std::string& message, const std::string& hint);

void observe_python(const Session& session, Facts& facts);
void observe_node(const Session& session, Facts& facts);
/// The private server and its superuser, or the database that the configuration or .env.local names.
void observe_database(const Session& session, Facts& facts);
/// What makes the tables, with the environment that the backend has. After observe_env_file.
void observe_migration(const Session& session, Facts& facts);
void observe_description(const Session& session, Facts& facts);

/// The file as it is there, with what is odd about it as findings.
void observe_env_file(const Session& session, Facts& facts);
/// The text of a new one, out of its example, for facts.tables.database.
void make_env_file(const Session& session, Facts& facts);

/// "postgresql://ana:…@/shop?host=/run/postgresql", with the scheme that is given.
std::string render_url(const host::Database& database, const std::string& scheme);
/// Nothing for what is no URL of a PostgreSQL or MariaDB server.
std::optional<host::Database> parse_url(const std::string& url);
/// The names under which a backend may look for that URL.
const std::set<std::string>& url_names();

}  // namespace flowlet::commands::setup
