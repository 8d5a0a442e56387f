// config: shows what counts, where it comes from, and what would be wrong, for one environment or all of them.
#pragma once

#include <string>

#include "flowlet/commands.h"

namespace flowlet::commands::config {

void declare(CLI::App& part, Invocation& invocation);

struct ShowOptions {
    bool origin = false;  ///< also the layer and the place of each value
};
plan::View view_values(const Session& session, const ShowOptions& options);

/// Everything that was said of one key, the strongest first. Throws Error{usage} for a path that is no key.
plan::View view_key(const Session& session, const std::string& path);

/// Loads every environment; the verdict is `config` when one of them cannot be used.
plan::View view_validation(const Session& session);

/// The JSON Schema (2020-12) of flowlet.yaml, from the table of keys: for editors.
plan::View view_schema(const Session& session);

/// The keys whose values differ between two environments.
plan::View view_differences(const Session& session, const std::string& one, const std::string& other);

}  // namespace flowlet::commands::config
