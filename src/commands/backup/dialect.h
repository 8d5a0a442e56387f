// What differs between the servers whose databases are backed up: their programs, their SQL, and how a dump of theirs
// shows that it is whole.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "commands/backup/digests.h"
#include "commands/backup/manifest.h"
#include "commands/backup/shifts.h"
#include "commands/shared/cluster.h"
#include "flowlet/commands.h"

namespace flowlet::commands::backup {

/// A database that is to be backed up, as its server tells.
struct Source {
    host::Database database;
    DatabaseRecord record;
    std::uint64_t bytes = 0;            ///< on the server's disk
    bool all_roles = false;             ///< may read the passwords of the server's users
    std::vector<plan::Finding> doubts;  ///< what the operator should know of this source
};

/// One file of a backup, before it is made.
struct Piece {
    Artifact::Kind kind = Artifact::Kind::dump;
    std::string ending;  ///< ".dump.gz.age"
    std::string what;    ///< "dump primary"
    host::Command program;
    /// Whether it is of the state that is digested; see plan::Transfer for what `begun` is.
    enum class State { whatever, held } state = State::whatever;
    std::string begun;
};

/// Tables of one schema, as their server calls them, without quotes.
struct Tables {
    std::string schema;
    std::vector<std::string> names;  ///< none: all there are, of every schema
};

/// What of a dump one program loads.
using Portion = std::variant<Tables, Job>;

/// A place that a database is to be restored to.
struct Place {
    bool exists = false;
    std::string holds;  ///< "14 tables, indexes and the like"; empty: nothing
};

class Dialect {
public:
    virtual ~Dialect() = default;
    /// Of its programs, for the manifest.
    [[nodiscard]] virtual std::map<std::string, std::string> versions() const = 0;

    // ---- backing up ----
    /// Throws Error{precondition} if it does not answer, Error{tool_missing} for a server that is newer than the
    /// programs.
    [[nodiscard]] virtual Source observe(const Session& session, const std::string& name) const = 0;
    [[nodiscard]] virtual std::vector<Piece> pieces(const Source& source, Millis timeout) const = 0;
    /// What keeps the bytes from being a whole file of that kind: "is no archive of pg_dump". Empty: nothing.
    [[nodiscard]] virtual std::string fault(Artifact::Kind kind, const Measured& plain) const = 0;

    // ---- reading ----
    /// A program that reads a file of that kind to its end, and fails where it is damaged; nothing if there is none.
    [[nodiscard]] virtual std::optional<host::Command> reader(Artifact::Kind kind, Millis timeout) const = 0;
    [[nodiscard]] virtual plan::Survey survey(const host::Database& database, TakeDigests take) const = 0;

    // ---- restoring ----
    /// Throws Error{precondition} if the server does not answer.
    [[nodiscard]] virtual Place look_at(const Session& session, const host::Database& target) const = 0;
    [[nodiscard]] virtual plan::Execute create(const host::Database& target, const DatabaseRecord& record) const = 0;
    [[nodiscard]] virtual plan::Execute drop(const host::Database& target) const = 0;
    /// Gives a database another name; nothing where the server cannot. Fails while somebody is connected to it.
    [[nodiscard]] virtual std::optional<plan::Execute> rename(const host::Database& database,
                                                              const std::string& to) const = 0;
    /// Loads a dump from its input: all of it or, where it says so, a part of it stays when it fails. Nothing if there
    /// is no way to load only that portion.
    [[nodiscard]] virtual std::optional<host::Command> loader(const host::Database& target, const Portion& portion,
                                                              Millis timeout) const = 0;
    /// Prints what is in a dump, for share_out(); nothing if it can only be loaded by one program.
    [[nodiscard]] virtual std::optional<host::Command> lister(Millis timeout) const = 0;
    enum class Failure { leaves_nothing, leaves_a_part };
    [[nodiscard]] virtual Failure failure() const = 0;
};

using DialectPtr = std::shared_ptr<const Dialect>;

struct PostgresTools {
    Tool pg_restore;
    std::optional<Tool> pg_dump;  ///< these two only to back up
    std::optional<Tool> pg_dumpall;
};
DialectPtr make_postgres(PostgresTools tools);

struct MariadbTools {
    Tool mariadb;
    std::optional<Tool> mariadb_dump;  ///< only to back up
};
DialectPtr make_mariadb(MariadbTools tools);

/// With the programs that are needed for it. Throws Error{tool_missing}.
enum class Work { back_up, read };
DialectPtr find_dialect(const Session& session, host::Engine engine, Work work);

/// The answer of a statement that looks, at databases.<name>. Throws Error{precondition} with the server's words.
host::Rows look(const Session& session, const host::Database& database, const std::string& statement,
                const std::string& name = "NAME");

}  // namespace flowlet::commands::backup
