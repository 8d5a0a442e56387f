#include "host/idle.h"

#include "flowlet/base.h"
#include "host/files.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>

namespace flowlet::host {

namespace {

/// One mapping of this process, as /proc/self/smaps tells of it.
struct Mapping {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    bool of_file = false;
    bool writable = false;
};

/// "7f1c0a000000-7f1c0a021000 r-xp 00000000 08:01 1234   /usr/lib/x86_64-linux-gnu/libc.so.6".
Mapping parse_head(const std::string& line) {
    Mapping mapping;
    char write = '-';
    // NOLINTNEXTLINE(cert-err34-c,cppcoreguidelines-pro-type-vararg): the kernel writes it, and what is no head has 0
    if (std::sscanf(line.c_str(), "%lx-%lx %*c%c", &mapping.begin, &mapping.end, &write) != 3) return {};
    mapping.of_file = line.find(" /") != std::string::npos;
    mapping.writable = write != '-';
    return mapping;
}

/// Where nothing was written to: what the linker has relocated is this process's own, though it is read-only by now.
bool is_clean(const std::string& line) {
    return trim(std::string_view(line).substr(line.find(':') + 1)) == "0 kB";
}

}  // namespace

void release_memory() {
    ::malloc_trim(0);
    constexpr std::size_t longest = std::size_t{16} << 20U;
    Mapping mapping;
    for (const std::string& line : split(read_whole("/proc/self/smaps", longest), '\n')) {
        if (const Mapping next = parse_head(line); next.end != 0) mapping = next;
        if (!line.starts_with("Anonymous:") || !is_clean(line) || !mapping.of_file || mapping.writable) continue;
        // NOLINTNEXTLINE(performance-no-int-to-ptr): the kernel names memory by numbers
        ::madvise(reinterpret_cast<void*>(mapping.begin), mapping.end - mapping.begin, MADV_DONTNEED);
    }
}

}  // namespace flowlet::host
