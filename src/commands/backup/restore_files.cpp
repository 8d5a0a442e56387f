#include <nlohmann/json.hpp>

#include "commands/backup/restore_files.h"
#include "commands/backup/tools.h"

namespace flowlet::commands::backup {
namespace {

const Artifact& find_packed(const Manifest& manifest, const std::string& wanted) {
    std::vector<std::string> names;
    for (const Artifact& artifact : manifest.artifacts) {
        if (artifact.kind != Artifact::Kind::files) continue;
        if (artifact.database == wanted) return artifact;
        names.push_back(artifact.database);
    }
    const auto near = did_you_mean(wanted, names);
    throw Error(Kind::precondition, "backup " + manifest.id + " holds no folder " + printable(wanted),
                near            ? "did you mean " + *near + "?"
                : names.empty() ? "it holds none at all: backup.files names what is to be packed"
                                : "it holds " + join(names, ", "));
}

}  // namespace

RestoreFilesFacts observe_restore_files(const Session& session, const RestoreFilesOptions& options) {
    RestoreFilesFacts facts;
    facts.backup = observe_opened(session, {options.id, options.identity, "", "", options.from}, "to restore");
    facts.artifact = find_packed(facts.backup.entry.manifest, options.folder);
    facts.into = options.into.starts_with('/') ? options.into : session.probe.current_folder() + "/" + options.into;
    if (session.probe.file_info(facts.into).type != host::FileType::none) {
        throw Error(Kind::precondition, printable(facts.into) + " is there already",
                    "name a folder that is not there yet");
    }
    facts.tar = find_tool(session, "tar");
    return facts;
}

plan::Plan plan_restore_files(const Session& session, const RestoreFilesFacts& facts) {
    plan::Plan plan;
    plan.title = "restore " + facts.artifact.database + " of backup " + facts.backup.entry.id + " into " + facts.into;
    plan.effect = plan::Effect::files;
    plan.subject.command = "backup restore";
    plan.subject.environment = session.config->environment();
    plan.subject.facts = {{"id", facts.backup.entry.id}, {"path", facts.into}};
    constexpr int created = 201;
    plan.steps.push_back({"folder",
                          "create " + facts.into,
                          plan::MakeFolder{facts.into},
                          {},
                          {{"remove " + facts.into, plan::Clear{facts.into}, created}},
                          false});
    host::Command unpack;
    unpack.program = facts.tar.path;
    unpack.args = {"--extract", "--file=-", "--numeric-owner", "--directory=" + facts.into};
    unpack.timeout = facts.backup.timeout;
    plan::Transfer transfer = read_artifact(facts.backup, facts.artifact, std::move(unpack));
    plan.steps.push_back({"unpack", "unpack " + facts.artifact.file, std::move(transfer), {"folder"}, {}, false});
    plan.result = [bytes = facts.artifact.plain.bytes, id = facts.backup.entry.id, into = facts.into] {
        plan::Result result;
        result.document = std::make_shared<const nlohmann::json>(
            nlohmann::json{{"id", id}, {"path", into}, {"bytes", bytes}, {"verified", true}});
        result.text = render_size(bytes) + ", each byte as it was packed";
        return result;
    };
    return plan;
}

}  // namespace flowlet::commands::backup
