#include "host/state.h"

#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <filesystem>

namespace flowlet::host {
namespace {

/// The path, or the nearest folder above it that exists.
std::string existing(const std::string& path) {
    std::filesystem::path at(path);
    std::error_code error;
    while (at.has_relative_path() && !std::filesystem::exists(at, error))
        at = at.parent_path();
    return at.empty() ? "." : at.string();
}

}  // namespace

std::uint64_t space_at(const std::string& path) {
    struct statvfs room = {};
    if (::statvfs(existing(path).c_str(), &room) != 0) return 0;
    return static_cast<std::uint64_t>(room.f_bavail) * room.f_frsize;
}

bool is_writable(const std::string& path) {
    return ::access(existing(path).c_str(), W_OK) == 0;
}

bool is_clock_kept() {
    timex state = {};
    const int answer = ::adjtimex(&state);
    return answer != -1 && answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace flowlet::host
