// What decides how a stream is written to, apart from asking for it.
#pragma once

#include "flowlet/console.h"

#include <functional>
#include <optional>

namespace flowlet::console {

/// All that find_look asks the machine for.
struct Surroundings {
    std::function<std::optional<std::string>(const char* name)> variable;
    bool terminal = false;
    std::optional<int> width;
};
Look decide_look(const Surroundings& surroundings, Color wish);

/// The columns of the terminal behind a descriptor, nothing if it is none.
std::optional<int> terminal_width(int descriptor);

}  // namespace flowlet::console
