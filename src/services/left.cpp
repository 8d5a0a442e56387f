#include <algorithm>
#include <map>
#include <set>

#include "flowlet/services.h"
#include "flowlet/stream.h"

namespace flowlet::services {
namespace {

/// The numbers of sessions that are still those of the record's leaders.
std::map<int, std::uint64_t> sessions_of(std::span<const host::ProcessInfo> all, const std::optional<Record>& record,
                                         std::string_view boot) {
    std::map<int, std::uint64_t> sessions;
    if (!record || record->boot != boot) return sessions;
    for (const Record::Started& one : record->started) {
        const bool taken = std::any_of(all.begin(), all.end(), [&](const host::ProcessInfo& process) {
            return process.id.pid == one.leader.pid && process.id != one.leader;
        });
        if (!taken) sessions[one.leader.pid] = one.leader.started;
    }
    return sessions;
}

/// A process and all it descends from.
std::set<int> line_of(std::span<const host::ProcessInfo> all, int pid) {
    std::map<int, int> parents;
    for (const host::ProcessInfo& process : all)
        parents[process.id.pid] = process.parent;
    std::set<int> line;
    while (pid != 0 && line.insert(pid).second)
        pid = parents.contains(pid) ? parents[pid] : 0;
    return line;
}

}  // namespace

std::string mark_of(std::string_view root) {
    constexpr std::size_t digits = 16;
    return stream::sha256_hex(root).substr(0, digits);
}

std::string mark_of(std::string_view root, std::string_view service) {
    return mark_of(root) + "/" + std::string(service);
}

std::vector<host::ProcessInfo> find_left(std::span<const host::ProcessInfo> all, std::string_view mark,
                                         const std::optional<Record>& record, std::string_view boot, int self) {
    const std::map<int, std::uint64_t> sessions = sessions_of(all, record, boot);
    const std::set<int> spared = line_of(all, self);
    const std::string group = "/flowletctl-" + std::string(mark) + ".";
    std::vector<host::ProcessInfo> left;
    for (const host::ProcessInfo& process : all) {
        const auto session = sessions.find(process.session);
        const bool of_session = session != sessions.end() && process.id.started >= session->second;
        const bool of_mark = process.mark.starts_with(std::string(mark) + "/");
        const bool of_group = process.cgroup.find(group) != std::string::npos;
        if ((of_session || of_mark || of_group) && !spared.contains(process.id.pid)) left.push_back(process);
    }
    return left;
}

}  // namespace flowlet::services
