// The programs of the project as services: how each is started, and how one sees that it is ready.
#pragma once

#include <string>

#include "commands/setup/setup.h"

namespace flowlet::commands::setup {

/// How the backend and the frontend are started, after what stands in their folders.
void observe_services(const Session& session, Facts& facts);

/// The private database as a service, as it stands below `services:`.
std::string render_database(const PrivateServer& server);

/// The port that a source or a configuration speaks of first: `port: 5173`, `PORT", "5000"`, `--port 3000`. Empty:
/// none.
std::string find_port(const std::string& text);

}  // namespace flowlet::commands::setup
