// What the folders of the programs say of themselves.
#pragma once

#include "commands/init/folder.h"
#include "commands/init/init.h"

namespace flowlet::commands::init {

std::optional<Service> find_backend(Folder& folder);
std::optional<Service> find_frontend(Folder& folder);
/// The first database that a compose file of the project runs.
std::optional<Database> find_database(Folder& folder);

}  // namespace flowlet::commands::init
