// The processes of a fake machine: as a test lists them; a signal ends one that does not trap it.
#pragma once

#include "flowlet/host.h"

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace flowlet::fakes {

struct Crowd : host::Host {
    // ---- what a test sets ----
    std::vector<host::ProcessInfo> people;
    std::vector<host::Listener> doors;
    std::set<std::pair<int, int>> traps;                         ///< {pid, signal}: it does not end by it
    std::function<void(const host::Command&)> detached;          ///< may throw
    std::function<std::string(const std::string&, int)> knocks;  ///< unset: nobody answers

    // ---- what it reads afterwards ----
    std::vector<std::pair<int, int>> signals;  ///< {pid, signal}
    std::vector<std::string> groups;           ///< marks of stacks whose groups were removed

    [[nodiscard]] std::vector<host::ProcessInfo> processes() const override { return people; }
    [[nodiscard]] std::vector<host::Listener> listeners(std::span<const int> ports) const override {
        std::vector<host::Listener> found;
        std::copy_if(doors.begin(), doors.end(), std::back_inserter(found), [&](const host::Listener& door) {
            return std::find(ports.begin(), ports.end(), door.port) != ports.end();
        });
        return found;
    }
    [[nodiscard]] std::string boot() const override { return "boot-1"; }
    [[nodiscard]] host::Process self() const override { return {1000, 1}; }
    [[nodiscard]] std::string knock(const std::string& address, int port, Millis /*timeout*/) const override {
        return knocks ? knocks(address, port) : "Connection refused";
    }
    [[nodiscard]] std::string knock(const host::Database& /*database*/, Millis /*timeout*/) const override {
        return "nobody answers";
    }
    bool signal(const host::Process& process, int signal) override {
        const auto found =
            std::find_if(people.begin(), people.end(), [&](const auto& one) { return one.id == process; });
        if (found == people.end()) return false;
        signals.emplace_back(process.pid, signal);
        if (signal == SIGKILL || !traps.contains({process.pid, signal})) people.erase(found);
        return true;
    }
    void remove_groups(const std::string& mark) override { groups.push_back(mark); }
    void await_ends(std::span<const host::Process> /*processes*/, Millis /*wait*/) override {}
    void detach(const host::Command& command, const std::string& /*log*/, const std::string& /*socket*/,
                Millis /*wait*/) override {
        if (detached) detached(command);
    }
    void keep(const std::string& /*folder*/, host::Household& /*household*/) override {
        throw std::logic_error("a fake machine keeps nothing");
    }
    std::unique_ptr<host::LogFile> open_log(const std::string& /*path*/, std::uint64_t /*limit*/,
                                            int /*older*/) override {
        throw std::logic_error("a fake machine has no logs");
    }
};

}  // namespace flowlet::fakes
