// The programs that Flowlet is developed and run with: which, how old at most, and where they are to be had.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flowlet/commands.h"

namespace flowlet::commands::setup {

struct Requirement {
    std::string_view name;
    Version oldest;
    enum class Need { required, optional } need = Need::required;
    std::string_view package;    ///< Debian's; empty: Debian has none that is new enough
    std::string_view elsewhere;  ///< where it is to be had then
    std::string_view program;    ///< what is run, if it is not called `name`
    std::string_view asks;       ///< its arguments, between '|'; empty: --version
    /// Who else has it, for a folder of flowletctl's own, and which version of what.
    enum class Own { none, go, npm, pip } own = Own::none;
    std::string_view source = {};
};

/// Those of every project. Managers of packages that have a lockfile of their own are asked for by name.
std::span<const Requirement> requirements();
/// Throws Error{bug}.
const Requirement& find_requirement(std::string_view name);

struct Program {
    const Requirement* wanted = nullptr;
    enum class State { ok, missing, old, broken } state = State::missing;
    std::string path;
    Version version;
    std::string trouble;  ///< empty when it is ok
    std::string hint;
    bool in_debian = false;  ///< apt installs it, and it is then found
    bool to_own = false;     ///< its `source` can be installed into flowletctl's own folder, and is then found
};

/// By tools.NAME, or in PATH, or where Debian keeps PostgreSQL's server.
Program look_for(const Session& session, const Requirement& wanted);

/// "sudo apt-get install …", for a person to type.
std::string render_install(const std::vector<std::string>& packages);

/// The program, or an Error{tool_missing} that says how to get it.
Program need(const Session& session, std::string_view name);

}  // namespace flowlet::commands::setup
