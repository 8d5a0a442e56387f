// One fork and execve, with everything a child is promised. Who calls this waits for the child, too.
#pragma once

#include "flowlet/host.h"
#include "host/descriptor.h"

#include <sys/types.h>

namespace flowlet::host {

/// What becomes descriptors 0, 1 and 2 of the child; borrowed.
struct Stdio {
    int in = -1;
    int out = -1;
    int err = -1;
};

struct Child {
    pid_t pid = -1;
    Descriptor ended;  ///< a pidfd: readable from the moment the child has ended
};

/// Starts it, as the leader of a new process group. When the calling thread ends, the child is sent `death_signal`: so
/// call it from a thread that outlives the child. Throws Error{tool_missing} if it cannot be started.
Child spawn(const Command& command, const Stdio& stdio, int death_signal);

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
