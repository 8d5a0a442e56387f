#include "commands/backup/backup.h"

namespace flowlet::commands::backup {

std::vector<Shift> find_shifts(const Session& session, const VerifyFacts& facts, const Artifact& dump,
                               const Dialect& dialect, unsigned jobs) {
    if (jobs <= 1) return {};
    const std::optional<host::Command> lister = dialect.lister(facts.timeout);
    if (!lister) {
        throw Error(Kind::precondition, "a dump of MariaDB is loaded by one program, not by several side by side",
                    "leave --jobs out");
    }
    const host::Exit exit = session.probe.query(read_artifact(facts, dump, lister).flow);
    if (exit.interrupted) throw Error(Kind::interrupted, "asked to stop");
    if (!exit.ok()) {
        constexpr std::size_t most = 3;
        throw Error(Kind::tool_failed,
                    "cannot read what is in " + dump.file + ": " + join(last_lines(printable(exit.err), most), "; "),
                    "flowletctl backup verify " + facts.entry.id + " tells whether it is whole");
    }
    for (const DatabaseRecord& record : facts.entry.manifest.databases) {
        if (record.name == dump.database) return share_out(exit.out, record, jobs);
    }
    throw Error(Kind::verification, "backup " + facts.entry.id + " does not say what " + dump.file + " is of");
}

std::vector<plan::Step> load_in_shifts(const VerifyFacts& facts, const Artifact& dump, const Dialect& dialect,
                                       const host::Database& copy, const std::vector<Shift>& shifts,
                                       const std::string& after) {
    std::vector<plan::Step> steps;
    std::vector<std::string> before;
    if (!after.empty()) before.push_back(after);
    for (const Shift& shift : shifts) {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < shift.jobs.size(); ++i) {
            plan::Transfer load = read_artifact(facts, dump, dialect.loader(copy, shift.jobs[i], facts.timeout));
            if (shift.jobs[i].reads == Job::Reads::what_it_needs) {
                load.flow.ends = host::Flow::Ends::with_last;
                load.judge = [](const host::FlowEnd&) { return std::optional<plan::Cause>(); };
            }
            const std::string share = shift.jobs.size() == 1 ? ""
                                                             : " (" + std::to_string(i + 1) + " of " +
                                                                   std::to_string(shift.jobs.size()) + ")";
            ids.push_back("load/" + shift.name + "/" + std::to_string(i + 1));
            steps.push_back(
                {ids.back(), "load " + shift.name + " of " + dump.file + share, std::move(load), before, {}, false});
        }
        before = std::move(ids);
    }
    return steps;
}

}  // namespace flowlet::commands::backup
