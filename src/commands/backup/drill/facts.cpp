#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/copies.h"
#include "commands/backup/drill/drill.h"
#include "commands/backup/tools.h"

namespace flowlet::commands::backup {
namespace {

constexpr std::string_view folder_mark = "flowletctl-drill-";

/// What goes into the server's own options, where a blank or a quote would mean something.
void check_folder(const std::string& folder) {
    const bool plain = std::all_of(folder.begin(), folder.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '/' || letter == '_' || letter == '-' || letter == '.';
    });
    // A socket's path has room for 107 bytes.
    constexpr std::size_t longest = 40;
    if (plain && folder.starts_with('/') && folder.size() <= longest) return;
    throw Error(Kind::config, "backup.drill.folder: " + printable(folder) + " cannot hold a server",
                "a short path of letters, digits, '/', '_', '-' and '.'");
}

const Artifact* find_artifact(const Manifest& manifest, const std::string& database, Artifact::Kind kind) {
    const auto found = std::find_if(manifest.artifacts.begin(), manifest.artifacts.end(),
                                    [&](const Artifact& one) { return one.kind == kind && one.database == database; });
    return found == manifest.artifacts.end() ? nullptr : &*found;
}

/// Of a user, or of the caller.
std::uint32_t find_uid(const Session& session, const std::string& user) {
    const std::optional<std::string> id = session.probe.find_program("id");
    if (!id) throw Error(Kind::tool_missing, "id is not there", "install it, on Debian: apt install coreutils");
    std::vector<std::string> args = {"-u"};
    if (!user.empty()) args.push_back(user);
    const host::Exit exit = session.probe.query({*id, args, {}, "", "", Millis{5000}});
    const std::string number(trim(exit.out));
    const bool digits = !number.empty() && number.size() < 10 &&
                        std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (exit.ok() && digits) return static_cast<std::uint32_t>(std::stoul(number));
    throw Error(Kind::precondition, "there is no user " + printable(user) + " to run the server of a drill",
                "name another in backup.drill.user");
}

/// Folders of this job's drills that nobody holds any more. One of somebody else's may lead anywhere.
void find_dead(const Session& session, DrillFacts& facts, const std::string& parent, const std::string& mark,
               std::uint32_t caller) {
    const std::uint32_t runner = facts.user.empty() ? caller : find_uid(session, facts.user);
    for (const std::string& name : session.probe.list_folder(parent)) {
        if (!name.starts_with(mark)) continue;
        const host::FileInfo info = session.probe.file_info(parent + "/" + name);
        const bool ours = info.owner == caller || info.owner == runner;
        if (info.type == host::FileType::folder && ours) facts.dead.push_back(parent + "/" + name);
    }
}

/// Who runs the server: it refuses to be run by root.
void find_user(const Session& session, DrillFacts& facts, std::uint32_t caller) {
    if (caller != 0) return;
    const bool chosen = session.config->find("backup.drill.user") != nullptr;
    facts.user = chosen ? session.config->text("backup.drill.user") : facts.server->user();
    facts.setpriv = session.probe.find_program("setpriv").value_or("");
    facts.install = session.probe.find_program("install").value_or("");
    if (facts.setpriv.empty() || facts.install.empty()) {
        throw Error(Kind::tool_missing, "setpriv and install are needed to run a server as " + facts.user,
                    "install them, on Debian: apt install util-linux coreutils");
    }
}

}  // namespace

host::Command call(const std::string& program, std::vector<std::string> args, Millis timeout) {
    host::Command command;
    command.program = program;
    command.args = std::move(args);
    command.timeout = timeout;
    return command;
}

std::optional<DrillRecord> find_last_drill(const Session& session, const std::string& job_folder) {
    const std::string folder = job_folder + "/" + std::string(drills_folder);
    if (session.probe.file_info(folder).type != host::FileType::folder) return std::nullopt;
    std::optional<DrillRecord> last;
    for (const std::string& name : session.probe.list_folder(folder)) {
        if (!name.ends_with(".json")) continue;
        try {
            const auto document = nlohmann::json::parse(session.probe.read_file(folder + "/" + name));
            DrillRecord record;
            record.id = document.at("backup").get<std::string>();
            record.at = parse_time(document.at("at").get<std::string>()).value_or(Time{});
            record.rto = Millis{document.at("rto_ms").get<std::int64_t>()};
            record.rpo = Millis{document.at("rpo_ms").get<std::int64_t>()};
            record.passed = document.at("passed").get<bool>();
            if (!last || record.at > last->at) last = record;
        } catch (const nlohmann::json::exception&) {
            // Not what a drill has written: no evidence.
            continue;
        }
    }
    return last;
}

DrillFacts observe_drill(const Session& session, const DrillOptions& options) {
    const config::Config& config = *session.config;
    DrillFacts facts;
    facts.now = session.probe.now();
    facts.backup = observe_opened(session, {options.id, options.identity, "", "", options.from}, "for a drill");
    const Manifest& manifest = facts.backup.entry.manifest;
    facts.record = find_record(manifest, options.database);
    const Artifact* const dump = find_artifact(manifest, facts.record.name, Artifact::Kind::dump);
    if (dump == nullptr) {
        throw Error(Kind::verification, "backup " + manifest.id + " has no dump of " + facts.record.name);
    }
    facts.dump = *dump;
    const Artifact* const globals = find_artifact(manifest, facts.record.name, Artifact::Kind::globals);
    if (globals != nullptr) facts.globals = *globals;
    facts.dialect = facts.backup.dialects.at(facts.record.engine);
    facts.shifts = find_shifts(session, facts.backup, facts.dump, *facts.dialect, options.jobs);
    const bool postgres = facts.record.engine == host::Engine::postgres;
    facts.server = postgres ? find_postgres_server(session, facts.record) : find_mariadb_server(session);
    const std::uint32_t caller = find_uid(session, "");
    facts.env = session.probe.find_program("env").value_or("");
    if (facts.env.empty()) {
        throw Error(Kind::tool_missing, "env is not there", "install it, on Debian: apt install coreutils");
    }
    find_user(session, facts, caller);
    const std::string parent = config.path("backup.drill.folder");
    check_folder(parent);
    const Store& store = facts.backup.store;
    const std::string job = config.path("backup.store") + "/" + store.system + "/" + store.job;
    constexpr std::size_t enough = 8;
    // Those of the other kind of server are left to a drill that has the programs to stop it.
    const std::string of = postgres ? job : job + "/" + std::string(name(facts.record.engine));
    const std::string mark = std::string(folder_mark) + stream::sha256_hex(of).substr(0, enough) + "-";
    facts.folder = parent + "/" + mark + session.run_id;
    find_dead(session, facts, parent, mark, caller);
    facts.records = job + "/" + std::string(drills_folder);
    if (session.probe.file_info(facts.records).type == host::FileType::folder) {
        facts.names = session.probe.list_folder(facts.records);
        std::erase(facts.names, lock_file);
    }
    facts.free_space = session.probe.free_space(parent);
    facts.checks = config.list("backup.drill.checks");
    facts.rpo = config.duration("backup.targets.rpo");
    facts.rto = config.duration("backup.targets.rto");
    return facts;
}

}  // namespace flowlet::commands::backup
