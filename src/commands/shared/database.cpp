#include "commands/shared/database.h"

#include "commands/shared/secret.h"

namespace flowlet::commands {

host::Database read_database(const Session& session, const std::string& name) {
    const config::Config& config = *session.config;
    const std::string path = "databases." + name + ".";
    host::Database database;
    database.host = config.require(path + "host").text;
    const std::string type = config.find(path + "type") == nullptr ? "postgres" : config.text(path + "type");
    if (type != "postgres" && type != "mysql") {
        throw Error(Kind::config,
                    render_place(config.require(path + "type").place) + ": " + path + "type: " + printable(type) +
                        " is no kind of database that is known here",
                    "write postgres, or mysql, which is MariaDB, too");
    }
    if (type == "mysql") {
        database.engine = host::Engine::mysql;
        constexpr int mysql_port = 3306;
        database.port = mysql_port;
    }
    if (config.find(path + "port") != nullptr) database.port = static_cast<int>(config.integer(path + "port"));
    database.user = config.require(path + "user").text;
    database.name = config.find(path + "name") == nullptr ? database.user : config.text(path + "name");
    return database;
}

host::Database read_login(const Session& session, const std::string& name) {
    host::Database database = read_database(session, name);
    const std::string password = "databases." + name + ".password";
    if (session.config->find(password) != nullptr) database.password = resolve(session, password);
    return database;
}

std::vector<Candidate> offer_databases(const Session& session) {
    std::vector<Candidate> found;
    if (session.config == nullptr) return found;
    for (const std::string& name : session.config->children("databases"))
        found.push_back({name, "a database"});
    return found;
}

}  // namespace flowlet::commands
