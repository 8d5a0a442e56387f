// backup schedule: the run that comes again by itself, put into a crontab, into two units of systemd or into a CronJob,
// and taken out again. facts.cpp looks, plan.cpp decides; crontab.cpp, units.cpp and cronjob.cpp are pure texts.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "commands/backup/calendar.h"
#include "commands/shared/cluster.h"
#include "flowlet/commands.h"
#include "flowlet/kube.h"
#include "flowlet/plan.h"

namespace flowlet::commands::backup::schedule {

void declare(CLI::App& part, Invocation& invocation);

using Minutes = std::chrono::minutes;

// ---- what is wanted --------------------------------------------------------------------------------------------

/// Who starts the run.
enum class Via { cron, systemd, kubernetes };
std::string_view name(Via via);

/// The program that is started, and what it needs to be itself without a person's environment.
struct Call {
    std::string program;      ///< of this machine, absolute
    std::string environment;  ///< --env; may be empty
    std::string root;         ///< --root
    std::string path;         ///< PATH: where the programs were found, and the usual folders
    std::string audit;        ///< FLOWLET_AUDIT__DIR; empty: the configuration says it
};

struct Wanted {
    Via via = Via::cron;
    std::string project;
    std::string environment;  ///< "default" if there is none
    Calendar at;
    Place at_place;
    long nice = 0;
    Call call;
};
enum class Goal { install, remove, look };
/// The part of the configuration that all three need, checked: of what is to be removed only what names it, and only
/// what is installed needs a Call. Throws Error{config}.
Wanted read_wanted(const Session& session, Goal goal);
/// "backups of bank (production)".
std::string subject_of(const Wanted& wanted);

// ---- cron ------------------------------------------------------------------------------------------------------

/// One word as /bin/sh reads it, in a crontab, where a % would be a newline.
std::string quote_for_cron(const std::string& word);
/// The line that cron runs, with its newline. `log` empty: cron mails what the run says.
std::string render_line(const Wanted& wanted, const std::string& log);
/// Our lines, between the two that mark them.
std::string render_block(const Wanted& wanted, const std::string& line);
/// Where our lines are in a crontab.
struct Block {
    std::size_t begin = 0;
    std::size_t end = 0;  ///< behind the newline of the last
};
/// Nothing if there are none. Throws Error{precondition} with the number of the line where a mark lacks its other half
/// or stands twice.
std::optional<Block> find_block(const std::string& crontab, const Wanted& wanted);
/// The crontab with `block` in the place of ours, or at its end; without ours if it is empty. No other byte changes,
/// but that a last line without a newline gets one.
std::string replace_block(const std::string& crontab, const Wanted& wanted, const std::string& block);

/// How far the machine's time is from UTC at that moment. Nothing if it cannot be told.
std::optional<Minutes> observe_zone(const Session& session, Time at);
/// "+01:00".
std::string render_zone(Minutes zone);

/// The program crontab; Error{tool_missing} if there is none.
std::string find_crontab(const Session& session);
/// Nothing: this user has no crontab.
std::optional<std::string> read_crontab(const Session& session, const std::string& program);

/// For who asks by the way: false where there is no crontab, or none that can be read.
bool is_in_crontab(const Session& session, const Wanted& wanted);

struct CronFacts {
    Wanted wanted;
    std::string crontab;             ///< the program
    std::optional<std::string> now;  ///< its text; nothing: there is none
    std::string log;
    std::optional<Minutes> zone;  ///< of the machine; nothing: not to be found out
    std::vector<plan::Finding> findings;
};

// ---- systemd ---------------------------------------------------------------------------------------------------

/// A word of a command line in a unit.
std::string quote_for_unit(const std::string& word);

struct UnitOptions {
    enum class Of { system, user } of = Of::system;  ///< the machine's systemd, or a person's
    std::vector<std::string> writable;               ///< folders that the run writes into
    std::vector<std::string> needed;                 ///< paths that it must see: what lies in /tmp is not hidden then
    Millis spread{0};                                ///< by how much a start may be put off
};
std::string render_service(const Wanted& wanted, const UnitOptions& options);
std::string render_timer(const Wanted& wanted, const UnitOptions& options);
/// "flowletctl-backup-bank-production".
std::string unit_name(const Wanted& wanted);
/// Is it a unit of this project and environment that flowletctl wrote?
bool is_ours(const std::string& unit, const Wanted& wanted);

/// A unit as it lies in the folder for units; nothing if it is not there. `ending`: ".timer".
std::optional<std::string> read_unit(const Session& session, const Wanted& wanted, const std::string& ending);

/// Will systemd start it? True where it cannot be asked, because the units are only written.
bool is_timer_active(const Session& session, const Wanted& wanted);

struct SystemdFacts {
    Wanted wanted;
    UnitOptions options;
    std::string folder;
    bool folder_there = false;
    std::string systemctl;  ///< empty: the units are only written, for another machine or an image
    std::optional<std::string> service;
    std::optional<std::string> timer;
    bool enabled = false;
    bool active = false;
    std::vector<std::string> missing;  ///< folders that the units name and that are to be made
    std::vector<plan::Finding> findings;
};

// ---- Kubernetes ------------------------------------------------------------------------------------------------

struct CronJobOptions {
    std::string space;
    std::string image;
    std::string claim;
    std::string config_map;
    std::string secret;
    std::string store;  ///< where the claim is mounted: backup.store
    Millis deadline{0};
};
/// The whole object, as it is applied.
nlohmann::json render_cronjob(const Wanted& wanted, const CronJobOptions& options);
std::string cronjob_name(const Wanted& wanted);
/// Is it that of this project and environment, and written by flowletctl?
bool is_ours(const nlohmann::json& live, const Wanted& wanted);

struct KubernetesFacts {
    Wanted wanted;
    Cluster cluster;
    kube::Object object;
    kube::Resource resource;
    kube::Json live;    ///< empty: there is none
    kube::Json merged;  ///< what the server would make of it
    std::vector<plan::Finding> findings;
};

// ---- deciding --------------------------------------------------------------------------------------------------

CronFacts observe_cron(const Session& session, const Wanted& wanted, Goal goal);
SystemdFacts observe_systemd(const Session& session, const Wanted& wanted, Goal goal);
KubernetesFacts observe_kubernetes(const Session& session, const Wanted& wanted, Goal goal);

plan::Plan plan_cron(const CronFacts& facts, Goal goal);
plan::Plan plan_systemd(const SystemdFacts& facts, Goal goal);
plan::Plan plan_kubernetes(const Session& session, const KubernetesFacts& facts, Goal goal);

/// Looks and decides, by whatever way is configured.
plan::Plan answer(const Session& session, Goal goal);

// ---- status ----------------------------------------------------------------------------------------------------

/// "2026-11-22T02:15:00Z".
std::string render_moment(Time time);
/// By cron in the time of the machine; nothing if that cannot be told.
std::optional<Time> next_run(const Session& session, const Wanted& wanted);

/// What `backup status` tells of it.
struct State {
    std::string via;
    std::optional<Time> next;  ///< nothing: it is not installed, or nobody knows
    std::string text;          ///< "2026-11-22T02:15:00Z, by cron", or why there is none
};
/// Nothing if none is configured. What cannot be found out is said in the text, never thrown.
std::optional<State> observe_state(const Session& session);

}  // namespace flowlet::commands::backup::schedule
