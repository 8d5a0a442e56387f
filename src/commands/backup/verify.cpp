#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"
#include "commands/backup/copies.h"
#include "commands/backup/tools.h"
#include "commands/shared/database.h"
#include "commands/shared/secret.h"

namespace flowlet::commands::backup {
namespace {

constexpr Millis standing_still{30 * 60 * 1000};

/// --identity names a file; without it the configuration may know one.
std::optional<Secret> find_identity(const Session& session, const std::string& file) {
    if (!file.empty()) {
        config::Reference reference;
        reference.source = config::Reference::Source::file;
        reference.name = file.starts_with('/') ? file : session.probe.current_folder() + "/" + file;
        return resolve(session, reference, "--identity");
    }
    if (session.config->find("backup.identity") == nullptr) return std::nullopt;
    return resolve(session, "backup.identity");
}

std::optional<host::Command> find_reader(const VerifyFacts& facts, const Artifact& artifact) {
    if (artifact.kind == Artifact::Kind::files) return read_packed(*facts.tar, facts.timeout);
    const host::Engine engine = find_record(facts.entry.manifest, artifact.database).engine;
    return facts.dialects.at(engine)->reader(artifact.kind, facts.timeout);
}

void add_dialect(const Session& session, VerifyFacts& facts, host::Engine engine) {
    if (facts.dialects.contains(engine)) return;
    facts.dialects[engine] = find_dialect(session, engine, Work::read);
}

}  // namespace

plan::Transfer read_artifact(const VerifyFacts& facts, const Artifact& artifact, std::optional<host::Command> program) {
    plan::Transfer transfer;
    auto& stages = transfer.flow.stages;
    stages = {read_stage(facts.store, facts.entry, artifact.file), host::Measure{"stored"}};
    if (facts.identity) {
        stages.emplace_back(decrypt(*facts.age, *facts.identity, facts.timeout));
        stages.emplace_back(host::Inflate{});
        stages.emplace_back(host::Measure{"plain"});
        if (program) stages.emplace_back(std::move(*program));
    }
    transfer.flow.timeout = facts.timeout;
    transfer.flow.idle = standing_still;
    transfer.judge = [artifact, decrypted = facts.identity.has_value()](const host::FlowEnd& end) {
        return check_artifact(artifact, end, decrypted ? Depth::plain : Depth::stored);
    };
    return transfer;
}

std::optional<plan::Cause> check_artifact(const Artifact& artifact, const host::FlowEnd& end, Depth depth) {
    plan::Cause cause;
    cause.object = artifact.file;
    cause.reason = "Damaged";
    const auto differs = [](const Measured& found, const Measured& wanted) {
        return found.bytes != wanted.bytes || found.sha256 != wanted.sha256;
    };
    if (differs(end.measured.at("stored"), artifact.stored)) {
        cause.message = artifact.file + " is not what was written: its SHA-256 is " + end.measured.at("stored").sha256 +
                        ", the manifest says " + artifact.stored.sha256;
        return cause;
    }
    if (depth == Depth::plain && differs(end.measured.at("plain"), artifact.plain)) {
        cause.message = artifact.file + " decrypts to something else than what was dumped";
        return cause;
    }
    return std::nullopt;
}

VerifyFacts observe_verify(const Session& session, const VerifyOptions& options) {
    VerifyFacts facts;
    facts.store = observe_store(session, find_signer(session), options.from);
    facts.entry = find_entry(facts.store, options.id);
    facts.timeout = session.config->duration("backup.timeout");
    facts.identity = find_identity(session, options.identity);
    if (facts.identity) {
        facts.age = find_tool(session, "age");
        for (const DatabaseRecord& record : facts.entry.manifest.databases)
            add_dialect(session, facts, record.engine);
        for (const Artifact& artifact : facts.entry.manifest.artifacts) {
            if (artifact.kind == Artifact::Kind::files && !facts.tar) facts.tar = find_tool(session, "tar");
        }
    }
    if (!options.against.empty()) {
        check_copy_name(options.against);
        facts.record = find_record(facts.entry.manifest, options.database);
        if (!facts.record->digested) {
            throw Error(Kind::precondition, "backup " + facts.entry.id + " holds no digests to compare a database with",
                        "backup.digests was false when it was made");
        }
        facts.copy = find_copy(session, facts.record->name, options.against);
        add_dialect(session, facts, facts.record->engine);
    }
    return facts;
}

VerifyFacts observe_opened(const Session& session, const VerifyOptions& options, const std::string& what_for) {
    VerifyFacts facts = observe_verify(session, options);
    if (facts.identity) return facts;
    throw Error(Kind::usage, what_for + ", the backup has to be decrypted",
                "--identity FILE names the age identity of one of its recipients, or backup.identity refers to it");
}

plan::Plan plan_verify(const Session& session, const VerifyFacts& facts) {
    plan::Plan plan;
    plan.title = "verify backup " + facts.entry.id;
    plan.subject.command = "backup verify";
    plan.subject.environment = session.config->environment();
    plan.subject.facts = {{"id", facts.entry.id},
                          {"path", facts.entry.folder},
                          {"depth", facts.identity ? "decrypted" : "signature and checksums"}};
    for (const Artifact& artifact : facts.entry.manifest.artifacts) {
        plan::Transfer read =
            read_artifact(facts, artifact, facts.identity ? find_reader(facts, artifact) : std::nullopt);
        read.failed = Kind::verification;
        plan.steps.push_back({"read/" + artifact.file,
                              (facts.identity ? "decrypt and read " : "read ") + artifact.file,
                              std::move(read),
                              {},
                              {},
                              false});
    }
    if (facts.record) {
        plan.steps.push_back({"compare",
                              "compare every table of " + render(facts.copy),
                              compare_copy(*facts.dialects.at(facts.record->engine), facts.copy, *facts.record),
                              {},
                              {},
                              false});
    }
    if (!facts.identity) {
        plan.findings.push_back({plan::Finding::Severity::note, "backup " + facts.entry.id,
                                 "signature and checksums are checked; nothing is decrypted", "",
                                 "--identity FILE checks what is inside, too"});
    }
    plan.result = [count = facts.entry.manifest.artifacts.size(), id = facts.entry.id, path = facts.entry.folder,
                   decrypted = facts.identity.has_value(),
                   tables = facts.record ? facts.record->tables.size() : std::size_t{0}] {
        plan::Result result;
        result.document = std::make_shared<const nlohmann::json>(nlohmann::json{
            {"id", id}, {"path", path}, {"verified", true}, {"decrypted", decrypted}, {"digests", tables}});
        result.text =
            std::to_string(count) + (decrypted ? " files decrypted and read to their end, each what was dumped"
                                               : " files, each what was written; nothing was decrypted");
        if (tables > 0) result.text += "; " + std::to_string(tables) + " tables, every row as it was backed up";
        return result;
    };
    return plan;
}

}  // namespace flowlet::commands::backup
