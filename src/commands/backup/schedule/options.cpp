#include <CLI/CLI.hpp>
#include <memory>

#include "commands/backup/schedule/schedule.h"

namespace flowlet::commands::backup::schedule {

void declare(CLI::App& part, Invocation& invocation) {
    CLI::App* schedule =
        part.add_subcommand("schedule", "Let backups come by themselves: cron, systemd or a CronJob (backup.schedule)");
    const auto goal = std::make_shared<Goal>(Goal::install);
    schedule->add_flag_callback(
        "--remove", [goal] { *goal = Goal::remove; }, "Take it away again");
    schedule->footer(
        "Examples:\n"
        "  flowletctl backup schedule --env production\n"
        "  flowletctl backup schedule --env production --dry-run\n"
        "  flowletctl backup schedule --env production --remove");
    schedule->callback([&invocation, goal] {
        invocation.command = "backup schedule";
        invocation.run = [goal](const Session& session) { return answer(session, *goal); };
    });
}

}  // namespace flowlet::commands::backup::schedule
