// Values as they stand in a flowlet.yaml.
#pragma once

#include <string>
#include <vector>

namespace flowlet::commands::init {

/// As YAML, and with every $ doubled, for the file's values are searched for ${…}.
std::string render_scalar(const std::string& text);
std::string render_list(const std::vector<std::string>& items);

}  // namespace flowlet::commands::init
