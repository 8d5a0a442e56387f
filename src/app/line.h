// The command line: argv → what was asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/out.h"
#include "flowlet/commands.h"
#include "flowlet/console.h"

namespace flowlet::app {

/// Flags that every command has.
struct Globals {
    std::string environment;
    std::string root;
    std::vector<std::string> sets;
    Form form;
    enum class Mode { perform, rehearse } mode = Mode::perform;
    enum class Volume { usual, quiet } volume = Volume::usual;
};

struct Line {
    Globals globals;
    commands::Invocation invocation;
    /// What flowletctl says of itself: print it and be done.
    struct Own {
        std::string kind;  ///< Help, Version, CompletionScript
        std::string text;
    };
    std::optional<Own> own;
};

/// Throws Error{usage} with did-you-mean for what is unknown.
Line parse_line(const std::vector<std::string>& args);

/// What -o and --color say, read without parsing, so that a usage error can answer in the form that was asked for.
Form find_form(const std::vector<std::string>& args);

}  // namespace flowlet::app
