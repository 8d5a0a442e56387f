#include <charconv>
#include <nlohmann/json.hpp>

#include "commands/backup/schedule/schedule.h"

namespace flowlet::commands::backup::schedule {
namespace {

constexpr Millis tool_timeout{15000};

/// "+0130" as date prints it.
std::optional<Minutes> parse_zone(std::string_view text) {
    constexpr std::size_t length = 5;
    constexpr int hundred = 100;
    if (text.size() != length || (text.front() != '+' && text.front() != '-')) return std::nullopt;
    int value = 0;
    const auto [stop, error] = std::from_chars(text.data() + 1, text.data() + text.size(), value);
    if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
    const Minutes zone = std::chrono::hours{value / hundred} + Minutes{value % hundred};
    return text.front() == '-' ? -zone : zone;
}

/// In the machine's time, which may be put forward or back before it comes.
std::optional<Time> next_local(const Session& session, const Calendar& calendar) {
    const Time now = session.probe.now();
    const std::optional<Minutes> zone = observe_zone(session, now);
    if (!zone) return std::nullopt;
    std::optional<Time> found = next(calendar, now + *zone);
    if (!found) return std::nullopt;
    const std::optional<Minutes> then = observe_zone(session, *found - *zone);
    return *found - then.value_or(*zone);
}

void describe(const Session& session, const Wanted& wanted, Goal goal, plan::Plan& plan) {
    plan.title = std::string(goal == Goal::install ? "schedule " : "unschedule ") + subject_of(wanted) + " by " +
                 std::string(name(wanted.via));
    plan.subject.command = "backup schedule";
    plan.subject.environment = session.config->environment();
    if (wanted.via != Via::kubernetes) plan.subject.facts = {{"config", session.config->digest()}};
    if (goal == Goal::remove) return;
    const std::optional<Time> next = next_run(session, wanted);
    plan.result = [via = wanted.via, next] {
        plan::Result result;
        nlohmann::json document = {{"via", name(via)}, {"next", nullptr}};
        if (next) document["next"] = render_moment(*next);
        result.document = std::make_shared<const nlohmann::json>(std::move(document));
        result.text = next ? "the next run is at " + render_moment(*next) : "in the time of this machine";
        return result;
    };
}

}  // namespace

std::string render_moment(Time time) {
    constexpr std::size_t seconds = 19;
    return render_time(time).substr(0, seconds) + "Z";
}

std::string render_zone(Minutes zone) {
    const Minutes size = zone < Minutes{0} ? -zone : zone;
    const auto two = [](long value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    return (zone < Minutes{0} ? "-" : "+") + two(size / std::chrono::hours{1}) + ":" +
           two((size % std::chrono::hours{1}).count());
}

std::optional<Minutes> observe_zone(const Session& session, Time at) {
    // Where there is no such file, the machine's time is UTC.
    if (session.probe.file_info("/etc/localtime").type == host::FileType::none) return Minutes{0};
    const std::optional<std::string> date = session.probe.find_program("date");
    if (!date) return std::nullopt;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    host::Command command;
    command.program = *date;
    command.args = {"--date=@" + std::to_string(seconds), "+%z"};
    command.env = {{"TZ", ":/etc/localtime"}};  // the time zone of cron, not of this person
    command.timeout = tool_timeout;
    const host::Exit exit = session.probe.query(command);
    return exit.ok() ? parse_zone(trim(exit.out)) : std::nullopt;
}

std::optional<Time> next_run(const Session& session, const Wanted& wanted) {
    if (wanted.via == Via::cron) return next_local(session, wanted.at);
    return next(wanted.at, session.probe.now());
}

plan::Plan answer(const Session& session, Goal goal) {
    const Wanted wanted = read_wanted(session, goal);
    plan::Plan plan;
    switch (wanted.via) {
        case Via::cron:
            plan = plan_cron(observe_cron(session, wanted, goal), goal);
            break;
        case Via::systemd:
            plan = plan_systemd(observe_systemd(session, wanted, goal), goal);
            break;
        case Via::kubernetes:
            plan = plan_kubernetes(session, observe_kubernetes(session, wanted, goal), goal);
            break;
    }
    describe(session, wanted, goal, plan);
    return plan;
}

}  // namespace flowlet::commands::backup::schedule
