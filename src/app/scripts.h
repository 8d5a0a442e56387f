// The scripts that teach bash, zsh and fish to ask `flowletctl __complete`.
#pragma once

#include <string_view>

namespace flowlet::app {

/// "bash", "zsh" or "fish"; of another shell nothing.
std::string_view find_script(std::string_view shell);

}  // namespace flowlet::app
