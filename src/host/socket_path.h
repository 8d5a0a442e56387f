// The address of a unix socket holds 107 bytes, a project's folder may have a longer name.
#pragma once

#include "host/descriptor.h"

#include <string>

namespace flowlet::host {

class SocketPath {
public:
    /// Its folder must be there. Throws Error{precondition}.
    explicit SocketPath(const std::string& path);
    /// The path, or one through a descriptor of its folder, that is of use as long as this object lives.
    [[nodiscard]] const std::string& name() const { return name_; }

private:
    std::string name_;
    Descriptor folder_;
};

/// A socket connected to it, or a closed descriptor and errno.
Descriptor connect_to(const SocketPath& path);
/// A socket that listens there, in the place of whatever is there, with 0600. Throws Error{failed}.
Descriptor listen_at(const SocketPath& path);

}  // namespace flowlet::host
