// Where flowlet.yaml is, and whether it may be believed.
#pragma once

#include "flowlet/host.h"

namespace flowlet::config {

inline constexpr const char* file_name = "flowlet.yaml";

struct Located {
    std::string root;   ///< its folder, absolute
    std::string file;   ///< its path, absolute
    std::string shown;  ///< its path for messages: without the folder when that is the current one
};

/// Throws Error{config} unless the file is a regular one that nobody but its owner may write.
void check_trust(const host::Probe& probe, const std::string& file, const std::string& shown);

/// `root` as given with --root, or empty: the nearest folder upward. Throws Error{precondition} if there is no file.
Located find_file(const host::Probe& probe, const std::string& root);

/// The same, and checks its trust.
Located locate(const host::Probe& probe, const std::string& root);

}  // namespace flowlet::config
