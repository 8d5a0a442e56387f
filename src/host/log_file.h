// A file of lines that is kept and begun anew at a size.
#pragma once

#include "flowlet/host/keeper.h"

#include <cstdint>
#include <memory>
#include <string>

namespace flowlet::host {

std::unique_ptr<LogFile> open_log_file(const std::string& path, std::uint64_t limit, int older);

}  // namespace flowlet::host
