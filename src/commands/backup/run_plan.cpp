#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"
#include "commands/backup/digests.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis standing_still{30 * 60 * 1000};

std::string make_id(const RunFacts& facts) {
    std::string serial = std::to_string(facts.store.next_serial());
    constexpr std::size_t digits = 6;
    serial.insert(0, digits - std::min(digits, serial.size()), '0');
    return stream::render_amazon_time(facts.now) + "-" + serial + "-full";
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
    std::string what;
    host::Command program;
    std::optional<plan::Survey> snapshot;
    std::string begun;
    std::function<std::string(const Measured& plain)> fault;  ///< what keeps it from being whole
    std::optional<host::Command> reader;
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
        for (const Folder& folder : facts_.files.folders)
            add_folder_of_files(folder);
        add_end();
        if (facts_.offsite) add_copies();
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
        manifest.tools = {{"age", render_version(facts_.age.version)}};
        if (facts_.files.tar) manifest.tools["tar"] = render_version(facts_.files.tar->version);
        for (const RunSource& one : facts_.sources)
            manifest.tools.merge(one.dialect->versions());
        if (facts_.legal != nullptr) {
            manifest.legal_class = facts_.legal->name;
            manifest.keep_until = add_years(facts_.now, facts_.legal->years);
        }
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
        folder.undo.push_back({"remove " + staging_, plan::Clear{staging_}, created, false, "publish"});
        last_ = "folder";
    }

    void add_source(std::size_t index) {
        const RunSource& one = facts_.sources[index];
        DatabaseRecord record = one.source.record;
        record.digested = facts_.digests == RunFacts::Digests::on;
        draft_->manifest.databases.push_back(record);
        for (Piece& piece : one.dialect->pieces(one.source, facts_.timeout)) {
            Make make{new_artifact(piece.kind, record.name, piece.ending),
                      piece.what,
                      std::move(piece.program),
                      std::nullopt,
                      piece.begun,
                      [dialect = one.dialect, kind = piece.kind](const Measured& plain) {
                          return dialect->fault(kind, plain);
                      },
                      one.dialect->reader(piece.kind, facts_.timeout)};
            if (piece.state == Piece::State::held) {
                make.snapshot = record.digested ? one.dialect->survey(one.source.database, take_digests(index))
                                                : survey_nothing(one.source.database);
            }
            add_artifact(make);
        }
    }

    void add_folder_of_files(const Folder& folder) {
        add_artifact({new_artifact(Artifact::Kind::files, folder.name, ".tar.gz.age"), "pack " + folder.path,
                      pack(*facts_.files.tar, folder, facts_.timeout), std::nullopt, "", packed_fault,
                      read_packed(*facts_.files.tar, facts_.timeout)});
    }

    std::size_t new_artifact(Artifact::Kind kind, const std::string& name, const std::string& ending) {
        draft_->manifest.artifacts.push_back({kind, name + ending, name, {}, {}});
        return draft_->manifest.artifacts.size() - 1;
    }

    void add_artifact(const Make& make) {
        const Artifact& artifact = draft_->manifest.artifacts[make.at];
        const std::string path = staging_ + "/" + artifact.file;
        plan::Transfer transfer;
        transfer.flow.stages = {make.program,
                                host::Measure{"plain"},
                                host::Compress{},
                                encrypt(facts_.age, recipients_, facts_.timeout),
                                host::Measure{"stored"},
                                host::NewFile{path}};
        transfer.flow.timeout = facts_.timeout;
        transfer.flow.idle = standing_still;
        transfer.flow.rate = facts_.rate;
        transfer.judge = judge_written(make.at, make.fault);
        transfer.begun = make.begun;
        transfer.snapshot = make.snapshot;
        const std::string write = "write/" + artifact.file;
        add(write, make.what, std::move(transfer), {last_});
        add_read_back(make.at, make.reader, path, write);
        last_ = write;
    }

    Judge judge_written(std::size_t at, const std::function<std::string(const Measured&)>& find_fault) const {
        return [draft = draft_, at, find_fault](const host::FlowEnd& end) -> std::optional<plan::Cause> {
            Artifact& artifact = draft->manifest.artifacts[at];
            artifact.plain = end.measured.at("plain");
            artifact.stored = end.measured.at("stored");
            const std::string fault = find_fault(artifact.plain);
            if (!fault.empty()) {
                return cause(artifact.file, "NotWhole",
                             artifact.file + " " + fault + ", though the program says that it succeeded (" +
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

    /// From the disk, decrypted, inflated, and read to its end by a program that knows its form, where there is one.
    void add_read_back(std::size_t at, const std::optional<host::Command>& reader, const std::string& path,
                       const std::string& after) {
        const Artifact& artifact = draft_->manifest.artifacts[at];
        plan::Transfer transfer;
        transfer.flow.stages = {host::ReadFile{path}, host::Measure{"stored"},
                                decrypt(facts_.age, facts_.one_run_identity, facts_.timeout), host::Inflate{},
                                host::Measure{"plain"}};
        if (reader) transfer.flow.stages.emplace_back(*reader);
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

    /// What a bucket that was not there has missed comes after this one, which is the newest.
    void add_copies() {
        Original made{id_, final_, {}, [draft = draft_](const std::string& file) {
                          for (const Artifact& artifact : draft->manifest.artifacts) {
                              if (artifact.file == file) return artifact.stored.sha256;
                          }
                          return stream::sha256_hex(draft->text);
                      }};
        for (const Artifact& artifact : draft_->manifest.artifacts)
            made.files.push_back(artifact.file);
        made.keep_until = draft_->manifest.keep_until;
        std::string last = add_copy(plan_, *facts_.offsite, made, facts_.now, "publish");
        for (const Entry& entry : facts_.uncopied)
            last = add_copy(plan_, *facts_.offsite, original_of(entry), facts_.now, last);
        if (!facts_.bucket_trouble.empty()) {
            plan_.findings.push_back({plan::Finding::Severity::warning, facts_.offsite->shown(), facts_.bucket_trouble,
                                      "", "the backup is made all the same, and copied if the bucket is back by then"});
        }
    }

    static Original original_of(const Entry& entry) {
        Original original{entry.id, entry.folder, {}, [entry](const std::string& file) {
                              for (const Artifact& artifact : entry.manifest.artifacts) {
                                  if (artifact.file == file) return artifact.stored.sha256;
                              }
                              return entry.manifest_sha256;
                          }};
        for (const Artifact& artifact : entry.manifest.artifacts)
            original.files.push_back(artifact.file);
        original.keep_until = entry.manifest.keep_until;
        return original;
    }

    void describe() {
        const Store& store = facts_.store;
        plan_.title = "backup " + store.system + " (" + store.job + ") to " + final_;
        plan_.effect = plan::Effect::files;
        plan_.subject.command = "backup";
        plan_.subject.environment = session_.config->environment();
        plan_.subject.facts = {{"id", id_}, {"path", final_}, {"config", session_.config->digest()}};
        for (const auto& [tool, version] : draft_->manifest.tools)
            plan_.subject.facts.emplace_back(tool, version);
        for (const RunSource& one : facts_.sources)
            plan_.findings.insert(plan_.findings.end(), one.source.doubts.begin(), one.source.doubts.end());
        add_warnings();
        plan_.result = [draft = draft_, path = final_, offsite = facts_.offsite] {
            plan::Result result = tell(draft->manifest, path);
            if (offsite) {
                nlohmann::json document = *result.document;
                document["copy"] = offsite->shown() + "/" + draft->manifest.id;
                result.document = std::make_shared<const nlohmann::json>(std::move(document));
                result.text += ", copied to " + offsite->shown();
                if (offsite->lock > Millis{0}) result.text += " and locked for " + render_duration(offsite->lock);
            }
            return result;
        };
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

    /// What the newest good backup needed for what is backed up now.
    [[nodiscard]] std::uint64_t last_time() const {
        const Entry* const previous = facts_.store.newest();
        if (previous == nullptr) return 0;
        std::uint64_t bytes = 0;
        for (const Artifact& artifact : previous->manifest.artifacts) {
            const bool again = artifact.kind == Artifact::Kind::files ||
                               std::any_of(facts_.sources.begin(), facts_.sources.end(), [&](const RunSource& one) {
                                   return one.source.record.name == artifact.database;
                               });
            if (again) bytes += artifact.stored.bytes;
        }
        return bytes;
    }

    void add_warnings() {
        std::uint64_t needed = 0;
        for (const RunSource& one : facts_.sources)
            needed += one.source.bytes;
        if (const Entry* const previous = facts_.store.newest()) {
            if (previous->manifest.started > facts_.now) {
                plan_.findings.push_back({plan::Finding::Severity::error, "the clock",
                                          "it says " + render_time(facts_.now) + ", but the last backup was begun at " +
                                              render_time(previous->manifest.started),
                                          "", "set the clock right"});
            }
        }
        const std::uint64_t last = last_time();
        if (facts_.free_space < last) {
            plan_.findings.push_back(
                {plan::Finding::Severity::error, facts_.store.folder,
                 "there is no room: " + render_size(facts_.free_space) +
                     " are free, and the last backup of the same took " + render_size(last),
                 "", "make room: flowletctl backup prune removes what backup.retention does not keep"});
        } else if (facts_.free_space < needed) {
            plan_.findings.push_back({plan::Finding::Severity::warning, facts_.store.folder,
                                      "there may not be room: " + render_size(facts_.free_space) +
                                          " are free, the databases have " + render_size(needed),
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
