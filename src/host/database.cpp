#include "host/database.h"

#include <libpq-fe.h>
#include <poll.h>

#include <array>
#include <chrono>
#include <memory>

#include "host/stop.h"

namespace flowlet::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view unreachable = "08001";
constexpr std::string_view broken = "08006";
constexpr std::string_view too_late = "57014";

struct CloseConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;
using Result = std::unique_ptr<PGresult, ClearResult>;

Rows trouble(std::string_view state, std::string_view message) {
    Rows rows;
    rows.state = state;
    rows.message = printable(trim(message));
    return rows;
}

/// How long, and until whose wish.
struct Patience {
    Clock::time_point end;
    const Interrupt* interrupt;

    /// False when the time is up. Throws when asked to stop.
    [[nodiscard]] bool wait(int descriptor, short events) const {
        for (;;) {
            check_stop(interrupt, "talking to a database");
            const int rest = poll_timeout(end, Clock::now());
            if (rest == 0) return false;
            std::array<pollfd, 2> watched = {{{descriptor, events, 0}, {stop_descriptor(interrupt), POLLIN, 0}}};
            if (::poll(watched.data(), watched.size(), rest) > 0 && watched[0].revents != 0) return true;
        }
    }
};

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

/// Nothing when logged in.
std::optional<Rows> log_in(PGconn* connection, const Patience& patience) {
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (PQstatus(connection) != CONNECTION_BAD && status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
        const short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        if (!patience.wait(PQsocket(connection), events)) return trouble(unreachable, "it did not answer in time");
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
            if (!patience.wait(PQsocket(connection), POLLIN)) return std::nullopt;
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

class Transaction final : public Reading {
public:
    Transaction(const Database& database, Millis timeout, const Interrupt* interrupt)
        : interrupt_(interrupt), connection_(begin(database)) {
        if (!connection_) throw Error(Kind::bug, "libpq has no memory");
        const Patience patience{Clock::now() + timeout, interrupt};
        refused_ = log_in(connection_.get(), patience);
        if (refused_) return;
        const Rows begun =
            perform(connection_.get(), "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", patience);
        if (!begun.ok()) refused_ = begun;
    }
    Rows ask(const std::string& statement, Millis timeout) override {
        if (refused_) return *refused_;
        return perform(connection_.get(), statement, {Clock::now() + timeout, interrupt_});
    }

private:
    const Interrupt* interrupt_;
    Connection connection_;
    std::optional<Rows> refused_;
};

}  // namespace

std::unique_ptr<Reading> open_reading(const Database& database, Millis timeout, const Interrupt* interrupt) {
    return std::make_unique<Transaction>(database, timeout, interrupt);
}

Rows run_statement(const Database& database, const std::string& statement, Purpose purpose, Millis timeout,
                   const Interrupt* interrupt) {
    const Patience patience{Clock::now() + timeout, interrupt};
    const Connection connection = begin(database);
    if (!connection) throw Error(Kind::bug, "libpq has no memory");
    if (const auto refused = log_in(connection.get(), patience)) return *refused;
    if (purpose == Purpose::look) {
        Rows rows = perform(connection.get(), "SET default_transaction_read_only = on", patience);
        if (!rows.ok()) return rows;
    }
    return perform(connection.get(), statement, patience);
}

}  // namespace flowlet::host
