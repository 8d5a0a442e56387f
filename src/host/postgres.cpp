#include <libpq-fe.h>
#include <poll.h>

#include <array>

#include "host/login.h"

namespace flowlet::host {
namespace {

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using Result = std::unique_ptr<PGresult, ClearResult>;

/// The code in "FATAL:  28P01: password authentication failed …": at a login libpq tells it in the text only.
std::string state_in(std::string_view message) {
    constexpr std::size_t digits = 5;
    for (const std::string_view severity : {"FATAL:  ", "ERROR:  "}) {
        const std::size_t at = message.find(severity);
        if (at == std::string_view::npos) continue;
        const std::string_view rest = message.substr(at + severity.size());
        if (rest.size() > digits && rest[digits] == ':') return std::string(rest.substr(0, digits));
    }
    return std::string(unreachable);
}

Connection begin(const Database& database) {
    const std::string port = std::to_string(database.port);
    const std::array<const char*, 8> words = {
        "host", "port", "dbname", "user", "password", "application_name", "client_encoding", nullptr};
    const std::array<const char*, 8> values = {database.host.c_str(),
                                               port.c_str(),
                                               database.name.c_str(),
                                               database.user.c_str(),
                                               database.password.reveal().c_str(),
                                               "flowletctl",
                                               "UTF8",
                                               nullptr};
    Connection connection(PQconnectStartParams(words.data(), values.data(), 0));
    if (connection) PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
    return connection;
}

std::optional<Rows> log_in(PGconn* connection, const Patience& patience) {
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (PQstatus(connection) != CONNECTION_BAD && status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (patience.wait(PQsocket(connection), events) == 0) return trouble(unreachable, "it did not answer in time");
        status = PQconnectPoll(connection);
    }
    if (status == PGRES_POLLING_OK) return std::nullopt;
    const std::string message = PQerrorMessage(connection);
    return trouble(state_in(message), message);
}

Rows read(const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        const char* const state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
        const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        return trouble(state == nullptr ? broken : state, message == nullptr ? PQresultErrorMessage(result) : message);
    }
    Rows rows;
    const int columns = PQnfields(result);
    for (int column = 0; column < columns; ++column)
        rows.columns.emplace_back(PQfname(result, column));
    for (int row = 0; row < PQntuples(result); ++row) {
        std::vector<std::string>& values = rows.rows.emplace_back();
        for (int column = 0; column < columns; ++column) {
            values.emplace_back(PQgetvalue(result, row, column),
                                static_cast<std::size_t>(PQgetlength(result, row, column)));
        }
    }
    return rows;
}

void cancel(PGconn* connection) {
    const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> handle(PQgetCancel(connection), PQfreeCancel);
    std::array<char, 256> error{};
    if (handle) PQcancel(handle.get(), error.data(), static_cast<int>(error.size()));
}

/// The last result of what was sent, nothing if the time was up.
std::optional<Rows> collect(PGconn* connection, const Patience& patience) {
    std::optional<Rows> rows;
    for (;;) {
        while (PQisBusy(connection) != 0) {
            if (patience.wait(PQsocket(connection), POLLIN) == 0) return std::nullopt;
            if (PQconsumeInput(connection) == 0) return trouble(broken, PQerrorMessage(connection));
        }
        const Result result(PQgetResult(connection));
        if (!result) return rows ? rows : trouble(broken, PQerrorMessage(connection));
        if (!rows || rows->ok()) rows = read(result.get());
    }
}

Rows perform(PGconn* connection, const std::string& statement, const Patience& patience) {
    if (PQsendQuery(connection, statement.c_str()) == 0) return trouble(broken, PQerrorMessage(connection));
    try {
        if (std::optional<Rows> rows = collect(connection, patience)) return *rows;
    } catch (const Error&) {
        cancel(connection);
        throw;
    }
    cancel(connection);
    return trouble(too_late, "the statement took too long and was cancelled");
}

class PostgresLogin final : public Login {
public:
    explicit PostgresLogin(const Database& database) : connection_(begin(database)) {
        if (!connection_) throw Error(Kind::bug, "libpq has no memory");
    }
    std::optional<Rows> log_in(const Patience& patience) override { return host::log_in(connection_.get(), patience); }
    Rows perform(const std::string& statement, const Patience& patience) override {
        return host::perform(connection_.get(), statement, patience);
    }

private:
    Connection connection_;
};

}  // namespace

std::unique_ptr<Login> make_postgres_login(const Database& database) {
    return std::make_unique<PostgresLogin>(database);
}

}  // namespace flowlet::host
