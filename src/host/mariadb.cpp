#include <mysql.h>
#include <poll.h>

#include <array>

#include "host/login.h"

namespace flowlet::host {
namespace {

/// Connector/C's numbers for "the line is not there, or not any more" are those of the client: 2000 to 2999.
constexpr unsigned int first_of_client = 2000;
constexpr unsigned int last_of_client = 2999;
constexpr unsigned int cannot_connect = 2003;
constexpr unsigned int cannot_connect_socket = 2002;
constexpr unsigned int unknown_host = 2005;
/// ER_ACCESS_DENIED_ERROR and ER_ACCESS_DENIED_NO_PASSWORD_ERROR.
constexpr std::array<unsigned int, 2> access_denied = {1045, 1698};

struct FreeResult {
    void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using Result = std::unique_ptr<MYSQL_RES, FreeResult>;

short to_poll(int wanted) {
    int events = 0;
    if ((wanted & MYSQL_WAIT_READ) != 0) events |= POLLIN;
    if ((wanted & MYSQL_WAIT_WRITE) != 0) events |= POLLOUT;
    if ((wanted & MYSQL_WAIT_EXCEPT) != 0) events |= POLLPRI;
    return static_cast<short>(events);
}

int from_poll(short events) {
    int status = 0;
    if ((events & (POLLIN | POLLHUP | POLLERR)) != 0) status |= MYSQL_WAIT_READ;
    if ((events & POLLOUT) != 0) status |= MYSQL_WAIT_WRITE;
    if ((events & POLLPRI) != 0) status |= MYSQL_WAIT_EXCEPT;
    return status;
}

/// Goes on with what was begun until nothing is left to wait for. False when the time is up.
template <typename Continue>
bool finish(MYSQL* connection, int status, const Patience& patience, Continue go_on) {
    while (status != 0) {
        const short events = patience.wait(mysql_get_socket(connection), to_poll(status));
        if (events == 0) return false;
        status = go_on(from_poll(events));
    }
    return true;
}

class MariadbLogin final : public Login {
public:
    explicit MariadbLogin(const Database& database) : database_(database), connection_(mysql_init(nullptr)) {
        if (connection_ == nullptr) throw Error(Kind::bug, "Connector/C has no memory");
        mysql_options(connection_, MYSQL_OPT_NONBLOCK, nullptr);
        mysql_options(connection_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
        mysql_options4(connection_, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "flowletctl");
        // The server may ask for the content of any file: LOAD DATA LOCAL.
        const unsigned int off = 0;
        mysql_options(connection_, MYSQL_OPT_LOCAL_INFILE, &off);
    }
    MariadbLogin(const MariadbLogin&) = delete;
    MariadbLogin& operator=(const MariadbLogin&) = delete;
    ~MariadbLogin() override { mysql_close(connection_); }

    std::optional<Rows> log_in(const Patience& patience) override {
        const bool socket = database_.host.starts_with('/');
        MYSQL* made = nullptr;
        const int status = mysql_real_connect_start(
            &made, connection_, socket ? "localhost" : database_.host.c_str(), database_.user.c_str(),
            database_.password.reveal().c_str(), database_.name.c_str(),
            socket ? 0U : static_cast<unsigned int>(database_.port), socket ? database_.host.c_str() : nullptr, 0);
        const bool in_time = finish(connection_, status, patience,
                                    [&](int ready) { return mysql_real_connect_cont(&made, connection_, ready); });
        lost_ = !in_time;
        if (!in_time) return trouble(unreachable, "it did not answer in time");
        if (made == nullptr) return failure();
        return std::nullopt;
    }

    Rows perform(const std::string& statement, const Patience& patience) override {
        if (lost_) return trouble(broken, "the connection was given up");
        try {
            return perform_in_time(statement, patience);
        } catch (const Error&) {
            lost_ = true;
            throw;
        }
    }

private:
    Rows perform_in_time(const std::string& statement, const Patience& patience) {
        int failed = 0;
        int status = mysql_real_query_start(&failed, connection_, statement.data(), statement.size());
        if (!finish(connection_, status, patience,
                    [&](int ready) { return mysql_real_query_cont(&failed, connection_, ready); })) {
            return give_up();
        }
        if (failed != 0) return failure();
        MYSQL_RES* stored = nullptr;
        status = mysql_store_result_start(&stored, connection_);
        const bool in_time = finish(connection_, status, patience,
                                    [&](int ready) { return mysql_store_result_cont(&stored, connection_, ready); });
        const Result result(stored);
        if (!in_time) return give_up();
        if (!result) return mysql_errno(connection_) == 0 ? Rows{} : failure();
        return read(result.get());
    }

    /// The server ends a statement whose client is gone when it next writes to it.
    Rows give_up() {
        lost_ = true;
        return trouble(too_late, "the statement took too long and was given up");
    }

    [[nodiscard]] Rows failure() const {
        const unsigned int number = mysql_errno(connection_);
        const std::string message = mysql_error(connection_);
        for (const unsigned int denied : access_denied) {
            if (number == denied) return trouble(login_refused, message);
        }
        if (number == cannot_connect || number == cannot_connect_socket || number == unknown_host) {
            return trouble(unreachable, message);
        }
        if (number >= first_of_client && number <= last_of_client) return trouble(broken, message);
        return trouble(mysql_sqlstate(connection_), message);
    }

    static Rows read(MYSQL_RES* result) {
        Rows rows;
        const unsigned int columns = mysql_num_fields(result);
        const MYSQL_FIELD* const fields = mysql_fetch_fields(result);
        for (unsigned int column = 0; column < columns; ++column)
            rows.columns.emplace_back(fields[column].name);
        while (const MYSQL_ROW row = mysql_fetch_row(result)) {
            const unsigned long* const sizes = mysql_fetch_lengths(result);
            std::vector<std::string>& values = rows.rows.emplace_back();
            for (unsigned int column = 0; column < columns; ++column)
                values.emplace_back(row[column] == nullptr ? "" : std::string(row[column], sizes[column]));
        }
        return rows;
    }

    const Database database_;
    MYSQL* connection_;
    bool lost_ = false;
};

}  // namespace

std::unique_ptr<Login> make_mariadb_login(const Database& database) {
    return std::make_unique<MariadbLogin>(database);
}

}  // namespace flowlet::host
