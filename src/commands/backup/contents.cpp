#include <nlohmann/json.hpp>

#include "commands/backup/backup.h"

namespace flowlet::commands::backup {

plan::View view_contents(const Store& store, const Entry& entry) {
    plan::View view;
    view.columns = {"KIND", "NAME", "HOLDS"};
    nlohmann::json artifacts = nlohmann::json::array();
    for (const Artifact& artifact : entry.manifest.artifacts) {
        view.rows.push_back({std::string(name(artifact.kind)), artifact.file,
                             render_size(artifact.plain.bytes) + " in " + render_size(artifact.stored.bytes)});
        artifacts.push_back({{"kind", name(artifact.kind)},
                             {"file", artifact.file},
                             {"of", artifact.database},
                             {"plain_bytes", artifact.plain.bytes},
                             {"bytes", artifact.stored.bytes},
                             {"sha256", artifact.stored.sha256}});
    }
    nlohmann::json databases = nlohmann::json::array();
    for (const DatabaseRecord& record : entry.manifest.databases) {
        nlohmann::json tables = nlohmann::json::array();
        for (const TableDigest& table : record.tables) {
            view.rows.push_back({"table of " + record.name, printable(table.table), table.rows + " rows"});
            tables.push_back({{"table", table.table}, {"rows", table.rows}, {"digest", table.digest}});
        }
        databases.push_back({{"name", record.name},
                             {"type", name(record.engine)},
                             {"database", record.database},
                             {"server", record.server},
                             {"version", record.version},
                             {"tables", std::move(tables)}});
    }
    for (const std::string& warning : entry.manifest.warnings)
        view.notes.push_back("warning: " + warning);
    view.notes.push_back("begun " + render_time(entry.manifest.started) + " by " + printable(entry.manifest.by));
    view.document =
        std::make_shared<const nlohmann::json>(nlohmann::json{{"apiVersion", "flowlet/v1"},
                                                              {"kind", "BackupContents"},
                                                              {"id", entry.id},
                                                              {"store", store.folder},
                                                              {"started", render_time(entry.manifest.started)},
                                                              {"by", entry.manifest.by},
                                                              {"artifacts", std::move(artifacts)},
                                                              {"databases", std::move(databases)},
                                                              {"warnings", entry.manifest.warnings}});
    return view;
}

}  // namespace flowlet::commands::backup
