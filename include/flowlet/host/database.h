// Databases and who logs in.
#pragma once

#include "flowlet/base.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::host {

/// mysql: MariaDB or MySQL.
enum class Engine { postgres, mysql };

/// A database and who logs in. The password goes into the connection only.
struct Database {
    std::string host;  ///< a name, an address, or a unix socket: PostgreSQL's folder of it, MariaDB's socket itself
    int port = 5432;
    std::string name;
    std::string user;
    Secret password;
    Engine engine = Engine::postgres;
    std::string known_as = {};  ///< where host and port are the near end of a tunnel: "service/db in flowlet-data"
};

/// "db.internal:5432/flowlet", "service/db in flowlet-data/flowlet".
std::string render(const Database& database);

/// What one statement came to.
struct Rows {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;  ///< as text; NULL is empty
    std::string state;                           ///< empty: it succeeded; else its SQLSTATE, "08001" if nobody answers
    std::string message;                         ///< the server's words, printable
    [[nodiscard]] bool ok() const noexcept { return state.empty(); }
};

/// SQLSTATE: the password, or the user, is not accepted. That of MariaDB, too, which has another number for it.
inline constexpr std::string_view login_refused = "28P01";

/// A login that stays: one transaction that only reads, and sees the data as they were at its first statement.
class Reading {
public:
    virtual ~Reading() = default;
    /// If the login was refused, that is every answer. Throws Error{interrupted} or Error{terminated} when asked to
    /// stop.
    virtual Rows ask(const std::string& statement, Millis timeout) = 0;
};

/// A Reading whose state others can see, too. PostgreSQL gives it a name. MariaDB has none: from the beginning until
/// release() nobody can write, and a transaction that begins meanwhile sees the same.
class Snapshot : public Reading {
public:
    /// Empty where there is none; then also the login may have been refused, as the next answer tells.
    [[nodiscard]] virtual std::string name() const = 0;
    /// Lets the others write again. May be called from any thread, and more than once.
    virtual void release() = 0;
};

}  // namespace flowlet::host
