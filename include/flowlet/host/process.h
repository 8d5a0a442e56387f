// Programs that are run to their end.
#pragma once

#include "flowlet/base.h"

#include <map>
#include <string>
#include <vector>

namespace flowlet::host {

/// One child process. There is no shell: `args` arrive as they are. The child gets its own process group, /dev/null or
/// `input` as its standard input, no inherited descriptor, umask 077, no core dump, and an environment of the allowed
/// names (docs/decisions/0003) plus `env`.
struct Command {
    std::string program;  ///< an absolute path, as found by Probe::find_program
    std::vector<std::string> args;
    std::map<std::string, std::string> env;  ///< added to the allowed environment; never a secret that is not needed
    std::string input;                       ///< bytes for standard input; may hold a secret
    std::string folder;                      ///< working directory; empty: the caller's
    Millis timeout{60000};                   ///< then SIGTERM to the group, `grace` later SIGKILL
    Millis grace{10000};
    /// What it finds in /dev/fd/3 and /dev/fd/4: files in memory that only its user may read. Two at most.
    std::vector<Secret> handed = {};
    /// In a flow: `some`: it may end well without having read everything that it was given.
    enum class Reads { all, some } reads = Reads::all;
    /// Of the program and all that it starts: `usual` can gain no rights, so sudo and its like are of no use to it.
    enum class Rights { usual, may_gain } rights = Rights::usual;
};

/// "helm upgrade flowlet …" as a person would type it, quoted where a shell would need it. For plans, logs, errors.
std::string render(const Command& command);

/// What became of a child. Output past 64 MiB a stream is dropped and said so in `clipped`.
struct Exit {
    int code = 0;    ///< the exit status, or 128 + signal
    int signal = 0;  ///< the signal that ended it, 0 if none
    bool timed_out = false;
    bool interrupted = false;  ///< it was ended because flowletctl was asked to stop
    bool clipped = false;
    std::string out;
    std::string err;
    [[nodiscard]] bool ok() const noexcept { return code == 0 && !timed_out && !interrupted; }
};

}  // namespace flowlet::host
