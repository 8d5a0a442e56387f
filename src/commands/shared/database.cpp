#include "commands/shared/database.h"

namespace flowlet::commands {

host::Database read_database(const Session& session, const std::string& name) {
    const config::Config& config = *session.config;
    const std::string path = "databases." + name + ".";
    host::Database database;
    database.host = config.require(path + "host").text;
    if (config.find(path + "port") != nullptr) database.port = static_cast<int>(config.integer(path + "port"));
    database.user = config.require(path + "user").text;
    database.name = config.find(path + "name") == nullptr ? database.user : config.text(path + "name");
    return database;
}

std::string render(const host::Database& database) {
    return database.host + ":" + std::to_string(database.port) + "/" + database.name;
}

}  // namespace flowlet::commands
