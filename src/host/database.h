// Statements on a database server: PostgreSQL by libpq, MariaDB by its Connector/C. Without blocking: a server that
// hangs is given up in time, and so is one that somebody waits for no longer.
#pragma once

#include "flowlet/host.h"
#include "host/attend.h"

namespace flowlet::host {

Rows run_statement(const Database& database, const std::string& statement, Purpose purpose, Millis timeout,
                   const Interrupt* interrupt);

std::unique_ptr<Reading> open_reading(const Database& database, Millis timeout, const Interrupt* interrupt);
std::unique_ptr<Snapshot> open_snapshot(const Database& database, Millis timeout, const Interrupt* interrupt);

}  // namespace flowlet::host
