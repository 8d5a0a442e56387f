// The folder of the audit log, opened once and trusted only while it is what it was: ours, private, in its place.
#pragma once

#include <string>

#include "audit/descriptor.h"
#include "flowlet/base.h"

namespace flowlet::audit {

/// Throws Error{audit_unavailable}: "audit log: <what>: <the system's word for errno>".
[[noreturn]] void fail(const std::string& what, int error = 0);

enum class Missing { create, leave };

class Folder {
public:
    /// Makes it 0700 where missing. Refuses a symlink, another owner, and one that others may write.
    explicit Folder(const std::string& path);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string path_of(const std::string& name) const { return path_ + "/" + name; }
    /// Opens a regular file of ours for reading and appending; 0600 when made. Refuses a symlink, a second hard link,
    /// another owner, and one that others may write. Not open when it is missing and to be left so.
    [[nodiscard]] Descriptor open_file(const std::string& name, Missing missing) const;
    /// Whether that name in the folder, and the folder at its path, are still what was opened.
    [[nodiscard]] bool still_holds(const Descriptor& file, const std::string& name) const;
    void sync() const;
    void remove(const std::string& name) const;

private:
    std::string path_;
    Descriptor folder_;
};

/// Takes an exclusive flock, asking again after 1 to 50 ms until `wait` has passed. False when it could not be had.
bool lock(const Descriptor& file, Millis wait);

}  // namespace flowlet::audit
