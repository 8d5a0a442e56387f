#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"
#include "commands/backup/digests.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis standing_still{30 * 60 * 1000};
constexpr std::string_view archive_head = "PGDMP";
constexpr std::string_view globals_tail = "-- PostgreSQL database cluster dump complete";

/// "20261121T191500Z".
std::string stamp(Time time) {
    std::string text = render_time(time).substr(0, 19);
    std::erase(text, '-');
    std::erase(text, ':');
    return text + "Z";
}

std::string make_id(const RunFacts& facts) {
    std::string serial = std::to_string(facts.store.next_serial());
    constexpr std::size_t digits = 6;
    serial.insert(0, digits - std::min(digits, serial.size()), '0');
    return stamp(facts.now) + "-" + serial + "-full";
}

/// What the steps find out, each in its own part of it; the manifest is made of it at the end.
struct Draft {
    Manifest manifest;
    std::string text;
};

plan::Cause cause(const std::string& object, const std::string& reason, const std::string& message) {
    plan::Cause told;
    told.object = object;
    told.reason = reason;
    told.message = message;
    return told;
}

/// One file of the backup: where it comes from, and how it shows that it is whole.
struct Make {
    std::size_t at = 0;  ///< in the manifest's artifacts
    host::Command program;
    std::optional<std::size_t> record;  ///< of which database the snapshot's digests are taken
};

using Judge = std::function<std::optional<plan::Cause>(const host::FlowEnd& end)>;

class RunPlan {
public:
    RunPlan(const Session& session, const RunFacts& facts)
        : session_(session), facts_(facts), draft_(std::make_shared<Draft>()), id_(make_id(facts)) {
        final_ = facts.store.folder + "/" + id_;
        staging_ = facts.store.folder + "/" + std::string(partial_prefix) + session.run_id;
        recipients_ = facts.recipients;
        recipients_.push_back(facts.one_run_recipient);
    }

    plan::Plan make() {
        begin_manifest();
        add_claim();
        add_folder();
        for (std::size_t i = 0; i < facts_.sources.size(); ++i)
            add_source(i);
        add_end();
        describe();
        return std::move(plan_);
    }

private:
    void begin_manifest() {
        Manifest& manifest = draft_->manifest;
        manifest.id = id_;
        manifest.system = facts_.store.system;
        manifest.job = facts_.store.job;
        manifest.serial = facts_.store.next_serial();
        manifest.started = facts_.now;
        manifest.run = session_.run_id;
        manifest.by = session_.user;
        manifest.recipients = facts_.recipients;
        if (facts_.legal != nullptr) {
            manifest.legal_class = facts_.legal->name;
            manifest.keep_until = add_years(facts_.now, facts_.legal->years);
        }
        manifest.tools = {{"pg_dump", render_version(facts_.tools.pg_dump.version)},
                          {"age", render_version(facts_.tools.age.version)}};
        if (const Entry* const previous = facts_.store.newest()) {
            manifest.previous = previous->id;
            manifest.previous_sha256 = previous->manifest_sha256;
        }
    }

    plan::Step& add(const std::string& id, const std::string& what, plan::Action action,
                    std::vector<std::string> after) {
        plan_.steps.push_back({id, what, std::move(action), std::move(after), {}, false});
        return plan_.steps.back();
    }

    void add_claim() {
        const std::string lock = facts_.store.folder + "/" + std::string(lock_file);
        plan::Step& claim =
            add("lock", "lock " + facts_.store.folder, plan::Claim{lock, facts_.store.folder, facts_.store.names}, {});
        claim.undo.push_back({"unlock " + facts_.store.folder, plan::Release{lock}});
        claim.always = true;
        before_folder_ = {"lock"};
        for (const std::string& dead : facts_.store.partial) {
            // Who holds the lock is alone: whoever began these is dead.
            add("clear/" + dead, "remove " + dead + ", which a dead run has left",
                plan::Clear{facts_.store.folder + "/" + dead}, {"lock"});
            before_folder_.push_back("clear/" + dead);
        }
    }

    void add_folder() {
        plan::Step& folder = add("folder", "create " + staging_, plan::MakeFolder{staging_}, before_folder_);
        constexpr int created = 201;
        folder.undo.push_back({"remove " + staging_, plan::Clear{staging_}, created});
        last_ = "folder";
    }

    void add_source(std::size_t index) {
        const Source& source = facts_.sources[index];
        DatabaseRecord record;
        record.name = source.name;
        record.database = source.database.name;
        record.server = source.database.host + ":" + std::to_string(source.database.port);
        record.version = source.server_version;
        record.encoding = source.encoding;
        record.collation = source.collation;
        record.ctype = source.ctype;
        record.icu_locale = source.icu_locale;
        record.digested = facts_.digests == RunFacts::Digests::on;
        draft_->manifest.databases.push_back(record);

        const std::string name = "--dbname=" + source.database.name;
        add_artifact({new_artifact(Artifact::Kind::globals, source.name, ".globals.sql.gz.age"),
                      client(facts_.tools.pg_dumpall, source.database, globals_args(source), facts_.timeout),
                      std::nullopt});
        add_artifact(
            {new_artifact(Artifact::Kind::dump, source.name, ".dump.gz.age"),
             client(facts_.tools.pg_dump, source.database,
                    {name, "--format=custom", "--compress=0", "--lock-wait-timeout=60s", "--snapshot=@snapshot@"},
                    facts_.timeout),
             index});
    }

    static std::vector<std::string> globals_args(const Source& source) {
        std::vector<std::string> args = {"--globals-only", "--database=" + source.database.name};
        // Only a superuser may read the verifiers of passwords; for the others they are left out, and that is said.
        if (!source.superuser) args.emplace_back("--no-role-passwords");
        return args;
    }

    std::size_t new_artifact(Artifact::Kind kind, const std::string& database, const char* ending) {
        draft_->manifest.artifacts.push_back({kind, database + ending, database, {}, {}});
        return draft_->manifest.artifacts.size() - 1;
    }

    void add_artifact(const Make& make) {
        const Artifact& artifact = draft_->manifest.artifacts[make.at];
        const std::string path = staging_ + "/" + artifact.file;
        plan::Transfer transfer;
        transfer.flow.stages = {make.program,
                                host::Measure{"plain"},
                                host::Compress{},
                                encrypt(facts_.tools.age, recipients_, facts_.timeout),
                                host::Measure{"stored"},
                                host::NewFile{path}};
        transfer.flow.timeout = facts_.timeout;
        transfer.flow.idle = standing_still;
        transfer.judge = judge_written(make.at);
        if (make.record) {
            const host::Database& database = facts_.sources[*make.record].database;
            transfer.snapshot = facts_.digests == RunFacts::Digests::on
                                    ? survey_tables(database, take_digests(*make.record))
                                    : survey_nothing(database);
        }
        const std::string write = "write/" + artifact.file;
        add(write, describe(artifact), std::move(transfer), {last_});
        add_read_back(make.at, path, write);
        last_ = write;
    }

    static std::string describe(const Artifact& artifact) {
        if (artifact.kind == Artifact::Kind::globals) return "dump the roles of " + artifact.database + "'s server";
        return "dump " + artifact.database;
    }

    Judge judge_written(std::size_t at) const {
        return [draft = draft_, at](const host::FlowEnd& end) -> std::optional<plan::Cause> {
            Artifact& artifact = draft->manifest.artifacts[at];
            artifact.plain = end.measured.at("plain");
            artifact.stored = end.measured.at("stored");
            const bool whole = artifact.kind == Artifact::Kind::dump
                                   ? artifact.plain.head.starts_with(archive_head)
                                   : artifact.plain.tail.find(globals_tail) != std::string::npos;
            if (!whole) {
                return cause(artifact.file, "NotWhole",
                             artifact.file +
                                 (artifact.kind == Artifact::Kind::dump ? " is no archive of pg_dump"
                                                                        : " does not come to its end") +
                                 ", though the program says that it succeeded (" +
                                 std::to_string(artifact.plain.bytes) + " bytes)");
            }
            for (std::string& words : words_of(end))
                draft->manifest.warnings.push_back(artifact.file + ": " + std::move(words));
            return std::nullopt;
        };
    }

    TakeDigests take_digests(std::size_t record) const {
        return [draft = draft_, record](std::vector<TableDigest> tables) -> std::optional<plan::Cause> {
            draft->manifest.databases[record].tables = std::move(tables);
            return std::nullopt;
        };
    }

    /// From the disk, decrypted, inflated, and a dump read by pg_restore to its end.
    void add_read_back(std::size_t at, const std::string& path, const std::string& after) {
        const Artifact& artifact = draft_->manifest.artifacts[at];
        plan::Transfer transfer;
        transfer.flow.stages = {host::ReadFile{path}, host::Measure{"stored"},
                                decrypt(facts_.tools.age, facts_.one_run_identity, facts_.timeout), host::Inflate{},
                                host::Measure{"plain"}};
        if (artifact.kind == Artifact::Kind::dump)
            transfer.flow.stages.emplace_back(read_archive(facts_.tools.pg_restore, facts_.timeout));
        transfer.flow.timeout = facts_.timeout;
        transfer.flow.idle = standing_still;
        transfer.failed = Kind::verification;
        transfer.judge = [draft = draft_, at](const host::FlowEnd& end) -> std::optional<plan::Cause> {
            const Artifact& written = draft->manifest.artifacts[at];
            const bool same = end.measured.at("stored").sha256 == written.stored.sha256 &&
                              end.measured.at("plain").sha256 == written.plain.sha256;
            if (same) return std::nullopt;
            return cause(written.file, "Damaged", "what was read back is not what was written");
        };
        const std::string id = "read/" + artifact.file;
        add(id, "read " + artifact.file + " back", std::move(transfer), {after});
        read_.push_back(id);
    }

    void add_end() {
        add("manifest", "write the manifest",
            plan::Compose{staging_ + "/" + std::string(manifest_file),
                          [draft = draft_, &probe = session_.probe] {
                              draft->manifest.finished = probe.now();
                              draft->text = render_manifest(draft->manifest);
                              return draft->text;
                          }},
            read_);
        add("signature", "sign it",
            plan::Compose{staging_ + "/" + std::string(signature_file),
                          [draft = draft_, key = facts_.key] {
                              return key->sign(draft->text, "flowletctl backup " + draft->manifest.system + "/" +
                                                                draft->manifest.job + "/" + draft->manifest.id);
                          }},
            {"manifest"});
        add("publish", "publish " + id_, plan::Publish{staging_, final_}, {"signature"});
    }

    void describe() {
        const Store& store = facts_.store;
        plan_.title = "backup " + store.system + " (" + store.job + ") to " + final_;
        plan_.effect = plan::Effect::files;
        plan_.subject.command = "backup";
        plan_.subject.environment = session_.config->environment();
        plan_.subject.facts = {{"id", id_},
                               {"path", final_},
                               {"pg_dump", render_version(facts_.tools.pg_dump.version)},
                               {"age", render_version(facts_.tools.age.version)},
                               {"config", session_.config->digest()}};
        for (const Source& source : facts_.sources) {
            if (source.superuser) continue;
            plan_.findings.push_back({plan::Finding::Severity::warning, "database " + source.name,
                                      source.database.user + " is no superuser: roles are backed up without passwords",
                                      "", "after a restore their passwords have to be set"});
        }
        add_warnings();
        plan_.result = [draft = draft_, path = final_] { return tell(draft->manifest, path); };
    }

    static plan::Result tell(const Manifest& manifest, const std::string& path) {
        std::uint64_t plain = 0;
        std::uint64_t stored = 0;
        std::size_t tables = 0;
        for (const Artifact& artifact : manifest.artifacts) {
            plain += artifact.plain.bytes;
            stored += artifact.stored.bytes;
        }
        for (const DatabaseRecord& record : manifest.databases)
            tables += record.tables.size();
        plan::Result result;
        result.document = std::make_shared<const nlohmann::json>(nlohmann::json{{"id", manifest.id},
                                                                                {"path", path},
                                                                                {"bytes", stored},
                                                                                {"plain_bytes", plain},
                                                                                {"digests", tables},
                                                                                {"verified", true},
                                                                                {"warnings", manifest.warnings}});
        result.text = render_size(plain) + " in " + render_size(stored) + ", " + std::to_string(tables) +
                      (tables == 1 ? " table" : " tables") + " digested, read back and signed";
        for (const std::string& warning : manifest.warnings)
            result.text += "\n  warning: " + warning;
        return result;
    }

    void add_warnings() {
        std::uint64_t needed = 0;
        for (const Source& source : facts_.sources)
            needed += source.bytes;
        if (const Entry* const previous = facts_.store.newest()) {
            if (previous->manifest.started > facts_.now) {
                plan_.findings.push_back({plan::Finding::Severity::error, "the clock",
                                          "it says " + render_time(facts_.now) + ", but the last backup was begun at " +
                                              render_time(previous->manifest.started),
                                          "", "set the clock right"});
            }
        }
        if (facts_.free_space < needed) {
            plan_.findings.push_back({plan::Finding::Severity::warning, facts_.store.folder,
                                      "there may not be room: " + std::to_string(facts_.free_space >> 20U) +
                                          " MiB are free, the databases have " + std::to_string(needed >> 20U) + " MiB",
                                      "", ""});
        }
        if (!facts_.store.gaps().empty()) {
            plan_.findings.push_back({plan::Finding::Severity::warning, facts_.store.folder,
                                      "backups are missing between those that are there", "",
                                      "flowletctl backup list names them"});
        }
    }

    const Session& session_;
    const RunFacts& facts_;
    std::shared_ptr<Draft> draft_;
    std::string id_;
    std::string final_;
    std::string staging_;
    std::vector<std::string> recipients_;
    std::vector<std::string> before_folder_;
    std::string last_;
    std::vector<std::string> read_;
    plan::Plan plan_;
};

}  // namespace

plan::Plan plan_run(const Session& session, const RunFacts& facts) {
    return RunPlan(session, facts).make();
}

}  // namespace flowlet::commands::backup
