#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"
#include "commands/backup/prune.h"

namespace flowlet::commands::backup {
namespace {

nlohmann::json entry_json(const Entry& entry) {
    nlohmann::json databases = nlohmann::json::array();
    std::uint64_t bytes = 0;
    for (const DatabaseRecord& record : entry.manifest.databases)
        databases.push_back(record.name);
    for (const Artifact& artifact : entry.manifest.artifacts)
        bytes += artifact.stored.bytes;
    return {
        {"id", entry.id},
        {"path", entry.folder},
        {"started", entry.trouble.empty() ? nlohmann::json(render_time(entry.manifest.started)) : nullptr},
        {"finished", entry.trouble.empty() ? nlohmann::json(render_time(entry.manifest.finished)) : nullptr},
        {"bytes", bytes},
        {"databases", databases},
        {"good", entry.trouble.empty()},
        {"trouble", entry.trouble},
        {"class", entry.manifest.legal_class.empty() ? "none" : entry.manifest.legal_class},
        {"keep_until", entry.manifest.keep_until ? nlohmann::json(render_time(*entry.manifest.keep_until)) : nullptr}};
}

/// What the next prune would make of each: a column, where anything decides on it, and in JSON every reason.
void tell_judgement(const Session& session, const Store& store, nlohmann::json& document, plan::View& view) {
    const Judgement judgement = judge(points_of(store), read_policy(*session.config), session.probe.now());
    const auto decided = [](const Verdict& verdict) { return !verdict.brief.empty(); };
    const bool column = std::any_of(judgement.verdicts.begin(), judgement.verdicts.end(), decided);
    if (column) view.columns.insert(view.columns.end() - 1, "KEEP");
    for (std::size_t i = 0; i < judgement.verdicts.size(); ++i) {
        const Verdict& verdict = judgement.verdicts[i];
        nlohmann::json& told = document["backups"][i];
        told["keep"] = verdict.fate == Verdict::Fate::stays;
        told["why"] = verdict.why;
        told["removal_begun"] =
            std::find(store.tombstones.begin(), store.tombstones.end(), verdict.id) != store.tombstones.end();
        if (told["removal_begun"] == true)
            view.notes.push_back(verdict.id + ": its removal was begun and not ended; the next prune sees to it");
        if (column) view.rows[i].insert(view.rows[i].end() - 1, verdict.brief);
    }
    if (!judgement.stop.empty()) view.notes.push_back("nothing is pruned now: " + judgement.stop);
}

}  // namespace

plan::View view_list(const Session& session, const Store& store) {
    plan::View view;
    nlohmann::json document = {{"apiVersion", "flowlet/v1"}, {"kind", "BackupList"},
                               {"store", store.folder},      {"system", store.system},
                               {"job", store.job},           {"backups", nlohmann::json::array()},
                               {"missing", store.gaps()},    {"unfinished", store.partial}};
    view.columns = {"ID", "TOOK", "SIZE", "DATABASES", "STATE"};
    for (const Entry& entry : store.entries) {
        const nlohmann::json told = entry_json(entry);
        std::vector<std::string> names;
        for (const DatabaseRecord& record : entry.manifest.databases)
            names.push_back(record.name);
        const auto took = std::chrono::duration_cast<Millis>(entry.manifest.finished - entry.manifest.started);
        view.rows.push_back(
            {entry.id, entry.trouble.empty() ? render_duration(std::chrono::ceil<std::chrono::seconds>(took)) : "",
             entry.trouble.empty() ? render_size(told["bytes"].get<std::uint64_t>()) : "", join(names, ", "),
             entry.trouble.empty() ? "signed" : "COUNTS FOR NOTHING: " + entry.trouble});
        if (!entry.trouble.empty()) view.verdict = Kind::verification;
        document["backups"].push_back(told);
    }
    tell_judgement(session, store, document, view);
    for (const unsigned serial : store.gaps())
        view.notes.push_back("number " + std::to_string(serial) + " is missing: it was removed by hand, or lost");
    for (const std::string& partial : store.partial)
        view.notes.push_back(partial + ": a run is writing it, or died over it; the next run removes it then");
    if (store.entries.empty()) view.notes.push_back("no backup in " + store.folder);
    view.document = std::make_shared<const nlohmann::json>(std::move(document));
    return view;
}

}  // namespace flowlet::commands::backup
