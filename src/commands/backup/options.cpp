#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "commands/backup/backup.h"
#include "commands/backup/drill/drill.h"
#include "commands/backup/prune.h"
#include "commands/backup/restore_files.h"
#include "commands/backup/schedule/schedule.h"
#include "commands/shared/database.h"

namespace flowlet::commands::backup {
namespace {

struct Choice {
    RestoreFilesOptions files;
    DrillOptions drill;
    RunOptions run;
    From list = From::folder;
    std::string listed;
    VerifyOptions verify;
    RestoreOptions restore;
    std::string textfile;
    HoldOptions hold;
};

/// Offered while somebody types: what the folder holds, unread.
std::vector<Candidate> offer_ids(const Session& session) {
    std::vector<Candidate> found;
    if (session.config == nullptr) return found;
    const config::Config& config = *session.config;
    const std::string job = config.environment().empty() ? "default" : config.environment();
    const std::string folder = config.path("backup.store") + "/" + config.text("project") + "/" + job;
    for (const std::string& name : session.probe.list_folder(folder)) {
        if (serial_in(name) != 0) found.push_back({name, "a backup"});
    }
    return found;
}

/// Those that cron calls: when one fails, somebody is told.
constexpr std::array<std::string_view, 4> unattended = {"backup", "backup verify", "backup drill", "backup prune"};

Invocation::Watched find_watched(std::string_view command) {
    if (command == "backup status") return Invocation::Watched::while_it_lasts;
    const bool found = std::find(unattended.begin(), unattended.end(), command) != unattended.end();
    return found ? Invocation::Watched::every_time : Invocation::Watched::no;
}

void choose(Invocation& invocation, const std::string& command, std::function<Answer(const Session&)> run) {
    invocation.command = command;
    invocation.watched = find_watched(command);
    invocation.run = std::move(run);
}

void add_run(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    CLI::App* run = part.add_subcommand("run", "Back up every database: encrypted, read back, signed [the default]");
    run->footer(
        "Examples:\n"
        "  flowletctl backup run --env production\n"
        "  flowletctl backup run --env production --dry-run");
    for (CLI::App* const place : {run, &part}) {
        place->add_option("--db-type", choice->run.type, "Only databases of this type: postgres, mysql or all [all]")
            ->type_name("TYPE")
            ->check(CLI::IsMember({"postgres", "mysql", "all"}));
    }
    const auto begin = [&invocation, choice] {
        choose(invocation, "backup", [choice](const Session& s) { return plan_run(s, observe_run(s, choice->run)); });
    };
    run->callback(begin);
    part.callback([&part, begin] {
        if (part.get_subcommands().empty()) begin();
    });
}

void add_offsite(CLI::App& command, From& from) {
    command.add_flag_callback(
        "--offsite", [&from] { from = From::offsite; }, "Read the copies in the bucket, not those in the folder");
}

void add_verify(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    CLI::App* verify =
        part.add_subcommand("verify", "Is a backup whole? With an identity: can it be decrypted and read?");
    verify->add_option("ID", choice->verify.id, "Which one [the newest]")->type_name("BACKUP");
    add_offsite(*verify, choice->verify.from);
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

CLI::Option* add_jobs(CLI::App& command, unsigned& jobs) {
    constexpr unsigned most = 16;
    return command.add_option("--jobs", jobs, "How many programs load it side by side (PostgreSQL) [1]")
        ->type_name("NUMBER")
        ->check(CLI::Range(1U, most));
}

void add_restore(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    CLI::App* restore = part.add_subcommand("restore", "Restore a database of a backup, and compare every table");
    restore->add_option("ID", choice->restore.id, "Which backup [the newest]")->type_name("BACKUP");
    restore->add_option("--database", choice->restore.database, "Which of its databases")->type_name("DATABASE");
    CLI::Option* const to =
        restore
            ->add_option("--to", choice->restore.to, "The name of the database that it becomes: a new or an empty one")
            ->type_name("NAME");
    restore->add_option("--table", choice->restore.tables, "Only this table, SCHEMA.TABLE; may be given again")
        ->type_name("TABLE");
    restore->add_option("--confirm", invocation.confirmed, "The name of a database that is not empty: to replace it")
        ->type_name("NAME");
    add_jobs(*restore, choice->restore.jobs)->excludes("--table");
    CLI::Option* const files =
        restore->add_option("--files", choice->files.folder, "A folder of backup.files instead of a database");
    files->type_name("NAME");
    CLI::Option* const into =
        restore->add_option("--into", choice->files.into, "Where it is unpacked: a folder that is not there yet");
    into->type_name("FOLDER")->needs(files);
    files->needs(into)->excludes(to);
    add_offsite(*restore, choice->restore.from);
    restore->add_option("--identity", choice->restore.identity, "The file of an age identity")->type_name("FILE");
    restore->footer(
        "Examples:\n"
        "  flowletctl backup restore --to flowlet_check --identity ops.key --env production\n"
        "  flowletctl backup restore 20261121T020000Z-000042-full --database primary --to flowlet_check");
    restore->callback([&invocation, choice, files] {
        if (files->count() > 0) {
            choice->files.id = choice->restore.id;
            choice->files.identity = choice->restore.identity;
            choice->files.from = choice->restore.from;
            choose(invocation, "backup restore", [choice](const Session& s) {
                return plan_restore_files(s, observe_restore_files(s, choice->files));
            });
            return;
        }
        choose(invocation, "backup restore",
               [choice](const Session& s) { return plan_restore(s, observe_restore(s, choice->restore)); });
    });
}

void add_drill(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    CLI::App* drill = part.add_subcommand("drill", "Restore into a throw-away server, check everything, measure it");
    drill->add_option("ID", choice->drill.id, "Which backup [the newest]")->type_name("BACKUP");
    drill->add_option("--database", choice->drill.database, "Which of its databases")->type_name("DATABASE");
    add_offsite(*drill, choice->drill.from);
    drill->add_option("--identity", choice->drill.identity, "The file of an age identity")->type_name("FILE");
    add_jobs(*drill, choice->drill.jobs);
    drill->footer(
        "Examples:\n"
        "  flowletctl backup drill --identity escrow.key --env production\n"
        "  flowletctl backup drill --offsite --identity escrow.key --env production");
    drill->callback([&invocation, choice] {
        choose(invocation, "backup drill",
               [choice](const Session& s) { return plan_drill(s, observe_drill(s, choice->drill)); });
    });
}

void add_prune(CLI::App& part, Invocation& invocation) {
    CLI::App* prune = part.add_subcommand("prune", "Remove the backups that backup.retention does not keep");
    prune->add_option("--confirm", invocation.confirmed, "The name of the environment, where it is protected")
        ->type_name("ENV");
    prune->footer(
        "Examples:\n"
        "  flowletctl backup prune --env production --dry-run\n"
        "  flowletctl backup prune --env production --confirm production");
    prune->callback([&invocation] {
        choose(invocation, "backup prune", [](const Session& s) { return plan_prune(s, observe_prune(s)); });
    });
}

void add_hold(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    const auto add = [&](const char* name, const char* text, const char* example, auto run) {
        CLI::App* hold = part.add_subcommand(name, text);
        hold->add_option("ID", choice->hold.id, "Which one")->type_name("BACKUP")->required();
        hold->add_option("--reason", choice->hold.reason, "Why, in one line")->type_name("TEXT")->required();
        hold->footer(std::string("Examples:\n  flowletctl backup ") + name + " 20261121T020000Z-000042-full --reason " +
                     example);
        hold->callback(
            [&invocation, run, command = std::string("backup ") + name] { choose(invocation, command, run); });
    };
    add("hold", "Keep a backup, whatever the retention says", "\"case 4711\"",
        [choice](const Session& s) { return plan_hold(s, observe_hold(s, choice->hold)); });
    add("release", "Hold a backup no longer", "\"case 4711 is closed\"",
        [choice](const Session& s) { return plan_release(s, observe_release(s, choice->hold)); });
}

void add_list(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    CLI::App* list = part.add_subcommand("list", "The backups that are there, and whether each counts");
    list->footer(
        "Examples:\n"
        "  flowletctl backup list --env production\n"
        "  flowletctl backup list -o json");
    list->add_option("ID", choice->listed, "What that one holds, instead")->type_name("BACKUP");
    add_offsite(*list, choice->list);
    list->callback([&invocation, choice] {
        choose(invocation, "backup list", [choice](const Session& s) {
            const Store store = observe_store(s, find_signer(s), choice->list);
            return choice->listed.empty() ? view_list(s, store)
                                          : view_contents(store, find_entry(store, choice->listed));
        });
    });
}

void add_status(CLI::App& part, Invocation& invocation, const std::shared_ptr<Choice>& choice) {
    CLI::App* status = part.add_subcommand("status", "Is the newest good backup young enough? Exit 12 if not");
    status->footer(
        "Examples:\n"
        "  flowletctl backup status --env production\n"
        "  flowletctl backup status --env production --textfile /var/lib/prometheus/node-exporter/flowlet.prom");
    status->add_option("--textfile", choice->textfile, "Write it as metrics, too, for Prometheus' node_exporter")
        ->type_name("FILE");
    status->callback([&invocation, choice] {
        choose(invocation, "backup status", [choice](const Session& s) {
            const StatusFacts facts = observe_status(s);
            plan::View view = view_status(facts);
            if (!choice->textfile.empty()) view.copy = plan_textfile(s, facts, choice->textfile);
            return view;
        });
    });
}

}  // namespace

void declare(CLI::App& part, Invocation& invocation) {
    part.require_subcommand(0, 1);
    part.footer(
        "Examples:\n"
        "  flowletctl backup --env production\n"
        "  flowletctl backup restore --to flowlet_check --identity ops.key --env production");
    const auto choice = std::make_shared<Choice>();
    invocation.candidates["BACKUP"] = offer_ids;
    invocation.candidates["DATABASE"] = offer_databases;
    add_run(part, invocation, choice);
    add_list(part, invocation, choice);
    add_status(part, invocation, choice);
    add_verify(part, invocation, choice);
    add_restore(part, invocation, choice);
    add_drill(part, invocation, choice);
    add_prune(part, invocation);
    add_hold(part, invocation, choice);
    schedule::declare(part, invocation);
}

}  // namespace flowlet::commands::backup
