#include <nlohmann/json.hpp>

#include "commands/backup/schedule/schedule.h"

namespace flowlet::commands::backup::schedule {
namespace {

/// What is there, in the words of one of the three ways.
enum class Found { as_wanted, otherwise, nothing, asleep };

Found find_in_crontab(const Session& session, const Wanted& wanted) {
    const std::string text = read_crontab(session, find_crontab(session)).value_or("");
    const std::optional<Block> block = find_block(text, wanted);
    if (!block) return Found::nothing;
    // The rest of the line depends on who installed it.
    const bool same = text.find("\n" + render_cron(wanted.at) + " ", block->begin) < block->end;
    return same ? Found::as_wanted : Found::otherwise;
}

Found find_timer(const Session& session, const Wanted& wanted) {
    const std::optional<std::string> timer = read_unit(session, wanted, ".timer");
    if (!timer || !is_ours(*timer, wanted)) return Found::nothing;
    UnitOptions options;
    options.spread = session.config->duration("backup.schedule.spread");
    if (*timer != render_timer(wanted, options)) return Found::otherwise;
    return is_timer_active(session, wanted) ? Found::as_wanted : Found::asleep;
}

Found find_cronjob(const Session& session, const Wanted& wanted) {
    const Cluster cluster = observe_cluster(session);
    const kube::Ref ref{"batch/v1", "CronJob", session.config->require("namespace").text, cronjob_name(wanted)};
    const host::Response answer =
        ask_one(session, cluster, kube::get(*kube::find_resource(ref.api_version, ref.kind), ref));
    const nlohmann::json live = nlohmann::json::parse(answer.body, nullptr, false);
    if (!answer.ok() || !live.is_object() || !is_ours(live, wanted)) return Found::nothing;
    const nlohmann::json spec = live.value("spec", nlohmann::json::object());
    if (spec.value("suspend", false)) return Found::asleep;
    return spec.value("schedule", "") == render_cron(wanted.at) ? Found::as_wanted : Found::otherwise;
}

Found find_installed(const Session& session, const Wanted& wanted) {
    switch (wanted.via) {
        case Via::cron:
            return find_in_crontab(session, wanted);
        case Via::systemd:
            return find_timer(session, wanted);
        case Via::kubernetes:
            return find_cronjob(session, wanted);
    }
    return Found::nothing;
}

std::string render_next(const Session& session, const Wanted& wanted, const std::optional<Time>& next) {
    std::string text = next ? render_moment(*next) : "at " + render_cron(wanted.at) + " in the time of this machine";
    const Millis spread = session.config->duration("backup.schedule.spread");
    if (wanted.via == Via::systemd && spread > Millis{0}) text += " or up to " + render_duration(spread) + " later";
    return text + ", by " + std::string(name(wanted.via));
}

std::string render_none(const Wanted& wanted, Found found) {
    const std::string way(name(wanted.via));
    const std::string mend = "; flowletctl backup schedule puts it right";
    switch (found) {
        case Found::nothing:
            return wanted.via == Via::cron
                       ? "none: it is not in your crontab; flowletctl backup schedule installs it"
                       : "none: it is not installed by " + way + "; flowletctl backup schedule installs it";
        case Found::otherwise:
            return "unknown: what " + way + " has is not what backup.schedule.at says" + mend;
        default:
            return wanted.via == Via::kubernetes ? "none: the CronJob is suspended"
                                                 : "none: the timer is there, but does not run" + mend;
    }
}

}  // namespace

std::optional<State> observe_state(const Session& session) {
    if (session.config->find("backup.schedule.via") == nullptr) return std::nullopt;
    State state;
    state.via = session.config->text("backup.schedule.via");
    try {
        const Wanted wanted = read_wanted(session, Goal::look);
        const Found found = find_installed(session, wanted);
        if (found == Found::as_wanted) {
            state.next = next_run(session, wanted);
            state.text = render_next(session, wanted, state.next);
        } else {
            state.text = render_none(wanted, found);
        }
    } catch (const Error& error) {
        if (error.kind() == Kind::interrupted || error.kind() == Kind::terminated) throw;
        state.text = "unknown: " + printable(error.what());
    }
    return state;
}

}  // namespace flowlet::commands::backup::schedule
