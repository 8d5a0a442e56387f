#include "commands/backup/schedule/findings.h"

#include <algorithm>

namespace flowlet::commands::backup::schedule {
namespace {

using Severity = plan::Finding::Severity;
using Source = config::Reference::Source;

plan::Finding warn(const std::string& object, const std::string& message, const std::string& hint) {
    return {Severity::warning, object, message, "", hint};
}

void find_missing_programs(const Session& session, std::vector<plan::Finding>& found) {
    std::vector<std::string> missing;
    for (const char* const program : run_programs) {
        const std::string key = std::string("tools.") + program;
        const std::string wanted = session.config->find(key) == nullptr ? program : session.config->path(key);
        if (!session.probe.find_program(wanted)) missing.push_back(printable(wanted));
    }
    if (!missing.empty()) {
        found.push_back(warn(
            "",
            join(missing, ", ") + (missing.size() == 1 ? " is" : " are") + " not there: without it every run will fail",
            "on Debian: apt install postgresql-client age"));
    }
}

/// Values that only this command line and this environment hold.
void find_passing_values(const Session& session, std::vector<plan::Finding>& found) {
    const config::Config& config = *session.config;
    for (const std::string& path : config.paths()) {
        const config::Value* const value = config.find(path);
        if (value == nullptr || path.starts_with("backup.schedule.") || path == "audit.dir") continue;
        if (value->layer == config::Layer::variable || value->layer == config::Layer::flag) {
            found.push_back(
                warn(path, "comes from " + printable(value->place.file) + ", which the scheduled run will not have",
                     "write it into " + config.file()));
        }
        for (const std::string& variable : config::variables_in(value->raw)) {
            found.push_back(
                warn(path,
                     "takes ${" + printable(variable) + "} from the environment, which the scheduled run will not have",
                     "write the value into " + config.file()));
        }
    }
}

void find_passing_secrets(const Session& session, std::vector<plan::Finding>& found) {
    const config::Config& config = *session.config;
    std::vector<std::string> keys = {"backup.signing_key"};
    for (const std::string& name : config.children("databases"))
        keys.push_back("databases." + name + ".password");
    for (const std::string& key : keys) {
        if (config.find(key) == nullptr) continue;
        const std::optional<config::Reference> reference = config::find_reference(config, key);
        if (!reference) continue;
        const bool variable = reference->source == Source::variable;
        const bool credential = reference->source == Source::credential;
        if (!variable && !credential && reference->source != Source::terminal) continue;
        const std::string what =
            variable     ? "is in the variable " + reference->name + ", which the scheduled run will not have"
            : credential ? "is a credential of systemd: the unit needs a LoadCredential= of its own"
                         : "is asked of a person, and nobody is there";
        found.push_back(warn(key, what,
                             credential ? "systemctl edit the service, or keep the secret in a file"
                                        : "keep it in a file: ${file:/etc/flowletctl/…}"));
    }
}

}  // namespace

std::vector<plan::Finding> find_gaps(const Session& session) {
    std::vector<plan::Finding> found;
    find_missing_programs(session, found);
    find_passing_values(session, found);
    find_passing_secrets(session, found);
    return found;
}

std::string other_way(const Wanted& wanted, Via other) {
    return subject_of(wanted) + " are also scheduled by " + std::string(name(other)) + ": they would run twice";
}

}  // namespace flowlet::commands::backup::schedule
