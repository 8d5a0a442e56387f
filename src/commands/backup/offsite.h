// The copy of every backup in a bucket: elsewhere, and, where the bucket can, locked.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "commands/backup/manifest.h"
#include "flowlet/commands.h"
#include "flowlet/plan.h"

namespace flowlet::commands::backup {

/// backup.offsite: where the copies of one job are.
struct Offsite {
    host::Bucket bucket;
    std::string prefix;  ///< of their keys: "prefix/bank/production/"
    Millis lock{0};      ///< 0: they are not locked

    /// "s3://bucket/prefix/bank/production".
    [[nodiscard]] std::string shown() const;
};

/// Nothing where backup.offsite.bucket is not set. Throws Error{config} for what is half set.
std::optional<Offsite> find_offsite(const Session& session, const std::string& system, const std::string& job);

/// The ids of the backups that are there as a whole: whose signature, which is copied last, is there. Throws like
/// Probe::list_objects.
std::vector<std::string> observe_copies(const Session& session, const Offsite& offsite);

/// A finished backup that is to be copied.
struct Original {
    std::string id;
    std::string folder;
    std::vector<std::string> files;  ///< besides the manifest and its signature
    /// Their SHA-256 and that of the manifest, once it is finished.
    std::function<std::string(const std::string& file)> sha256;
    std::optional<Time> keep_until = std::nullopt;  ///< of its legal class: a lock ends no earlier
};

/// Copies each file, reads it back and compares; the manifest comes after the others, its signature last. A lock is
/// proven. They begin after the step `after`; gives back the last one's id.
std::string add_copy(plan::Plan& plan, const Offsite& offsite, const Original& original, Time now,
                     const std::string& after);

}  // namespace flowlet::commands::backup
