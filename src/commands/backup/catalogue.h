// The catalogue of backups: nothing but what the store itself holds. What has no signed manifest is no backup.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "commands/backup/manifest.h"
#include "commands/backup/records.h"
#include "flowlet/commands.h"

namespace flowlet::commands::backup {

inline constexpr std::string_view manifest_file = "manifest.json";
inline constexpr std::string_view signature_file = "manifest.json.minisig";
inline constexpr std::string_view lock_file = ".lock";
inline constexpr std::string_view drills_folder = "drills";
inline constexpr std::string_view partial_prefix = ".partial-";

/// A finished backup.
struct Entry {
    std::string id;
    std::string folder;                           ///< or the address of its objects, to show
    std::map<std::string, host::Object> objects;  ///< in a bucket: its files by name
    Manifest manifest;
    std::string manifest_sha256;
    std::string trouble;  ///< why it counts for nothing; empty: it is signed by who should sign
};

/// Of all its files, as they are stored.
std::uint64_t stored_bytes(const Entry& entry);

/// The backups of one job: <store>/<system>/<job>/, or their copies in a bucket.
struct Store {
    std::string folder;  ///< or "s3://bucket/…", to show
    std::string system;
    std::string job;
    std::string signer;                        ///< the public key that signatures are checked against
    std::vector<std::string> names;            ///< what is in the folder, without the lock
    std::vector<std::string> partial;          ///< what dead runs left, or a living one is writing
    std::vector<Entry> entries;                ///< oldest first, by serial
    std::vector<std::string> foreign = {};     ///< what else is there, which no backup wrote
    std::vector<std::string> tombstones = {};  ///< ids of those that were pruned
    std::vector<Hold> holds = {};
    std::optional<host::Bucket> bucket = std::nullopt;  ///< where they are, if not in the folder

    /// The newest that counts; nothing if there is none.
    [[nodiscard]] const Entry* newest() const;
    [[nodiscard]] unsigned next_serial() const;
    /// Serials of which nothing is left, not even a tombstone, though later ones are there.
    [[nodiscard]] std::vector<unsigned> gaps() const;
};

/// Reads it. A store that is not there yet is empty.
enum class From { folder, offsite };
Store observe_store(const Session& session, std::string signer, From from = From::folder);

/// How a file of a backup is read.
host::Stage read_stage(const Store& store, const Entry& entry, const std::string& file);

/// The serial in "20261121T191500Z-000042-full", also of one that cannot be read any more; 0: no id of a backup.
unsigned serial_in(const std::string& id);

/// The public key of the configuration: backup.signer, or that of backup.signing_key.
std::string find_signer(const Session& session);

/// The one of that id, or the newest for an empty one. Throws Error{precondition}, with the nearest id; and
/// Error{verification} if it counts for nothing, with the newest that does.
const Entry& find_entry(const Store& store, const std::string& id);

}  // namespace flowlet::commands::backup
