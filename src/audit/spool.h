// Outcomes that could not be written to the log, kept beside it until the next writer takes them in.
#pragma once

#include <string>
#include <vector>

#include "audit/folder.h"
#include "audit/recent.h"

namespace flowlet::audit {

class Spool {
public:
    /// Holds what is there, if anything, until it is destroyed.
    explicit Spool(const Folder& folder);

    /// The spooled records as they may be appended: as outcomes where their intent waits for one, else as events.
    [[nodiscard]] std::vector<Json> records(const std::map<std::uint64_t, Json>& open_intents, const Json& run) const;
    /// They are in the log: removes the file.
    void clear() const;

private:
    const Folder& folder_;
    Descriptor file_;
    std::vector<std::string> lines_;
};

/// Adds a record to the spool. Returns its path. Throws Error{audit_unavailable}.
std::string put_in_spool(const std::string& folder, const Json& record);

}  // namespace flowlet::audit
