// The programs that Flowlet is developed and run with: which, how old at most, and where Debian has them.
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
};

/// Those of every project. The package manager of node is the one whose lockfile is there.
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
    bool installable = false;  ///< by apt
};

/// By tools.NAME, or in PATH, or where Debian keeps PostgreSQL's server.
Program look_for(const Session& session, const Requirement& wanted);

/// "sudo apt-get install …", for a person to type.
std::string render_install(const std::vector<std::string>& packages);

/// The program, or an Error{tool_missing} that says how to get it.
Program need(const Session& session, std::string_view name);

}  // namespace flowlet::commands::setup
