// Questions to the table of keys: which key a path names, what may stand below a section.
#pragma once

#include "flowlet/config.h"

namespace flowlet::config {

/// The key that a path's segments name, nullptr if none. A "*" takes one segment.
const Key* find_key(std::span<const std::string> segments);

/// The same for a dotted path, in which a "*" at the end takes all that is left, dots too ("flowlet.io/tier").
const Key* find_key(std::string_view path);

/// Cuts a dotted path into its segments as find_key does; for a path of no key at every dot.
std::vector<std::string> cut(std::string_view path);

/// What may stand directly below a section: literal words, and whether any name may.
struct Section {
    std::vector<std::string> words;
    bool named = false;
};
/// Nothing when no key lies below these segments.
std::optional<Section> find_section(std::span<const std::string> segments);

/// Whether `name` is one of the literal words below a section, not a name that somebody chose.
bool is_literal(std::span<const std::string> section, std::string_view name);

/// Why a path is no key, ending with the nearest one that is: "unknown key; did you mean deploy.timeout?".
std::string explain_unknown(std::span<const std::string> segments);

/// apiVersion and what stands below `environments` say what the file is; nothing but the file may say it.
bool file_only(const Key& key);

std::string dotted(std::span<const std::string> segments);

}  // namespace flowlet::config
