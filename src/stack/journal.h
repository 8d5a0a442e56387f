// What the services say: in files of their own, to whoever follows, and the last of it in memory.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "flowlet/host.h"
#include "flowlet/plan.h"

namespace flowlet::stack {

class Journal {
public:
    Journal(host::Host& host, const plan::Stack& stack) : host_(host), stack_(stack) {}

    /// Whole lines of a service. What cannot be written is told once by complaint().
    void add(host::Keeper& keeper, const std::string& service, std::string_view lines, Time now);
    /// A caller who is sent what comes from now on of these services, or of all.
    void follow(host::Keeper& keeper, int caller, const std::vector<std::string>& services, Time now);
    void forget(int caller) { followers_.erase(caller); }
    void end(host::Keeper& keeper);
    /// The last lines of a service, oldest first.
    [[nodiscard]] std::vector<std::string> last(const std::string& service) const;
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
    void write(const std::string& service, std::string_view stamped);
    Time stamp(Time now);

    host::Host& host_;
    const plan::Stack& stack_;
    std::map<std::string, std::unique_ptr<host::LogFile>, std::less<>> files_;
    std::map<std::string, std::string, std::less<>> tails_;
    std::map<int, std::set<std::string, std::less<>>> followers_;
    Time last_stamp_{};
    std::string complaint_;
};

}  // namespace flowlet::stack
