// A dump that is loaded by several programs side by side: none of them needs it on a disk, each reads its own part of
// the same stream.
#pragma once

#include <string>
#include <vector>

#include "commands/backup/manifest.h"

namespace flowlet::commands::backup {

/// What one program loads.
struct Job {
    std::string section;  ///< of pg_restore: "pre-data", "data" or "post-data"
    std::string list;     ///< the lines of the table of contents that are its; empty: all of the section
    /// Whether it is the one that reads the whole dump, and so proves that it is what was backed up.
    enum class Reads { what_it_needs, everything } reads = Reads::what_it_needs;
};

/// One after the other; the jobs of one run side by side.
struct Shift {
    std::string name;  ///< "tables", "data", "indexes", "rest"
    std::vector<Job> jobs;
};

/// Shares out what `pg_restore --list` says is in a dump: what defines tables; then the data, the largest tables first
/// to whoever has least; then indexes and the constraints that make one; then all that refers to other tables. The
/// constraints of one table stay together, for each locks it. What is not known here stays with the first job of its
/// section, in its order.
std::vector<Shift> share_out(const std::string& listed, const DatabaseRecord& record, unsigned jobs);

}  // namespace flowlet::commands::backup
