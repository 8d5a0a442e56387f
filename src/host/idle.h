// What a process that is about to wait for long gives back.
#pragma once

namespace flowlet::host {

/// Gives free heap back, and the pages of programs and libraries that nobody has written to: they are the kernel's copy
/// of a file, and are there again once they are needed. Linux madvise(2), MADV_DONTNEED. Costs a few milliseconds.
void release_memory();

}  // namespace flowlet::host
