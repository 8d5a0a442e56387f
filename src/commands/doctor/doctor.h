// doctor: is everything there that the other commands will need? It looks at all of it, whatever it finds on the way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "flowlet/commands.h"

namespace flowlet::commands::doctor {

void declare(CLI::App& part, Invocation& invocation);

/// What became of one look: a text when it went well, or the error it ended with.
struct Look {
    std::string id;  ///< "cluster", "database primary"
    std::string found;
    std::optional<Error> error;
};

struct Facts {
    std::vector<Look> looks;  ///< configuration, tools, cluster, databases, programs that keep secrets
    std::string audit_folder;
    bool audit_writable = false;
    bool audit_there = false;
    std::uint32_t audit_mode = 0;
    std::uint64_t audit_space = 0;
    std::optional<Look> audit_chain;  ///< unset: there is no log yet
    bool clock_kept = false;
    std::vector<std::string> open_files;  ///< files of secrets that everybody may read
};

Facts observe(const Session& session);
/// One row a check, each finding with its fix; Error{unhealthy} as the verdict if one is an error.
plan::View view_health(const Facts& facts);

}  // namespace flowlet::commands::doctor
