// A login on a database server, whichever it is: what PostgreSQL and MariaDB have in common here.
#pragma once

#include <chrono>
#include <memory>

#include "flowlet/host.h"

namespace flowlet::host {

inline constexpr std::string_view unreachable = "08001";
inline constexpr std::string_view broken = "08006";
inline constexpr std::string_view too_late = "57014";

/// An answer that is a failure.
Rows trouble(std::string_view state, std::string_view message);

/// How long, and until whose wish.
struct Patience {
    std::chrono::steady_clock::time_point end;
    const Interrupt* interrupt;

    /// What of `events` has happened to the descriptor; 0 when the time is up. Throws when asked to stop.
    [[nodiscard]] short wait(int descriptor, short events) const;
};

class Login {
public:
    virtual ~Login() = default;
    /// Nothing when logged in.
    virtual std::optional<Rows> log_in(const Patience& patience) = 0;
    /// Throws when asked to stop; the statement is then cancelled, as it is when the time is up.
    virtual Rows perform(const std::string& statement, const Patience& patience) = 0;
};

std::unique_ptr<Login> make_postgres_login(const Database& database);
std::unique_ptr<Login> make_mariadb_login(const Database& database);

}  // namespace flowlet::host
