#include "host/idle.h"

#include "host/files.h"

#include <gtest/gtest.h>

#include <string>

#include "flowlet/base.h"

namespace flowlet::host {
namespace {

/// Bytes of files that this process has in its memory.
long mapped() {
    for (const std::string& line : split(read_whole("/proc/self/status", 65536), '\n')) {
        if (line.starts_with("RssFile:")) return std::stol(line.substr(line.find(':') + 1));
    }
    return -1;
}

TEST(Idle, pages_of_programs_are_given_back_and_come_again) {
    const std::string heap(1000000, 'x');
    const long before = mapped();
    release_memory();
    EXPECT_LT(mapped(), before / 2);
    // What was relocated and what was written is still there: this goes on.
    EXPECT_EQ(heap, std::string(1000000, 'x'));
    EXPECT_EQ(printable("still here"), "still here");
}

}  // namespace
}  // namespace flowlet::host
