#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"
#include "commands/backup/drill/drill.h"

namespace flowlet::commands::backup {
namespace {

/// Something that is wrong: a sentence, and words that stay the same as long as it is.
struct Trouble {
    std::string reason;
    std::string text;
};

/// Nothing: all is well.
std::vector<Trouble> find_troubles(const StatusFacts& facts) {
    const Entry* const newest = facts.store.newest();
    if (newest == nullptr) {
        return {{"none", facts.store.entries.empty() ? "there is no backup in " + facts.store.folder
                                                     : "none of the backups in " + facts.store.folder + " counts"}};
    }
    std::vector<Trouble> troubles;
    const Millis age = std::chrono::duration_cast<Millis>(facts.now - newest->manifest.started);
    if (age > facts.rpo) {
        troubles.push_back({"late after " + newest->id, "the newest backup is " + render_age(age) +
                                                            " old, and a disaster may cost " + render_age(facts.rpo) +
                                                            " at most"});
    }
    if (age < Millis{0}) {
        troubles.push_back({"ahead of the clock: " + newest->id,
                            "the newest backup is of a time to come: the clock is wrong, or was"});
    }
    for (const Entry& entry : facts.store.entries) {
        if (entry.trouble.empty()) continue;
        troubles.push_back({"counts for nothing: " + entry.id, entry.id + " counts for nothing: " + entry.trouble});
    }
    return troubles;
}

std::string tell_drill(const StatusFacts& facts, nlohmann::json& document) {
    document["drill"] = nullptr;
    if (!facts.drill) return "no drill yet: nobody knows whether a restore works, and how long it takes";
    const DrillRecord& drill = *facts.drill;
    document["drill"] = {{"backup", drill.id},
                         {"at", render_time(drill.at)},
                         {"passed", drill.passed},
                         {"rto_ms", drill.rto.count()},
                         {"rpo_ms", drill.rpo.count()}};
    const std::string age = render_age(std::chrono::duration_cast<Millis>(facts.now - drill.at));
    return age + " ago, restored in " + render_age(drill.rto) + (drill.passed ? "" : ": a target was MISSED");
}

}  // namespace

std::string render_age(Millis age) {
    if (age < std::chrono::minutes{1}) return render_duration(std::chrono::floor<std::chrono::seconds>(age));
    if (age < std::chrono::hours{48}) return render_duration(std::chrono::floor<std::chrono::minutes>(age));
    return std::to_string(age / std::chrono::hours{24}) + " days";
}

StatusFacts observe_status(const Session& session) {
    StatusFacts facts;
    facts.store = observe_store(session, find_signer(session));
    facts.rpo = session.config->duration("backup.targets.rpo");
    facts.now = session.probe.now();
    facts.drill = find_last_drill(session, facts.store.folder);
    facts.schedule = schedule::observe_state(session);
    return facts;
}

plan::View view_status(const StatusFacts& facts) {
    std::vector<std::string> causes;
    std::vector<std::string> reasons;
    for (const Trouble& trouble : find_troubles(facts)) {
        causes.push_back(trouble.text);
        reasons.push_back(trouble.reason);
    }
    const Entry* const newest = facts.store.newest();
    plan::View view;
    nlohmann::json document = {{"apiVersion", "flowlet/v1"},
                               {"kind", "BackupStatus"},
                               {"store", facts.store.folder},
                               {"system", facts.store.system},
                               {"job", facts.store.job},
                               {"verdict", causes.empty() ? "ok" : "unhealthy"},
                               {"causes", causes},
                               {"reasons", reasons},
                               {"newest", nullptr},
                               {"age_ms", nullptr},
                               {"rpo_ms", facts.rpo.count()},
                               {"missing", facts.store.gaps()},
                               {"unfinished", facts.store.partial}};
    view.columns = {"WHAT", "IS"};
    if (newest != nullptr) {
        const Millis age = std::chrono::duration_cast<Millis>(facts.now - newest->manifest.started);
        document["newest"] = newest->id;
        document["age_ms"] = age.count();
        view.rows = {{"newest", newest->id}, {"age", age < Millis{0} ? "-" : render_age(age)}};
    }
    view.rows.push_back({"may be", render_age(facts.rpo) + " old at most (backup.targets.rpo)"});
    const auto good = std::count_if(facts.store.entries.begin(), facts.store.entries.end(),
                                    [](const Entry& entry) { return entry.trouble.empty(); });
    document["good"] = good;
    view.rows.push_back({"backups", std::to_string(good) + " good of " + std::to_string(facts.store.entries.size())});
    view.rows.push_back({"last drill", tell_drill(facts, document)});
    if (facts.schedule) {
        view.rows.push_back({"next run", facts.schedule->text});
        document["schedule"] = {{"via", facts.schedule->via}, {"next", nullptr}, {"text", facts.schedule->text}};
        if (facts.schedule->next) document["schedule"]["next"] = schedule::render_moment(*facts.schedule->next);
    }
    view.notes = causes;
    if (causes.empty()) view.notes.emplace_back("in time");
    if (!causes.empty()) view.verdict = Kind::unhealthy;
    view.document = std::make_shared<const nlohmann::json>(std::move(document));
    return view;
}

}  // namespace flowlet::commands::backup
