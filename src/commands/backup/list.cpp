#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"

namespace flowlet::commands::backup {
namespace {

nlohmann::json entry_json(const Entry& entry) {
    nlohmann::json databases = nlohmann::json::array();
    std::uint64_t bytes = 0;
    for (const DatabaseRecord& record : entry.manifest.databases)
        databases.push_back(record.name);
    for (const Artifact& artifact : entry.manifest.artifacts)
        bytes += artifact.stored.bytes;
    return {{"id", entry.id},
            {"path", entry.folder},
            {"started", entry.trouble.empty() ? nlohmann::json(render_time(entry.manifest.started)) : nullptr},
            {"finished", entry.trouble.empty() ? nlohmann::json(render_time(entry.manifest.finished)) : nullptr},
            {"bytes", bytes},
            {"databases", databases},
            {"good", entry.trouble.empty()},
            {"trouble", entry.trouble}};
}

}  // namespace

plan::View view_list(const Session& session, const Store& store) {
    (void)session;
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
    for (const unsigned serial : store.gaps())
        view.notes.push_back("number " + std::to_string(serial) + " is missing: it was removed by hand, or lost");
    for (const std::string& partial : store.partial)
        view.notes.push_back(partial + ": a run is writing it, or died over it; the next run removes it then");
    if (store.entries.empty()) view.notes.push_back("no backup in " + store.folder);
    view.document = std::make_shared<const nlohmann::json>(std::move(document));
    return view;
}

}  // namespace flowlet::commands::backup
