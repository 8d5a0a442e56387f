// backup: a database becomes a folder of encrypted files that is known to restore, or nothing does.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/backup/catalogue.h"
#include "commands/backup/dialect.h"
#include "commands/backup/folders.h"
#include "commands/backup/offsite.h"
#include "commands/backup/retention.h"
#include "commands/backup/schedule/schedule.h"
#include "commands/shared/cluster.h"
#include "flowlet/commands.h"
#include "flowlet/plan.h"

namespace flowlet::commands::backup {

void declare(CLI::App& part, Invocation& invocation);

// ---- run -------------------------------------------------------------------------------------------------------

struct RunOptions {
    std::string type;  ///< only databases of this type: "postgres" or "mysql"; empty or "all": every one
};

struct RunSource {
    Source source;
    DialectPtr dialect;
};

struct RunFacts {
    Store store;
    std::vector<RunSource> sources;
    FolderFacts files;
    Tool age;
    std::vector<std::string> recipients;
    std::string one_run_recipient;  ///< whose identity dies with this run
    Secret one_run_identity;
    std::shared_ptr<const stream::SigningKey> key;
    enum class Digests { on, off } digests = Digests::on;
    const LegalClass* legal = nullptr;  ///< how long the law keeps what is made now
    Millis timeout{0};
    std::uint64_t rate = 0;  ///< bytes a second that are read from a database at most; 0: no limit
    std::uint64_t free_space = 0;
    std::optional<Offsite> offsite;
    std::vector<Entry> uncopied;  ///< good ones of which the bucket has no whole copy
    std::string bucket_trouble;   ///< why the bucket cannot be looked at; empty: it can
    Time now{};
};
/// Throws Error{config} for fewer than two recipients or a key that is none, Error{tool_missing}, Error{precondition}
/// for a database that does not answer.
RunFacts observe_run(const Session& session, const RunOptions& options);
plan::Plan plan_run(const Session& session, const RunFacts& facts);

// ---- list ------------------------------------------------------------------------------------------------------

/// What one holds: its files, and the tables with their rows.
plan::View view_contents(const Store& store, const Entry& entry);
plan::View view_list(const Session& session, const Store& store);

// ---- status ----------------------------------------------------------------------------------------------------

/// What a drill has shown, as it is kept in the job's folder.
struct DrillRecord {
    std::string id;  ///< of the backup
    Time at{};
    Millis rto{0};
    Millis rpo{0};
    bool passed = false;
};

struct StatusFacts {
    Store store;
    Millis rpo{0};
    Time now{};
    std::optional<DrillRecord> drill;  ///< the last
    std::optional<schedule::State> schedule;
};
StatusFacts observe_status(const Session& session);
/// The same as metrics, in Prometheus' text format.
std::string render_metrics(const StatusFacts& facts);
/// Those in a file that node_exporter's textfile collector reads. Throws Error{usage} if it would not read that one.
plan::Write plan_textfile(const Session& session, const StatusFacts& facts, const std::string& path);
/// The verdict is `unhealthy` (exit 12) when the newest good backup is older than it may be, there is none, or one that
/// is there does not count.
plan::View view_status(const StatusFacts& facts);
/// "40s", "3h12m", "5 days".
std::string render_age(Millis age);

// ---- verify ----------------------------------------------------------------------------------------------------

struct VerifyOptions {
    std::string id;        ///< empty: the newest
    std::string identity;  ///< the file of an age identity; empty: backup.identity, or only what needs none
    std::string against;   ///< the name of a database that was restored from it
    std::string database;  ///< which of its databases that is; empty: the only one
    From from = From::folder;
};
struct VerifyFacts {
    Store store;
    Entry entry;
    std::optional<Secret> identity;
    std::optional<Tool> age;
    std::optional<Tool> tar;                      ///< if it holds folders that are read
    std::map<host::Engine, DialectPtr> dialects;  ///< of what is decrypted or compared
    std::optional<DatabaseRecord> record;         ///< what the copy is compared with
    host::Database copy;
    Millis timeout{0};
};
VerifyFacts observe_verify(const Session& session, const VerifyOptions& options);
plan::Plan plan_verify(const Session& session, const VerifyFacts& facts);

/// The same of a backup that has to be decrypted: Error{usage}, which begins with `what_for`, without an identity.
VerifyFacts observe_opened(const Session& session, const VerifyOptions& options, const std::string& what_for);

/// Reads an artifact of the store, decrypts and inflates it, and gives it to `program`, if there is one; it has to be
/// what the manifest says. Without an identity it is read as it is stored.
plan::Transfer read_artifact(const VerifyFacts& facts, const Artifact& artifact, std::optional<host::Command> program);

/// How a dump is shared out among so many programs; nothing: it is loaded by one. Reads its table of contents. Throws
/// Error{precondition} if it can only be loaded whole, Error{tool_failed} if it cannot be read.
std::vector<Shift> find_shifts(const Session& session, const VerifyFacts& facts, const Artifact& dump,
                               const Dialect& dialect, unsigned jobs);
/// The steps that load it so, the first of them after that one.
std::vector<plan::Step> load_in_shifts(const VerifyFacts& facts, const Artifact& dump, const Dialect& dialect,
                                       const host::Database& copy, const std::vector<Shift>& shifts,
                                       const std::string& after);

/// How deep it was looked at: the file as it is stored, or what is inside.
enum class Depth { stored, plain };
/// What is wrong with an artifact that was read through; nothing if it is what the manifest says.
std::optional<plan::Cause> check_artifact(const Artifact& artifact, const host::FlowEnd& end, Depth depth);

// ---- restore ---------------------------------------------------------------------------------------------------

struct RestoreOptions {
    std::string id;        ///< empty: the newest
    std::string database;  ///< of `databases`; empty: the only one that the backup holds
    std::string to;        ///< the name of the database that it becomes
    std::string identity;
    From from = From::folder;
    std::vector<std::string> tables = {};  ///< "schema.table"; none: everything
    unsigned jobs = 1;                     ///< how many programs load it side by side
};
struct RestoreFacts {
    VerifyFacts backup;
    Artifact dump;
    DatabaseRecord record;  ///< with the chosen tables only
    Tables tables;
    host::Database target;
    Place place;
    DialectPtr dialect;
    /// To replace a database that holds something: the names that the new one has until then, and the old one after.
    struct Replacing {
        std::string meanwhile;
        std::string aside;
    };
    std::optional<Replacing> replacing;
    std::vector<Shift> shifts;  ///< what is loaded after what; none: everything at once
};
/// Throws Error{precondition} if the target is there, not empty and cannot be replaced.
RestoreFacts observe_restore(const Session& session, const RestoreOptions& options);
plan::Plan plan_restore(const Session& session, const RestoreFacts& facts);

}  // namespace flowlet::commands::backup
