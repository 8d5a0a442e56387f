#include "commands/backup/drill/server.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis short_time{120000};
/// The users of a backup have a root among them, who may then log in otherwise than the one of a new server.
constexpr const char* superuser = "flowletctl_drill";
constexpr const char* make_superuser =
    "CREATE USER flowletctl_drill@localhost; GRANT ALL ON *.* TO flowletctl_drill@localhost WITH GRANT OPTION; "
    "GRANT PROXY ON ''@'%' TO flowletctl_drill@localhost WITH GRANT OPTION";

struct Programs {
    std::string install_db;
    std::string mariadbd;
    std::string mariadb;
    std::string check;  ///< empty: it is not there
    std::string start_stop_daemon;
};

class MariadbServer final : public DrillServer {
public:
    explicit MariadbServer(Programs programs) : programs_(std::move(programs)) {}

    [[nodiscard]] std::string user() const override { return "mysql"; }
    [[nodiscard]] host::Database login(const std::string& folder) const override {
        return {folder + "/socket", 0, "", superuser, Secret(), host::Engine::mysql};
    }

    /// mariadbd has no way into the background of its own, and tells that it is ready as systemd wants to be told.
    [[nodiscard]] std::vector<ServerCall> start(const std::string& folder) const override {
        const std::string data = "--datadir=" + folder + "/data";
        host::Command init = call(programs_.install_db,
                                  {"--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db",
                                   "--skip-name-resolve", "--innodb-flush-method=nosync"},
                                  short_time);
        host::Command run = daemon(
            folder, {"--start", "--background", "--notify-await", "--notify-timeout=120", "--make-pidfile", "--quiet"});
        // Thrown away, so never flushed; and nobody can reach it but through a socket in a folder that is its own.
        const std::vector<std::string> options = {"--",
                                                  "--no-defaults",
                                                  data,
                                                  "--socket=" + folder + "/socket",
                                                  "--skip-networking",
                                                  "--log-error=" + folder + "/log",
                                                  "--tmpdir=" + folder,
                                                  "--innodb-flush-method=nosync",
                                                  "--innodb-buffer-pool-size=256M",
                                                  "--max-allowed-packet=1G",
                                                  "--event-scheduler=OFF"};
        run.args.insert(run.args.end(), options.begin(), options.end());
        host::Command user =
            call(programs_.mariadb,
                 {"--no-defaults", "--socket=" + folder + "/socket", "--user=root", "--execute", make_superuser},
                 short_time);
        return {{"init", "make a server", std::move(init)},
                {"start",
                 "start it on a socket",
                 std::move(run),
                 {0},
                 ServerCall::As::server,
                 ServerCall::Stops::when_done},
                {"superuser", "make the user of the drill", std::move(user), {0}, ServerCall::As::caller}};
    }

    [[nodiscard]] ServerCall stop(const std::string& folder) const override {
        return {"stop",
                "stop the server of the drill",
                daemon(folder, {"--stop", "--oknodo", "--retry=KILL/30", "--quiet"}),
                {0}};
    }

    [[nodiscard]] host::Command load_globals(const host::Database& login, Millis timeout) const override {
        return call(programs_.mariadb,
                    {"--no-defaults", "--socket=" + login.host, "--user=" + login.user,
                     "--default-character-set=utf8mb4", "--batch"},
                    timeout);
    }

    [[nodiscard]] std::string checker() const override { return programs_.check.empty() ? "" : "mariadb-check"; }
    [[nodiscard]] host::Command check(const host::Database& copy, Millis timeout) const override {
        return call(programs_.check,
                    {"--no-defaults", "--socket=" + copy.host, "--user=" + copy.user, "--check", "--extended",
                     "--silent", "--databases", copy.name},
                    timeout);
    }
    [[nodiscard]] std::string yes() const override { return "1"; }

private:
    /// The number in the file is believed only if it is one of that program.
    [[nodiscard]] host::Command daemon(const std::string& folder, std::vector<std::string> args) const {
        args.push_back("--pidfile=" + folder + "/pid");
        args.push_back("--exec=" + programs_.mariadbd);
        return call(programs_.start_stop_daemon, std::move(args), short_time);
    }

    Programs programs_;
};

/// tools.NAME, or PATH's, or Debian's: /usr/sbin is in no PATH of cron.
std::string find_program(const Session& session, const std::string& name) {
    const std::string key = "tools." + name;
    if (session.config->find(key) != nullptr) {
        return session.probe.find_program(session.config->path(key)).value_or("");
    }
    if (const auto found = session.probe.find_program(name)) return *found;
    return session.probe.find_program("/usr/sbin/" + name).value_or("");
}

}  // namespace

DrillServerPtr find_mariadb_server(const Session& session) {
    const auto need = [&](const std::string& name, const std::string& package) {
        std::string path = find_program(session, name);
        if (!path.empty()) return path;
        throw Error(Kind::tool_missing, name + " is not there: a drill needs a server of MariaDB",
                    "install it, on Debian: apt install " + package + "; or name it in tools." + name);
    };
    return std::make_shared<const MariadbServer>(Programs{
        need("mariadb-install-db", "mariadb-server"), need("mariadbd", "mariadb-server"),
        need("mariadb", "mariadb-client"), find_program(session, "mariadb-check"), need("start-stop-daemon", "dpkg")});
}

}  // namespace flowlet::commands::backup
