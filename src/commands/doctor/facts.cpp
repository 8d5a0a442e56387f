#include <functional>

#include "commands/doctor/doctor.h"
#include "commands/shared/cluster.h"
#include "commands/shared/database.h"
#include "commands/shared/secret.h"
#include "flowlet/evidence.h"

namespace flowlet::commands::doctor {
namespace {

constexpr Millis login_timeout{10000};

Look look(const std::string& id, const std::function<std::string()>& what) {
    Look made;
    made.id = id;
    try {
        made.found = what();
    } catch (const Error& error) {
        // Whoever asks to stop means all of it.
        if (error.kind() == Kind::interrupted || error.kind() == Kind::terminated) throw;
        made.error = error;
    }
    return made;
}

std::string log_in(const Session& session, const std::string& name) {
    const auto path = [&](const char* word) { return "databases." + name + "." + word; };
    const host::Database database = read_login(session, name);
    const bool postgres = database.engine == host::Engine::postgres;
    const host::Rows rows =
        session.probe.look_up(database, postgres ? "SHOW server_version" : "SELECT VERSION()", login_timeout);
    const std::string where = database.user + " on " + render(database);
    if (!rows.ok()) {
        throw Error(Kind::precondition, where + ": " + rows.message,
                    rows.state == host::login_refused ? "check " + path("password")
                                                      : "check " + path("host") + ", the network and the server");
    }
    const std::string version = rows.rows.empty() ? std::string("?") : rows.rows.front().front();
    // MariaDB says itself what it is: "10.11.19-MariaDB-0+deb12u1".
    return where + (postgres ? ", PostgreSQL " : ", ") + version;
}

std::string reach(const Session& session) {
    const Cluster cluster = observe_cluster(session);
    return cluster.context + ", Kubernetes " + render_version(cluster.version) + ", uid " +
           (cluster.uid.empty() ? "hidden from you" : cluster.uid) + ", kubectl " +
           render_version(cluster.kubectl.version);
}

void look_at_environment(const Session& session, Facts& facts) {
    const config::Config& config = *session.config;
    if (config.find("kube.context") != nullptr) {
        facts.looks.push_back(look("cluster", [&] { return reach(session); }));
        facts.looks.push_back(look("helm", [&] {
            const Tool helm = observe_helm(session);
            return helm.path + " " + render_version(helm.version);
        }));
    }
    for (const std::string& name : config.children("databases"))
        facts.looks.push_back(look("database " + name, [&] { return log_in(session, name); }));
    for (const std::string& name : config.children("secrets")) {
        const auto reference = config::find_named(config, name);
        if (!reference) continue;
        if (reference->source == config::Reference::Source::program) {
            facts.looks.push_back(look("secret " + name, [&] {
                const auto program = session.probe.find_program(reference->command.front());
                if (program) return *program;
                throw Error(Kind::tool_missing, reference->command.front() + " is not in PATH",
                            "install it, or change " + render_place(reference->place));
            }));
        }
        constexpr std::uint32_t others_may_read = 0004;
        const bool is_file = reference->source == config::Reference::Source::file;
        if (is_file && (session.probe.file_info(reference->name).mode & others_may_read) != 0) {
            facts.open_files.push_back(reference->name);
        }
    }
}

void look_at_audit_log(const Session& session, Facts& facts) {
    const host::FileInfo folder = session.probe.file_info(facts.audit_folder);
    facts.audit_there = folder.type == host::FileType::folder;
    facts.audit_mode = folder.mode;
    facts.audit_writable = session.probe.may_write(facts.audit_folder);
    facts.audit_space = session.probe.free_space(facts.audit_folder);
    const std::string log = facts.audit_folder + "/log.jsonl";
    if (session.probe.file_info(log).type == host::FileType::none) return;
    facts.audit_chain = look("audit chain", [&]() -> std::string {
        const evidence::Verification verification =
            evidence::verify(session.probe.read_file(log, std::size_t{1} << 30U));
        if (verification.faults.empty()) {
            return std::to_string(verification.records.size()) + " records, the chain holds";
        }
        throw Error(Kind::verification, log + ": " + verification.faults.front().message,
                    "keep the file as it is; flowletctl audit verify says more");
    });
}

}  // namespace

Facts observe(const Session& session) {
    Facts facts;
    std::optional<config::Config> config;
    facts.looks.push_back(look("configuration", [&] {
        config = config::load(session.probe, session.request);
        return config->file() + (config->environment().empty() ? "" : ", environment " + config->environment());
    }));
    Session with_config = session;
    facts.audit_folder = session.audit_folder;
    if (config) {
        with_config.config = &*config;
        look_at_environment(with_config, facts);
        if (config->find("audit.dir") != nullptr) facts.audit_folder = config->path("audit.dir");
    }
    look_at_audit_log(session, facts);
    facts.clock_kept = session.probe.clock_is_kept();
    return facts;
}

}  // namespace flowlet::commands::doctor
