#include <nlohmann/json.hpp>

#include "commands/backup/schedule/findings.h"

namespace flowlet::commands::backup::schedule {
namespace {

using Severity = plan::Finding::Severity;
constexpr Millis tool_timeout{15000};

host::Command write_crontab(const std::string& program, const std::optional<std::string>& text) {
    host::Command command;
    command.program = program;
    command.timeout = tool_timeout;
    // None at all is not the same as an empty one: who had none gets none back.
    command.args = {text ? "-" : "-r"};
    command.input = text.value_or("");
    return command;
}

void add_findings(const Session& session, CronFacts& facts) {
    facts.findings = find_gaps(session);
    if (session.probe.file_info("/run/crond.pid").type == host::FileType::none) {
        facts.findings.push_back({Severity::warning, "cron", "does not seem to run: there is no /run/crond.pid", "",
                                  "systemctl enable --now cron"});
    }
    if (facts.log.empty() && !session.probe.find_program("/usr/sbin/sendmail")) {
        facts.findings.push_back({Severity::warning, "cron",
                                  "mails what a run says, and this machine sends no mail: it would be lost", "",
                                  "name a file in backup.schedule.log, or install a mail transfer agent"});
    }
    const std::optional<std::string> unit = read_unit(session, facts.wanted, ".timer");
    if (unit && is_ours(*unit, facts.wanted)) {
        facts.findings.push_back({Severity::warning, "", other_way(facts.wanted, Via::systemd), "",
                                  "flowletctl backup schedule --remove --set backup.schedule.via=systemd"});
    }
}

/// What cron runs of our lines, as JSON text.
std::string without_marks(const std::string& block) {
    const std::size_t begin = block.find('\n') + 1;
    const std::size_t end = block.rfind('\n', block.size() - 2);
    return nlohmann::json(end == std::string::npos || end < begin ? "" : block.substr(begin, end - begin)).dump();
}

plan::Change describe(const CronFacts& facts, const std::string& block) {
    const std::string before = facts.now.value_or("");
    const std::optional<Block> old = find_block(before, facts.wanted);
    plan::Change change;
    change.object = subject_of(facts.wanted) + " in your crontab";
    if (!old) {
        change.op = plan::Op::create;
        change.fields.push_back({"content", "", nlohmann::json(block).dump()});
        return change;
    }
    change.op = block.empty() ? plan::Op::remove : plan::Op::update;
    const std::string was = without_marks(before.substr(old->begin, old->end - old->begin));
    change.fields.push_back({"line", was, block.empty() ? "" : without_marks(block)});
    return change;
}

}  // namespace

std::string find_crontab(const Session& session) {
    const bool chosen = session.config->find("tools.crontab") != nullptr;
    const std::string wanted = chosen ? session.config->path("tools.crontab") : "crontab";
    if (const auto path = session.probe.find_program(wanted)) return *path;
    throw Error(Kind::tool_missing, printable(wanted) + " is not there",
                chosen ? "correct tools.crontab" : "install it, on Debian: apt install cron");
}

std::optional<std::string> read_crontab(const Session& session, const std::string& program) {
    host::Exit exit = session.probe.query({program, {"-l"}, {}, "", "", tool_timeout});
    if (exit.interrupted) throw Error(Kind::interrupted, "asked to stop");
    if (exit.ok() && !exit.clipped) return std::move(exit.out);
    if (exit.err.find("no crontab for") != std::string::npos) return std::nullopt;
    const std::string said = join(last_lines(printable(exit.err), 3), "; ");
    throw Error(Kind::tool_failed, "reading your crontab: " + (said.empty() ? "crontab said nothing" : said),
                "run it by hand: crontab -l");
}

bool is_in_crontab(const Session& session, const Wanted& wanted) {
    try {
        return find_block(read_crontab(session, find_crontab(session)).value_or(""), wanted).has_value();
    } catch (const Error& error) {
        if (error.kind() == Kind::interrupted) throw;
        return false;
    }
}

CronFacts observe_cron(const Session& session, const Wanted& wanted, Goal goal) {
    CronFacts facts;
    facts.wanted = wanted;
    facts.crontab = find_crontab(session);
    facts.now = read_crontab(session, facts.crontab);
    if (goal == Goal::remove) return facts;
    facts.log = session.config->path("backup.schedule.log");
    facts.zone = observe_zone(session, session.probe.now());
    add_findings(session, facts);
    return facts;
}

plan::Plan plan_cron(const CronFacts& facts, Goal goal) {
    const bool install = goal == Goal::install;
    const std::string block = install ? render_block(facts.wanted, render_line(facts.wanted, facts.log)) : "";
    const std::string before = facts.now.value_or("");
    const std::string after = replace_block(before, facts.wanted, block);
    plan::Plan plan;
    plan.effect = plan::Effect::files;
    if (install) plan.findings = facts.findings;
    if (after == before) {
        plan.unchanged = install ? 1 : 0;
        return plan;
    }
    plan::Step step;
    step.id = "crontab";
    step.what = install ? "write the crontab" : "take our lines out of the crontab";
    step.action = plan::Invoke{write_crontab(facts.crontab, after.empty() ? std::nullopt : std::optional(after))};
    constexpr int none = 1;  // what `crontab -r` says when there is none
    step.undo.push_back(
        {"put the crontab back as it was", plan::Invoke{write_crontab(facts.crontab, facts.now), {0, none}}});
    if (facts.now) std::get<plan::Invoke>(step.undo.back().action).accept = {0};
    plan.steps.push_back(std::move(step));
    plan.changes.push_back(describe(facts, block));
    if (install && facts.zone != Minutes{0}) {
        plan.findings.push_back({Severity::note, "cron",
                                 "reads " + render_cron(facts.wanted.at) + " in the time zone of this machine, now " +
                                     (facts.zone ? render_zone(*facts.zone) : "unknown"),
                                 "", ""});
    }
    return plan;
}

}  // namespace flowlet::commands::backup::schedule
