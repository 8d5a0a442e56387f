// What overrides the file: FLOWLET_ variables, --set and the flags that stand for a key.
#pragma once

#include "config/findings.h"
#include "config/layers.h"
#include "flowlet/config.h"

namespace flowlet::config {

/// The names that stand directly below a section, in byte order: names_below(values, "databases") → {"primary"}.
std::vector<std::string> names_below(const Values& values, std::string_view section);

/// Puts the value of every FLOWLET_ variable over what is there; one that names no key is a finding.
void apply_variables(const std::map<std::string, std::string>& variables, Layers& layers, Findings& findings);

/// Puts the overrides over what is there, in their order.
void apply_overrides(std::span<const Request::Override> overrides, Layers& layers, Findings& findings);

}  // namespace flowlet::config
