#include <nlohmann/json.hpp>

#include "commands/backup/schedule/findings.h"
#include "commands/shared/chain.h"

namespace flowlet::commands::backup::schedule {
namespace {

using Severity = plan::Finding::Severity;
constexpr Millis tool_timeout{30000};
constexpr std::uint32_t mode = 0644;
constexpr int created = 201;

UnitOptions::Of whose(const Session& session) {
    const bool root = session.probe.file_info("/proc/self").owner == 0;
    return root ? UnitOptions::Of::system : UnitOptions::Of::user;
}

std::string find_unit_folder(const Session& session) {
    if (session.config->find("backup.schedule.units") != nullptr) return session.config->path("backup.schedule.units");
    if (whose(session) == UnitOptions::Of::system) return "/etc/systemd/system";
    const auto own = session.probe.env("XDG_CONFIG_HOME");
    if (own && own->starts_with('/')) return *own + "/systemd/user";
    return session.probe.env("HOME").value_or("") + "/.config/systemd/user";
}

std::optional<std::string> read_if_there(const Session& session, const std::string& path) {
    if (session.probe.file_info(path).type == host::FileType::none) return std::nullopt;
    return session.probe.read_file(path);
}

host::Command systemctl(const SystemdFacts& facts, std::vector<std::string> args) {
    host::Command command;
    command.program = facts.systemctl;
    command.timeout = tool_timeout;
    if (facts.options.of == UnitOptions::Of::user) command.args.emplace_back("--user");
    command.args.insert(command.args.end(), args.begin(), args.end());
    return command;
}

/// Where systemd does not run, a timer is a file that nobody reads: that is only well if it was asked for.
std::string find_systemctl(const Session& session) {
    if (session.config->find("backup.schedule.units") != nullptr) return "";
    if (session.probe.file_info("/run/systemd/system").type != host::FileType::folder) {
        throw Error(
            Kind::precondition, "systemd does not run here: it could start nothing",
            "use another backup.schedule.via, or name a folder in backup.schedule.units to get the two units only");
    }
    const auto path = session.probe.find_program("systemctl");
    if (!path) throw Error(Kind::tool_missing, "systemctl is not there", "install systemd, or use via: cron");
    return *path;
}

UnitOptions read_options(const Session& session) {
    const config::Config& config = *session.config;
    UnitOptions options;
    options.of = whose(session);
    options.writable = {config.path("backup.store"), session.audit_folder};
    options.needed = {config.root()};
    for (const std::string& name : config.children("databases")) {
        const std::string host = config.text("databases." + name + ".host");
        if (host.starts_with('/')) options.needed.push_back(host);
    }
    options.spread = config.duration("backup.schedule.spread");
    return options;
}

void check_ours(const SystemdFacts& facts, const std::optional<std::string>& unit, const std::string& ending) {
    if (!unit || is_ours(*unit, facts.wanted)) return;
    throw Error(Kind::precondition,
                facts.folder + "/" + unit_name(facts.wanted) + ending +
                    " is there, and was not written by flowletctl for this project",
                "give it another name, then run it again");
}

void add_findings(const Session& session, SystemdFacts& facts) {
    facts.findings = find_gaps(session);
    const std::string timer = unit_name(facts.wanted) + ".timer";
    if (facts.systemctl.empty()) {
        std::string message = "is only written: nothing is loaded or enabled";
        if (!facts.missing.empty()) message += ", and these folders must be there: " + join(facts.missing, ", ");
        facts.findings.push_back({Severity::warning, timer, message, "",
                                  "where it is to run: systemctl daemon-reload && systemctl enable --now " + timer});
    }
    if (is_in_crontab(session, facts.wanted)) {
        facts.findings.push_back({Severity::warning, "", other_way(facts.wanted, Via::cron), "",
                                  "flowletctl backup schedule --remove --set backup.schedule.via=cron"});
    }
    const std::string user = session.user.substr(0, session.user.find('@'));
    if (facts.options.of == UnitOptions::Of::user &&
        session.probe.file_info("/var/lib/systemd/linger/" + user).type == host::FileType::none) {
        facts.findings.push_back(
            {Severity::warning, timer, "runs only while you are logged in", "", "loginctl enable-linger"});
    }
}

void change_unit(const SystemdFacts& facts, plan::Plan& plan, const std::string& ending,
                 const std::optional<std::string>& before, const std::optional<std::string>& after) {
    if (before == after) {
        if (after) ++plan.unchanged;
        return;
    }
    const std::string unit = unit_name(facts.wanted) + ending;
    const std::string path = facts.folder + "/" + unit;
    plan::Change change;
    change.op = !after ? plan::Op::remove : before ? plan::Op::update : plan::Op::create;
    change.object = path;
    change.fields.push_back(
        {"content", before ? nlohmann::json(*before).dump() : "", after ? nlohmann::json(*after).dump() : ""});
    plan.changes.push_back(std::move(change));
    const std::vector<std::string> last =
        plan.steps.empty() ? std::vector<std::string>{} : std::vector{plan.steps.back().id};
    if (before) {
        plan.steps.push_back({"erase/" + unit, "remove the old " + unit, plan::Erase{path, *before}, last, {}, false});
        if (!after) plan.steps.back().what = "remove " + unit;
        plan.steps.back().undo.push_back({"write the old " + unit, plan::Write{path, *before, mode}});
    }
    if (!after) return;
    const std::vector<std::string> now_last = before ? std::vector{"erase/" + unit} : last;
    plan.steps.push_back({"write/" + unit, "write " + path, plan::Write{path, *after, mode}, now_last, {}, false});
    plan.steps.back().undo.push_back({"remove " + path, plan::Erase{path, *after}, created});
}

void add_folders(const SystemdFacts& facts, plan::Plan& plan) {
    std::vector<std::string> folders = facts.systemctl.empty() ? std::vector<std::string>{} : facts.missing;
    if (!facts.folder_there) folders.push_back(facts.folder);
    for (const std::string& folder : folders)
        add_after_last(plan, "folder/" + folder, "create " + folder, plan::MakeFolder{folder});
}

plan::Step::Undo take_back(const SystemdFacts& facts, const std::string& what, std::vector<std::string> args) {
    return {what, plan::Invoke{systemctl(facts, std::move(args))}};
}

/// Undone after all files, so that systemd reads those that were put back.
void end_undo(const SystemdFacts& facts, plan::Plan& plan) {
    const std::string timer = unit_name(facts.wanted) + ".timer";
    std::vector<plan::Step::Undo>& undo = plan.steps.front().undo;
    undo.push_back(take_back(facts, "let systemd read its units again", {"daemon-reload"}));
    if (facts.enabled) undo.push_back(take_back(facts, "enable " + timer, {"enable", timer}));
    if (facts.active) undo.push_back(take_back(facts, "start " + timer, {"restart", timer}));
}

void plan_install(const SystemdFacts& facts, plan::Plan& plan) {
    const std::string timer = unit_name(facts.wanted) + ".timer";
    const bool runs = facts.systemctl.empty() || (facts.enabled && facts.active);
    const std::string service_text = render_service(facts.wanted, facts.options);
    const std::string timer_text = render_timer(facts.wanted, facts.options);
    if (facts.service == service_text && facts.timer == timer_text && runs) {
        plan.unchanged = 2;
        return;
    }
    add_folders(facts, plan);
    change_unit(facts, plan, ".service", facts.service, service_text);
    change_unit(facts, plan, ".timer", facts.timer, timer_text);
    if (facts.systemctl.empty()) return;
    add_after_last(plan, "reload", "let systemd read its units again",
                   plan::Invoke{systemctl(facts, {"daemon-reload"})});
    plan::Step& enable = add_after_last(plan, "enable", "enable and start " + timer,
                                        plan::Invoke{systemctl(facts, {"enable", "--now", timer})});
    if (!facts.enabled) enable.undo.push_back(take_back(facts, "disable " + timer, {"disable", "--now", timer}));
    // One that runs goes on with its old times until it is started anew.
    if (facts.active)
        add_after_last(plan, "restart", "start " + timer + " anew", plan::Invoke{systemctl(facts, {"restart", timer})});
    end_undo(facts, plan);
}

void plan_removal(const SystemdFacts& facts, plan::Plan& plan) {
    if (!facts.service && !facts.timer) return;
    const std::string timer = unit_name(facts.wanted) + ".timer";
    if (!facts.systemctl.empty() && facts.timer)
        add_after_last(plan, "disable", "stop and disable " + timer,
                       plan::Invoke{systemctl(facts, {"disable", "--now", timer})});
    change_unit(facts, plan, ".timer", facts.timer, std::nullopt);
    change_unit(facts, plan, ".service", facts.service, std::nullopt);
    if (facts.systemctl.empty()) return;
    add_after_last(plan, "reload", "let systemd read its units again",
                   plan::Invoke{systemctl(facts, {"daemon-reload"})});
    end_undo(facts, plan);
}

}  // namespace

std::optional<std::string> read_unit(const Session& session, const Wanted& wanted, const std::string& ending) {
    return read_if_there(session, find_unit_folder(session) + "/" + unit_name(wanted) + ending);
}

bool is_timer_active(const Session& session, const Wanted& wanted) {
    if (session.config->find("backup.schedule.units") != nullptr) return true;
    SystemdFacts facts;
    facts.systemctl = find_systemctl(session);
    facts.options.of = whose(session);
    return session.probe.query(systemctl(facts, {"is-active", unit_name(wanted) + ".timer"})).ok();
}

SystemdFacts observe_systemd(const Session& session, const Wanted& wanted, Goal goal) {
    SystemdFacts facts;
    facts.wanted = wanted;
    facts.systemctl = find_systemctl(session);
    facts.options.of = whose(session);
    if (goal == Goal::install) facts.options = read_options(session);
    facts.folder = find_unit_folder(session);
    facts.folder_there = session.probe.file_info(facts.folder).type == host::FileType::folder;
    facts.service = read_unit(session, wanted, ".service");
    facts.timer = read_unit(session, wanted, ".timer");
    check_ours(facts, facts.service, ".service");
    check_ours(facts, facts.timer, ".timer");
    for (const std::string& folder : facts.options.writable) {
        // The record of this very run makes its own, before any step.
        if (folder == session.audit_folder && !facts.systemctl.empty()) continue;
        if (session.probe.file_info(folder).type == host::FileType::none) facts.missing.push_back(folder);
    }
    if (!facts.systemctl.empty()) {
        const std::string timer = unit_name(wanted) + ".timer";
        facts.enabled = session.probe.query(systemctl(facts, {"is-enabled", timer})).ok();
        facts.active = session.probe.query(systemctl(facts, {"is-active", timer})).ok();
    }
    if (goal == Goal::install) add_findings(session, facts);
    return facts;
}

plan::Plan plan_systemd(const SystemdFacts& facts, Goal goal) {
    plan::Plan plan;
    plan.effect = plan::Effect::files;
    if (goal == Goal::install) {
        plan.findings = facts.findings;
        plan_install(facts, plan);
    } else {
        plan_removal(facts, plan);
    }
    return plan;
}

}  // namespace flowlet::commands::backup::schedule
