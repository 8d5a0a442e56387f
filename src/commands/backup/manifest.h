// What a backup says of itself: the manifest, which is written and signed last.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "flowlet/host.h"

namespace flowlet::commands::backup {

using Measured = host::FlowEnd::Measured;

/// One file of a backup: plain bytes, compressed, encrypted.
struct Artifact {
    enum class Kind { dump, globals, files } kind = Kind::dump;
    std::string file;      ///< "primary.dump.gz.age"
    std::string database;  ///< of `databases`; of files: which of backup.files
    Measured plain;
    Measured stored;
};

/// What a table held, whatever the order of its rows.
struct TableDigest {
    std::string table;  ///< "schema.table", each quoted as SQL would want it
    std::string rows;
    std::string digest;
    friend bool operator==(const TableDigest&, const TableDigest&) = default;
};

/// The two halves of a table's name, without quotes: "public.account", "\"Odd Name\".\"it's\"".
std::pair<std::string, std::string> split_name(const std::string& quoted);

struct DatabaseRecord {
    std::string name;  ///< of `databases`
    host::Engine engine = host::Engine::postgres;
    std::string database;  ///< on the server
    std::string server;    ///< "host:port"
    std::string version;
    std::string encoding;
    std::string collation;
    std::string ctype;
    std::string icu_locale;  ///< empty: the locale is libc's
    bool digested = false;
    std::vector<TableDigest> tables;
};

struct Manifest {
    std::string id;
    std::string system;
    std::string job;
    unsigned serial = 0;
    Time started{};
    Time finished{};
    std::string run;  ///< as in the audit log
    std::string by;
    std::map<std::string, std::string> tools;
    std::vector<std::string> recipients;
    std::string previous;         ///< the id of the one before; empty: this is the first
    std::string previous_sha256;  ///< of its manifest
    std::vector<Artifact> artifacts;
    std::vector<DatabaseRecord> databases;
    std::string legal_class;            ///< empty: none
    std::optional<Time> keep_until;     ///< set if there is a class; no later configuration shortens it
    std::vector<std::string> warnings;  ///< what the tools said while they succeeded
};

/// JSON, with a newline at its end: the text that is signed.
std::string render_manifest(const Manifest& manifest);
/// Throws Error{verification} if it is no manifest. File names with a slash, or such as "..", are none.
Manifest parse_manifest(const std::string& text);

std::string_view name(Artifact::Kind kind);
/// "postgres", "mysql": as the configuration says it, too. Throws Error{verification} for any other.
std::string_view name(host::Engine engine);
host::Engine parse_engine(const std::string& text);
/// "1.4 GiB".
std::string render_size(std::uint64_t bytes);

}  // namespace flowlet::commands::backup
