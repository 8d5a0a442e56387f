// Completion: what may stand at the end of a line that is being typed.
#pragma once

#include <string>
#include <vector>

#include "flowlet/commands.h"
#include "flowlet/host.h"

namespace flowlet::app {

struct Completion {
    std::vector<commands::Candidate> candidates;
    enum class Paths { none, files, folders } paths = Paths::none;  ///< what the shell itself may offer
    enum class After { space, nothing } after = After::space;       ///< nothing: the word goes on
};

/// `words` are what stands behind the program's name; the last is the one to complete, and may be empty. Reads files
/// at most, writes nothing, and never throws: of what cannot be told there are no candidates.
Completion complete(const std::vector<std::string>& words, host::Probe& probe);

/// A candidate a line, "word<TAB>text"; then directives for the script: ":files", ":folders", ":nospace"; last ":end".
std::string render(const Completion& completion);

}  // namespace flowlet::app
