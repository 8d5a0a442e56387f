// The log as a file: one append under the lock, durable before it returns.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "audit/folder.h"
#include "audit/recent.h"

namespace flowlet::audit {

class LogFile {
public:
    /// Opens or makes the log. Throws Error{audit_unavailable}.
    LogFile(const std::string& folder, Millis lock_wait);

    /// What is to be appended, given the end of the log as it is under the lock.
    using Make = std::function<std::vector<Json>(const Recent& recent)>;

    /// Gives each record its `v`, `i`, `log` and `prev` and writes them with one write, after a `recover` record where
    /// a killed writer left torn bytes. Durable when it returns. The index of the last one. Throws
    /// Error{audit_unavailable}; what was written by then is completed or named as torn by the next writer.
    std::uint64_t append(const Make& make);

    [[nodiscard]] const Folder& folder() const { return folder_; }

private:
    [[nodiscard]] Descriptor take_lock() const;
    [[nodiscard]] Recent read_recent() const;
    void write(const std::string& bytes) const;

    Folder folder_;
    Descriptor log_;
    Millis lock_wait_;
};

}  // namespace flowlet::audit
