#include <array>

#include "commands/audit/audit.h"
#include "commands/backup/backup.h"
#include "commands/config/config.h"
#include "commands/deploy/deploy.h"
#include "commands/doctor/doctor.h"
#include "commands/init/init.h"
#include "commands/secrets/secrets.h"
#include "commands/setup/setup.h"
#include "commands/stack/stack.h"
#include "flowlet/commands.h"

namespace flowlet::commands {

std::span<const Module> modules() {
    static constexpr std::string_view first = "The first flowlet.yaml, and a machine to develop on";
    static constexpr std::string_view up_and_down = "The services of this machine, up and down";
    static constexpr std::string_view how_they_are = "How they are, and what they said";
    static constexpr std::array table = {
        Module{"init", "Write the first flowlet.yaml of a project", init::declare, first},
        Module{"setup", "Make this machine ready to develop: programs, packages, database, secrets", setup::declare,
               first},
        Module{"start", "Start the services of this machine", stack::declare_start, up_and_down},
        Module{"stop", "Stop the services of this machine, to the last process", stack::declare_stop, up_and_down},
        Module{"restart", "Stop services of this machine and start them again", stack::declare_restart, up_and_down},
        Module{"status", "How the services of this machine are", stack::declare_status, how_they_are},
        Module{"logs", "What the services of this machine said", stack::declare_logs, how_they_are},
        Module{"deploy", "Deploy the platform, roll it back, say how it is", deploy::declare},
        Module{"backup", "Back the databases up, verify, restore", backup::declare},
        Module{"secrets", "Put secrets into the cluster, check them, change passwords", secrets::declare},
        Module{"doctor", "Is everything there that the other commands will need?", doctor::declare},
        Module{"config", "Show the configuration and where each value comes from", config::declare},
        Module{"audit", "Show and verify the record of who did what", audit::declare},
    };
    return table;
}

}  // namespace flowlet::commands
