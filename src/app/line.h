// The command line: argv → what was asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flowlet/commands.h"
#include "flowlet/console.h"

namespace flowlet::app {

/// Flags that every command has.
struct Globals {
    std::string environment;
    std::string root;
    std::vector<std::string> sets;
    console::Format format = console::Format::text;
    console::Color color = console::Color::automatic;
    enum class Mode { perform, rehearse } mode = Mode::perform;
    enum class Volume { usual, quiet } volume = Volume::usual;
};

struct Line {
    Globals globals;
    commands::Invocation invocation;
    std::optional<std::string> text;  ///< help or version: print it and be done
};

/// Throws Error{usage} with did-you-mean for what is unknown.
Line parse_line(const std::vector<std::string>& args);

/// Was -o json asked for? Read before parsing, so that a usage error can answer in JSON too.
bool wants_json(const std::vector<std::string>& args);

}  // namespace flowlet::app
