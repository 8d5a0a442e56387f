// The state of the machine: room on disks, rights, the clock.
#pragma once

#include <cstdint>
#include <string>

namespace flowlet::host {

std::uint64_t space_at(const std::string& path);
bool is_writable(const std::string& path);
bool is_clock_kept();

}  // namespace flowlet::host
