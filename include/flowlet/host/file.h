// Files and folders, looked at; locks.
#pragma once

#include <cstdint>

namespace flowlet::host {

enum class FileType { none, regular, folder, other };

struct FileInfo {
    FileType type = FileType::none;
    std::uint64_t size = 0;
    std::uint32_t owner = 0;
    std::uint32_t mode = 0;  ///< permission bits only
};

/// A lock that ends with this object, and with the process, however that ends.
class FileLock {
public:
    virtual ~FileLock() = default;
};

}  // namespace flowlet::host
