// What the kernel tells of processes and of sockets that listen, under /proc.
#pragma once

#include "flowlet/host/keeper.h"

#include <span>
#include <vector>

namespace flowlet::host {

/// Nothing if there is none of that number, or it has ended and only waits to be taken off.
std::optional<ProcessInfo> look_at_process(int pid);
std::vector<ProcessInfo> all_processes();
/// The numbers of all, in their order: much cheaper than to look at each.
std::vector<int> all_process_numbers();
std::vector<Listener> find_listeners(std::span<const int> ports);
std::string boot_id();

/// The children of the calling process's first thread: those it started there, and those that came to it as a
/// subreaper. Ended ones, too.
std::vector<int> children_of_first_thread();

/// False if it is gone.
bool signal_process(const Process& process, int signal);
void await_all(std::span<const Process> processes, Millis wait, int stop_descriptor);

}  // namespace flowlet::host
