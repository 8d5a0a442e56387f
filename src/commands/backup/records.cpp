#include "commands/backup/records.h"

#include <nlohmann/json.hpp>

#include "commands/backup/catalogue.h"

namespace flowlet::commands::backup {
namespace {

using nlohmann::json;

constexpr std::string_view ending = ".json";

std::string path_of(const std::string& job, std::string_view folder, const std::string& id) {
    return job + "/" + std::string(folder) + "/" + id + std::string(ending);
}

std::string print(const json& document) {
    return document.dump(1, ' ', false, json::error_handler_t::replace) + '\n';
}

std::vector<std::string> ids_in(const Session& session, const std::string& folder) {
    if (session.probe.file_info(folder).type != host::FileType::folder) return {};
    return ids_among(session.probe.list_folder(folder));
}

}  // namespace

std::vector<std::string> ids_among(const std::vector<std::string>& names) {
    std::vector<std::string> ids;
    for (const std::string& name : names) {
        if (!name.ends_with(ending) || name.starts_with('.')) continue;
        std::string id = name.substr(0, name.size() - ending.size());
        if (serial_in(id) != 0) ids.push_back(std::move(id));
    }
    return ids;
}

std::string hold_path(const std::string& job, const std::string& id) {
    return path_of(job, holds_folder, id);
}

std::string tombstone_path(const std::string& job, const std::string& id) {
    return path_of(job, tombstones_folder, id);
}

std::string render_hold(const Hold& hold) {
    return print({{"apiVersion", "flowlet/v1"},
                  {"kind", "BackupHold"},
                  {"id", hold.id},
                  {"reason", hold.reason},
                  {"by", hold.by},
                  {"since", render_time(hold.since)},
                  {"run", hold.run}});
}

Hold parse_hold(const std::string& id, const std::string& content) {
    Hold hold;
    hold.id = id;
    hold.reason = "its record cannot be read";
    hold.content = content;
    const json from = json::parse(content, nullptr, false);
    const auto text = [&](const char* key) {
        const bool there = from.is_object() && from.contains(key) && from[key].is_string();
        return there ? printable(from[key].get<std::string>()) : std::string();
    };
    if (text("kind") != "BackupHold" || text("id") != id || text("reason").empty()) return hold;
    hold.reason = text("reason");
    hold.by = text("by");
    hold.run = text("run");
    hold.since = parse_time(text("since")).value_or(Time{});
    return hold;
}

std::vector<Hold> observe_holds(const Session& session, const std::string& job) {
    std::vector<Hold> holds;
    for (const std::string& id : ids_in(session, job + "/" + std::string(holds_folder))) {
        std::string content;
        try {
            content = session.probe.read_file(hold_path(job, id));
        } catch (const Error&) {
            content.clear();
        }
        holds.push_back(parse_hold(id, content));
    }
    return holds;
}

std::string render_tombstone(const Tombstone& tombstone) {
    return print({{"apiVersion", "flowlet/v1"},
                  {"kind", "BackupTombstone"},
                  {"id", tombstone.id},
                  {"serial", tombstone.serial},
                  {"manifest_sha256", tombstone.manifest_sha256},
                  {"started", render_time(tombstone.started)},
                  {"bytes", tombstone.bytes},
                  {"removed_at", render_time(tombstone.removed)},
                  {"by", tombstone.by},
                  {"run", tombstone.run},
                  {"why", tombstone.why}});
}

std::optional<std::string> digest_in(const std::string& content) {
    const json from = json::parse(content, nullptr, false);
    if (!from.is_object() || from.value("kind", json()) != "BackupTombstone") return std::nullopt;
    const json digest = from.value("manifest_sha256", json());
    if (!digest.is_string()) return std::nullopt;
    return digest.get<std::string>();
}

std::vector<std::string> observe_tombstones(const Session& session, const std::string& job) {
    return ids_in(session, job + "/" + std::string(tombstones_folder));
}

}  // namespace flowlet::commands::backup
