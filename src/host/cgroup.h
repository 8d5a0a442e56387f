// A group of the kernel's own (cgroup v2) for everything that a service starts: nobody leaves it by forking.
#pragma once

#include <memory>
#include <string>

#include "host/descriptor.h"

namespace flowlet::host {

class Cgroup {
public:
    /// A new group "flowletctl-<mark>.<number>" below the caller's own. Nothing where there is no hierarchy of version
    /// 2 or the caller may not write there.
    static std::unique_ptr<Cgroup> make(const std::string& mark, int number);
    /// Removes those of a stack that nobody is in, as a killed process left them below the caller's own group.
    static void remove_empty(const std::string& stack);
    explicit Cgroup(std::string folder);
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;
    /// Removes it, if it is empty.
    ~Cgroup();

    /// Its folder.
    [[nodiscard]] int folder() const { return open_folder_.get(); }
    /// Its path in the hierarchy, as /proc/PID/cgroup shows it.
    [[nodiscard]] const std::string& name() const { return name_; }
    /// Kills all that are in it at once.
    void kill();

private:
    std::string folder_;
    std::string name_;
    Descriptor open_folder_;
};

}  // namespace flowlet::host
