// The environment of this process, and the part of it that a child may see.
#pragma once

#include <map>
#include <optional>
#include <string>

namespace flowlet::host {

std::optional<std::string> variable(const std::string& name);
std::map<std::string, std::string> variables_with_prefix(const std::string& prefix);

/// The variables on the list of allowed names. LD_PRELOAD, BASH_ENV, PYTHONPATH and their like are not on it.
std::map<std::string, std::string> allowed_variables();
std::map<std::string, std::string> all_variables();

}  // namespace flowlet::host
