#include <CLI/CLI.hpp>
#include <memory>

#include "commands/backup/backup.h"
#include "commands/backup/schedule/schedule.h"
#include "commands/shared/database.h"

namespace flowlet::commands::backup {
namespace {

struct Choice {
    VerifyOptions verify;
    RestoreOptions restore;
};

/// Offered while somebody types: what the folder holds, unread.
std::vector<Candidate> offer_ids(const Session& session) {
    std::vector<Candidate> found;
    if (session.config == nullptr) return found;
    const config::Config& config = *session.config;
    const std::string job = config.environment().empty() ? "default" : config.environment();
    const std::string folder = config.path("backup.store") + "/" + config.text("project") + "/" + job;
    for (const std::string& name : session.probe.list_folder(folder)) {
        if (!name.starts_with('.')) found.push_back({name, "a backup"});
    }
    return found;
}

void choose(Invocation& invocation, const std::string& command, std::function<Answer(const Session&)> run) {
    invocation.command = command;
    invocation.run = std::move(run);
}

void add_run(CLI::App& part, Invocation& invocation) {
    CLI::App* run = part.add_subcommand("run", "Back up every database: encrypted, read back, signed [the default]");
    run->footer(
        "Examples:\n"
        "  flowletctl backup run --env production\n"
        "  flowletctl backup run --env production --dry-run");
    const auto begin = [&invocation] {
        choose(invocation, "backup", [](const Session& s) { return plan_run(s, observe_run(s)); });
    };
    run->callback(begin);
    part.callback([&part, begin] {
        if (part.get_subcommands().empty()) begin();
    });
}

void add_verify(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    CLI::App* verify =
        part.add_subcommand("verify", "Is a backup whole? With an identity: can it be decrypted and read?");
    verify->add_option("ID", choice->verify.id, "Which one [the newest]")->type_name("BACKUP");
    verify->add_option("--identity", choice->verify.identity, "The file of an age identity")->type_name("FILE");
    verify->add_option("--against", choice->verify.against, "A database that was restored from it: compare every table")
        ->type_name("NAME");
    verify->add_option("--database", choice->verify.database, "Which of its databases that is")->type_name("DATABASE");
    verify->footer(
        "Examples:\n"
        "  flowletctl backup verify --env production\n"
        "  flowletctl backup verify 20261121T020000Z-000042-full --identity escrow.key");
    verify->callback([&invocation, choice] {
        choose(invocation, "backup verify",
               [choice](const Session& s) { return plan_verify(s, observe_verify(s, choice->verify)); });
    });
}

void add_restore(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    CLI::App* restore = part.add_subcommand("restore", "Restore a database of a backup, and compare every table");
    restore->add_option("ID", choice->restore.id, "Which backup [the newest]")->type_name("BACKUP");
    restore->add_option("--database", choice->restore.database, "Which of its databases")->type_name("DATABASE");
    restore->add_option("--to", choice->restore.to, "The name of the database that it becomes: a new or an empty one")
        ->type_name("NAME")
        ->required();
    restore->add_option("--identity", choice->restore.identity, "The file of an age identity")->type_name("FILE");
    restore->footer(
        "Examples:\n"
        "  flowletctl backup restore --to flowlet_check --identity ops.key --env production\n"
        "  flowletctl backup restore 20261121T020000Z-000042-full --database primary --to flowlet_check");
    restore->callback([&invocation, choice] {
        choose(invocation, "backup restore",
               [choice](const Session& s) { return plan_restore(s, observe_restore(s, choice->restore)); });
    });
}

}  // namespace

void declare(CLI::App& part, Invocation& invocation) {
    part.require_subcommand(0, 1);
    part.footer(
        "Examples:\n"
        "  flowletctl backup --env production\n"
        "  flowletctl backup list --env production\n"
        "  flowletctl backup restore --to flowlet_check --identity ops.key --env production");
    const auto choice = std::make_shared<Choice>();
    invocation.candidates["BACKUP"] = offer_ids;
    invocation.candidates["DATABASE"] = offer_databases;
    add_run(part, invocation);
    CLI::App* list = part.add_subcommand("list", "The backups that are there, and whether each counts");
    list->footer(
        "Examples:\n"
        "  flowletctl backup list --env production\n"
        "  flowletctl backup list -o json");
    list->callback([&invocation] {
        choose(invocation, "backup list",
               [](const Session& s) { return view_list(s, observe_store(s, find_signer(s))); });
    });
    CLI::App* status = part.add_subcommand("status", "Is the newest good backup young enough? Exit 12 if not");
    status->footer(
        "Examples:\n"
        "  flowletctl backup status --env production\n"
        "  flowletctl backup status --env production -o json");
    status->callback([&invocation] {
        choose(invocation, "backup status", [](const Session& s) { return view_status(observe_status(s)); });
    });
    add_verify(part, invocation, choice);
    add_restore(part, invocation, choice);
    schedule::declare(part, invocation);
}

}  // namespace flowlet::commands::backup
