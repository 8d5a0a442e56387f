// Looking around in a folder that may be large, unreadable or a circle.
#pragma once

#include <string>
#include <vector>

#include "flowlet/host.h"

namespace flowlet::commands::init {

/// "a/b" below "" and ".", "a" and "b".
std::string below(const std::string& folder, const std::string& name);

/// The project's folder; all paths are relative to it. What cannot be read is noted, never thrown.
class Folder {
public:
    Folder(const host::Probe& probe, std::string root) : probe_(probe), root_(std::move(root)) {}

    [[nodiscard]] bool has_file(const std::string& path) const;
    [[nodiscard]] bool has_folder(const std::string& path) const;
    /// The names that a configuration can hold; nothing when the folder is not there.
    std::vector<std::string> names(const std::string& path);
    /// At most 1 MiB; empty when it cannot be read.
    std::string text(const std::string& path);
    /// The folders that hold this file, the shallowest first, at most `depth` below `start`; not within each other.
    std::vector<std::string> folders_with(const std::string& file, const std::string& start, int depth);

    void note(const std::string& text);
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

private:
    [[nodiscard]] std::string absolute(const std::string& path) const;

    const host::Probe& probe_;
    std::string root_;
    std::vector<std::string> notes_;
};

}  // namespace flowlet::commands::init
