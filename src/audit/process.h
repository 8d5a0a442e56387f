// Who a process is beyond its number, and whether it still lives.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace flowlet::audit {

/// The time at which a process began, in clock ticks since boot (/proc/PID/stat); 0 when there is no such process.
std::uint64_t process_start(std::int64_t pid);

/// Nanoseconds since boot, sleep included: within one boot it never goes back.
std::uint64_t boot_clock();

/// The first line of a file of /proc; "" when it cannot be read.
std::string first_line(const std::string& path);

/// Whether the process of a record's `from` is surely gone: it ran on this host, under an earlier boot or as a process
/// that does not exist any more.
bool is_gone(const nlohmann::json& from, const std::string& host, const std::string& boot);

}  // namespace flowlet::audit
