// One fork and execve, with everything a child is promised. Who calls this waits for the child, too.
#pragma once

#include "flowlet/host.h"
#include "host/descriptor.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace flowlet::host {

/// What becomes descriptors 0, 1 and 2 of the child; borrowed.
struct Stdio {
    int in = -1;
    int out = -1;
    int err = -1;
};

/// How a child differs from a tool that is run to its end.
struct Birth {
    int death_signal = 0;  ///< sent to it when the calling thread ends; 0: none
    /// A tool's: a group of its own, umask 077, no core dump, no new privileges. A service's: a session of its own, and
    /// otherwise as the caller is.
    enum class Rights { tool, service } rights = Rights::tool;
    int cgroup = -1;                     ///< the folder of the cgroup that it is born in; borrowed
    std::vector<std::string> variables;  ///< its environment: NAME=value
};

struct Child {
    pid_t pid = -1;
    Descriptor ended;  ///< a pidfd: readable from the moment the child has ended
};

/// Starts it, as the leader of a new process group. When the calling thread ends, the child is sent `death_signal`: so
/// call it from a thread that outlives the child. Throws Error{tool_missing} if it cannot be started.
Child spawn(const Command& command, const Stdio& stdio, int death_signal);

/// The same in any other way. Of the command, what is in `birth` does not count.
Child spawn(const Command& command, const Stdio& stdio, const Birth& birth);

/// Ends what is left of the group and takes the wait status of its leader, which must have ended.
int reap(const Child& child);

/// A descriptor for standard input: /dev/null, or an anonymous file in memory that holds `input`.
Descriptor open_input(const std::string& input);

/// Both ends close on exec.
struct Pipe {
    Descriptor reader;
    Descriptor writer;
};
Pipe open_pipe();

}  // namespace flowlet::host
