// The data themselves, counted and digested a table at a time, whatever the order of their rows: what a dump is
// measured by, and what a restored database is compared with.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "commands/backup/manifest.h"
#include "flowlet/plan.h"

namespace flowlet::commands::backup {

/// A text as SQL writes it, with standard_conforming_strings.
std::string quote_literal(std::string_view text);

using TakeDigests = std::function<std::optional<plan::Cause>(std::vector<TableDigest> tables)>;

/// Every table whose rows pg_dump dumps. For each: the number of its rows, and the sums of two 64-bit halves of the
/// SHA-256 of each row as text, with the settings that shape the text held fast. The same rows give the same digest on
/// every server of the same encoding that writes their types alike.
plan::Survey survey_tables(const host::Database& database, TakeDigests take);
/// The same by other statements: `first`, and what is made of its answer; each of those gives a table's name, the
/// number of its rows, and their digest.
plan::Survey survey_by(const host::Database& database, const std::string& first,
                       std::function<std::vector<std::string>(const host::Rows& first)> choose, TakeDigests take);
/// Asks nothing and takes nothing: only the snapshot is held.
plan::Survey survey_nothing(const host::Database& database);

/// What differs, as "schema.table: 3 rows instead of 4", at most `most` lines. Empty: nothing.
std::vector<std::string> compare(std::span<const TableDigest> wanted, std::span<const TableDigest> found,
                                 std::size_t most);

}  // namespace flowlet::commands::backup
