#include "commands/backup/manifest.h"

#include <array>
#include <nlohmann/json.hpp>

namespace flowlet::commands::backup {
namespace {

using nlohmann::json;

json measured_json(const Measured& measured) {
    return {{"bytes", measured.bytes}, {"sha256", measured.sha256}};
}

json artifact_json(const Artifact& artifact) {
    return {{"kind", name(artifact.kind)},
            {"file", artifact.file},
            {"database", artifact.database},
            {"plain", measured_json(artifact.plain)},
            {"stored", measured_json(artifact.stored)}};
}

json database_json(const DatabaseRecord& record) {
    json tables = json::array();
    for (const TableDigest& table : record.tables)
        tables.push_back({{"table", table.table}, {"rows", table.rows}, {"digest", table.digest}});
    return {{"name", record.name},           {"type", name(record.engine)}, {"database", record.database},
            {"server", record.server},       {"version", record.version},   {"encoding", record.encoding},
            {"collation", record.collation}, {"ctype", record.ctype},       {"icu_locale", record.icu_locale},
            {"digested", record.digested},   {"tables", std::move(tables)}};
}

Measured parse_measured(const json& from) {
    Measured measured;
    measured.bytes = from.at("bytes").get<std::uint64_t>();
    measured.sha256 = from.at("sha256").get<std::string>();
    return measured;
}

/// A name from a manifest becomes a path only if it can be no other place.
std::string parse_file(const json& from) {
    auto file = from.get<std::string>();
    const bool plain = !file.empty() && file.front() != '.' && file.find('/') == std::string::npos &&
                       file.find('\0') == std::string::npos && printable(file) == file;
    if (!plain) throw Error(Kind::verification, "the manifest names a file that may not be: " + printable(file));
    return file;
}

Artifact::Kind parse_kind(const std::string& text) {
    for (const Artifact::Kind kind : {Artifact::Kind::dump, Artifact::Kind::globals, Artifact::Kind::files}) {
        if (text == name(kind)) return kind;
    }
    throw Error(Kind::verification, "the manifest has a file of an unknown kind: " + printable(text));
}

Artifact parse_artifact(const json& from) {
    Artifact artifact;
    artifact.kind = parse_kind(from.at("kind").get<std::string>());
    artifact.file = parse_file(from.at("file"));
    artifact.database = from.at("database").get<std::string>();
    artifact.plain = parse_measured(from.at("plain"));
    artifact.stored = parse_measured(from.at("stored"));
    return artifact;
}

DatabaseRecord parse_database(const json& from) {
    DatabaseRecord record;
    record.name = from.at("name").get<std::string>();
    // Those that were written first say nothing, and are of PostgreSQL.
    record.engine = parse_engine(from.value("type", "postgres"));
    record.database = from.at("database").get<std::string>();
    record.server = from.at("server").get<std::string>();
    record.version = from.at("version").get<std::string>();
    record.encoding = from.at("encoding").get<std::string>();
    record.collation = from.at("collation").get<std::string>();
    record.ctype = from.at("ctype").get<std::string>();
    record.icu_locale = from.at("icu_locale").get<std::string>();
    record.digested = from.at("digested").get<bool>();
    for (const json& table : from.at("tables")) {
        record.tables.push_back({table.at("table").get<std::string>(), table.at("rows").get<std::string>(),
                                 table.at("digest").get<std::string>()});
    }
    return record;
}

Time parse_moment(const json& from) {
    const std::optional<Time> time = parse_time(from.get<std::string>());
    if (!time) throw Error(Kind::verification, "the manifest has a time that is none");
    return *time;
}

/// Older manifests know of no class.
void parse_class(const json& from, Manifest& manifest) {
    const std::string word = from.value("class", "none");
    if (word == "none") return;
    manifest.legal_class = printable(word);
    manifest.keep_until = parse_moment(from.at("keep_until"));
}

Manifest parse_document(const json& from) {
    if (from.at("apiVersion") != "flowlet/v1" || from.at("kind") != "BackupManifest") {
        throw Error(Kind::verification, "not a manifest that this program can read");
    }
    Manifest manifest;
    manifest.id = parse_file(from.at("id"));
    manifest.system = from.at("system").get<std::string>();
    manifest.job = from.at("job").get<std::string>();
    manifest.serial = from.at("serial").get<unsigned>();
    manifest.started = parse_moment(from.at("started"));
    manifest.finished = parse_moment(from.at("finished"));
    manifest.run = from.at("run").get<std::string>();
    manifest.by = from.at("by").get<std::string>();
    manifest.tools = from.at("tools").get<std::map<std::string, std::string>>();
    manifest.recipients = from.at("recipients").get<std::vector<std::string>>();
    manifest.previous = from.at("previous").at("id").get<std::string>();
    manifest.previous_sha256 = from.at("previous").at("sha256").get<std::string>();
    for (const json& artifact : from.at("artifacts"))
        manifest.artifacts.push_back(parse_artifact(artifact));
    for (const json& database : from.at("databases"))
        manifest.databases.push_back(parse_database(database));
    parse_class(from, manifest);
    manifest.warnings = from.at("warnings").get<std::vector<std::string>>();
    return manifest;
}

}  // namespace

std::pair<std::string, std::string> split_name(const std::string& quoted) {
    std::pair<std::string, std::string> halves;
    std::string* half = &halves.first;
    bool inside = false;
    for (std::size_t i = 0; i < quoted.size(); ++i) {
        if (quoted[i] == '"') {
            // Twice: a quote of the name itself.
            const bool twice = inside && i + 1 < quoted.size() && quoted[i + 1] == '"';
            if (twice) *half += quoted[i++];
            if (!twice) inside = !inside;
        } else if (quoted[i] == '.' && !inside && half == &halves.first) {
            half = &halves.second;
        } else {
            *half += quoted[i];
        }
    }
    return halves;
}

std::string_view name(host::Engine engine) {
    return engine == host::Engine::postgres ? "postgres" : "mysql";
}

host::Engine parse_engine(const std::string& text) {
    if (text == "postgres") return host::Engine::postgres;
    if (text == "mysql") return host::Engine::mysql;
    throw Error(Kind::verification, "the manifest has a database of an unknown type: " + printable(text));
}

std::string_view name(Artifact::Kind kind) {
    if (kind == Artifact::Kind::files) return "files";
    return kind == Artifact::Kind::dump ? "dump" : "globals";
}

std::string render_manifest(const Manifest& manifest) {
    json artifacts = json::array();
    for (const Artifact& artifact : manifest.artifacts)
        artifacts.push_back(artifact_json(artifact));
    json databases = json::array();
    for (const DatabaseRecord& record : manifest.databases)
        databases.push_back(database_json(record));
    const json document = {{"apiVersion", "flowlet/v1"},
                           {"kind", "BackupManifest"},
                           {"id", manifest.id},
                           {"system", manifest.system},
                           {"job", manifest.job},
                           {"serial", manifest.serial},
                           {"started", render_time(manifest.started)},
                           {"finished", render_time(manifest.finished)},
                           {"run", manifest.run},
                           {"by", manifest.by},
                           {"tools", manifest.tools},
                           {"recipients", manifest.recipients},
                           {"previous", {{"id", manifest.previous}, {"sha256", manifest.previous_sha256}}},
                           {"artifacts", std::move(artifacts)},
                           {"databases", std::move(databases)},
                           {"class", manifest.legal_class.empty() ? "none" : manifest.legal_class},
                           {"keep_until", manifest.keep_until ? json(render_time(*manifest.keep_until)) : json()},
                           {"warnings", manifest.warnings}};
    return document.dump(1, ' ', false, json::error_handler_t::replace) + '\n';
}

Manifest parse_manifest(const std::string& text) {
    try {
        return parse_document(json::parse(text));
    } catch (const json::exception& error) {
        throw Error(Kind::verification, "the manifest cannot be read: " + printable(error.what()));
    }
}

std::string render_size(std::uint64_t bytes) {
    constexpr std::uint64_t step = 1024;
    std::uint64_t unit = 1;
    std::size_t name = 0;
    static constexpr std::array<const char*, 5> names = {"B", "KiB", "MiB", "GiB", "TiB"};
    while (bytes / unit >= step && name + 1 < names.size()) {
        unit *= step;
        ++name;
    }
    std::string text = std::to_string(bytes / unit);
    if (name > 0 && bytes / unit < 100) text += "." + std::to_string(bytes % unit * 10 / unit);
    return text + " " + names[name];
}

}  // namespace flowlet::commands::backup
