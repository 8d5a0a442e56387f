// One start of a service: its leader, its output, and whoever descends from it.
#pragma once

#include "flowlet/host/keeper.h"
#include "host/cgroup.h"
#include "host/output.h"
#include "host/spawn.h"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace flowlet::host {

class Kept {
public:
    /// Starts it. Throws Error{tool_missing}.
    Kept(const Launch& launch, int number);

    [[nodiscard]] const Process& leader() const { return leader_; }
    [[nodiscard]] int leader_ended() const { return child_.ended.get(); }
    [[nodiscard]] Output& output() { return output_; }
    /// Takes the leader's end off the kernel. It must have ended.
    Ending take_end();
    [[nodiscard]] bool ended() const { return ended_; }

    /// Who of these belongs to it.
    [[nodiscard]] std::vector<ProcessInfo> members(std::span<const ProcessInfo> all) const;
    void signal(int signal, std::span<const ProcessInfo> all);
    /// Once it was killed, whoever is found of it later is killed, too.
    [[nodiscard]] bool killed() const { return killed_; }

    /// Members whose end is awaited after the leader's: pid → pidfd.
    std::map<int, Descriptor> awaited;

private:
    std::string mark_;
    std::unique_ptr<Cgroup> cgroup_;
    Output output_;
    Child child_;
    Process leader_;
    bool ended_ = false;
    bool killed_ = false;
};

}  // namespace flowlet::host
