#include <algorithm>
#include <array>
#include <filesystem>

#include "commands/backup/schedule/findings.h"
#include "commands/shared/own_program.h"

namespace flowlet::commands::backup::schedule {
namespace {

constexpr long nice_most = 19;
constexpr auto ways = std::to_array<std::pair<std::string_view, Via>>(
    {{"cron", Via::cron}, {"systemd", Via::systemd}, {"kubernetes", Via::kubernetes}});
constexpr auto usual_folders = std::to_array<std::string_view>({"/usr/local/bin", "/usr/bin", "/bin"});

std::string place_of(const config::Config& config, std::string_view key) {
    return render_place(config.require(key).place) + ": " + std::string(key);
}

Via read_via(const config::Config& config) {
    constexpr std::string_view key = "backup.schedule.via";
    const std::string text = config.require(key).text;
    std::vector<std::string> known;
    for (const auto& [word, via] : ways) {
        if (word == text) return via;
        known.emplace_back(word);
    }
    const auto near = did_you_mean(text, known);
    throw Error(Kind::config, place_of(config, key) + ": \"" + printable(text) + "\" starts no backups",
                near ? "did you mean " + *near + "?" : "cron, systemd or kubernetes");
}

Calendar read_calendar(const Session& session) {
    constexpr std::string_view key = "backup.schedule.at";
    const std::string text = session.config->require(key).text;
    try {
        const Calendar calendar = parse_calendar(text);
        if (next(calendar, session.probe.now())) return calendar;
    } catch (const Error& error) {
        throw Error(Kind::config, place_of(*session.config, key) + ": " + error.what(), error.hint());
    }
    throw Error(Kind::config, place_of(*session.config, key) + ": \"" + printable(text) + "\" never comes",
                "no month that it names has such a day");
}

long read_nice(const config::Config& config) {
    constexpr std::string_view key = "backup.schedule.nice";
    const long nice = config.integer(key);
    if (nice >= 0 && nice <= nice_most) return nice;
    throw Error(Kind::config, place_of(config, key) + ": " + std::to_string(nice) + " is not from 0 to 19",
                "19 gives way to everything else");
}

/// It becomes part of a file's name and of a label.
void check_name(const std::string& name, const std::string& what) {
    constexpr std::size_t longest = 63;
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    const bool fits =
        !name.empty() && name.size() <= longest && is_letter(name.front()) && is_letter(name.back()) &&
        std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || c == '-' || c == '_' || c == '.'; });
    if (fits) return;
    throw Error(Kind::config, what + ": \"" + printable(name) + "\" cannot be part of the name of a schedule",
                "letters, digits, '-', '_' and '.', at most 63");
}

/// A line ends at a newline, whatever is quoted around it.
void check_text(const std::string& text, const std::string& what) {
    const bool clean =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= ' '; });
    if (!clean) throw Error(Kind::config, what + " has a control character: " + printable(text));
}

std::string find_own(const Session& session) {
    constexpr std::string_view key = "backup.schedule.program";
    if (session.config->find(key) == nullptr) return own_program(session.probe, "name it in backup.schedule.program");
    const std::string path = session.config->path(key);
    if (session.probe.find_program(path)) return path;
    throw Error(Kind::tool_missing, place_of(*session.config, key) + ": " + printable(path) + " is no program",
                "correct it, or leave it out");
}

std::string find_folders(const Session& session) {
    std::vector<std::string> folders;
    const auto add = [&folders](const std::string& folder) {
        if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
    };
    for (const char* const program : run_programs) {
        const std::string key = std::string("tools.") + program;
        const std::string wanted = session.config->find(key) == nullptr ? program : session.config->path(key);
        const std::optional<std::string> path = session.probe.find_program(wanted);
        if (path && wanted.find('/') == std::string::npos) add(path->substr(0, path->rfind('/')));
    }
    for (const std::string_view folder : usual_folders)
        add(std::string(folder));
    return join(folders, ":");
}

/// The log that this person's runs are written to; empty where the files of the configuration say it.
std::string find_audit(const Session& session) {
    const config::Value* const value = session.config->find("audit.dir");
    const bool lasting =
        value != nullptr && value->layer != config::Layer::variable && value->layer != config::Layer::flag;
    return lasting ? "" : session.audit_folder;
}

}  // namespace

std::string_view name(Via via) {
    return std::find_if(ways.begin(), ways.end(), [via](const auto& way) { return way.second == via; })->first;
}

std::string subject_of(const Wanted& wanted) {
    return "backups of " + wanted.project + " (" + wanted.environment + ")";
}

Wanted read_wanted(const Session& session, Goal goal) {
    const config::Config& config = *session.config;
    Wanted wanted;
    wanted.via = read_via(config);
    wanted.project = config.require("project").text;
    wanted.environment = config.environment().empty() ? "default" : config.environment();
    check_name(wanted.project, place_of(config, "project"));
    check_name(wanted.environment, "--env");
    if (goal == Goal::remove) return wanted;
    wanted.at = read_calendar(session);
    wanted.at_place = config.require("backup.schedule.at").place;
    wanted.nice = read_nice(config);
    (void)config.require("backup.store");
    wanted.call.environment = config.environment();
    wanted.call.root = config.root();
    check_text(wanted.call.root, "the project's folder");
    if (goal == Goal::look || wanted.via == Via::kubernetes) return wanted;
    wanted.call.program = find_own(session);
    wanted.call.path = find_folders(session);
    wanted.call.audit = find_audit(session);
    for (const std::string* const text : {&wanted.call.program, &wanted.call.path, &wanted.call.audit})
        check_text(*text, "a path of the scheduled run");
    return wanted;
}

}  // namespace flowlet::commands::backup::schedule
