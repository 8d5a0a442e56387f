#include "host/database.h"

#include <poll.h>

#include <array>
#include <mutex>

#include "host/login.h"
#include "host/stop.h"

namespace flowlet::host {
namespace {

using Clock = std::chrono::steady_clock;

std::unique_ptr<Login> make_login(const Database& database) {
    return database.engine == Engine::postgres ? make_postgres_login(database) : make_mariadb_login(database);
}

/// How a transaction begins that only reads and sees one state.
std::vector<std::string> beginning(Engine engine) {
    if (engine == Engine::postgres) return {"BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"};
    return {"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"};
}

class Transaction final : public Snapshot {
public:
    enum class Others { go_on, are_held };

    Transaction(const Database& database, Others others, Millis timeout, const Interrupt* interrupt)
        : interrupt_(interrupt), login_(make_login(database)) {
        const Patience patience{Clock::now() + timeout, interrupt};
        refused_ = login_->log_in(patience);
        const bool mariadb = database.engine == Engine::mysql;
        const bool held = others == Others::are_held;
        // While nobody can write, a program can begin a transaction that sees what this one sees. A dump of MariaDB's
        // own does the same to know its place in the binary log. While it waits for a long statement nobody else can
        // write either, so it does not wait long.
        if (held && mariadb) {
            begin("SET SESSION lock_wait_timeout = 10", patience);
            begin("FLUSH TABLES WITH READ LOCK", patience);
            locked_ = !refused_;
        }
        for (const std::string& statement : beginning(database.engine))
            begin(statement, patience);
        if (held && !mariadb && !refused_) {
            const Rows name = login_->perform("SELECT pg_export_snapshot()", patience);
            if (!name.ok()) {
                refused_ = name;
            } else {
                name_ = name.rows.at(0).at(0);
            }
        }
    }
    Rows ask(const std::string& statement, Millis timeout) override {
        const std::lock_guard lock(mutex_);
        if (refused_) return *refused_;
        return login_->perform(statement, {Clock::now() + timeout, interrupt_});
    }
    [[nodiscard]] std::string name() const override { return name_; }
    void release() override {
        const std::lock_guard lock(mutex_);
        if (!locked_) return;
        locked_ = false;
        constexpr Millis soon{30000};
        const Rows rows = login_->perform("UNLOCK TABLES", {Clock::now() + soon, nullptr});
        // A connection that cannot be told any more is one whose locks are gone.
        if (!rows.ok()) refused_ = rows;
    }

private:
    void begin(const std::string& statement, const Patience& patience) {
        if (refused_) return;
        const Rows rows = login_->perform(statement, patience);
        if (!rows.ok()) refused_ = rows;
    }

    const Interrupt* interrupt_;
    std::unique_ptr<Login> login_;
    std::optional<Rows> refused_;
    std::string name_;
    std::mutex mutex_;
    bool locked_ = false;
};

}  // namespace

Rows trouble(std::string_view state, std::string_view message) {
    Rows rows;
    rows.state = state;
    rows.message = printable(trim(message));
    return rows;
}

short Patience::wait(int descriptor, short events) const {
    for (;;) {
        check_stop(interrupt, "talking to a database");
        const int rest = poll_timeout(end, Clock::now());
        if (rest == 0) return 0;
        std::array<pollfd, 2> watched = {{{descriptor, events, 0}, {stop_descriptor(interrupt), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), rest) > 0 && watched[0].revents != 0) return watched[0].revents;
    }
}

std::string render(const Database& database) {
    const std::string where = database.host + ":" + std::to_string(database.port);
    return (database.known_as.empty() ? where : database.known_as) + "/" + database.name;
}

std::unique_ptr<Reading> open_reading(const Database& database, Millis timeout, const Interrupt* interrupt) {
    return std::make_unique<Transaction>(database, Transaction::Others::go_on, timeout, interrupt);
}

std::unique_ptr<Snapshot> open_snapshot(const Database& database, Millis timeout, const Interrupt* interrupt) {
    return std::make_unique<Transaction>(database, Transaction::Others::are_held, timeout, interrupt);
}

Rows run_statement(const Database& database, const std::string& statement, Purpose purpose, Millis timeout,
                   const Interrupt* interrupt) {
    const Patience patience{Clock::now() + timeout, interrupt};
    const std::unique_ptr<Login> login = make_login(database);
    if (const auto refused = login->log_in(patience)) return *refused;
    if (purpose == Purpose::look) {
        const bool postgres = database.engine == Engine::postgres;
        Rows rows = login->perform(
            postgres ? "SET default_transaction_read_only = on" : "SET SESSION TRANSACTION READ ONLY", patience);
        if (!rows.ok()) return rows;
    }
    return login->perform(statement, patience);
}

}  // namespace flowlet::host
