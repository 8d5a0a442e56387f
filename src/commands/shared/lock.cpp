#include "commands/shared/lock.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::commands {
namespace {

/// A lease outlives its run by this much, so that a rollback that takes its time is still covered.
constexpr Millis lease_margin{15 * 60 * 1000};

std::string read_line(const host::Probe& probe, const std::string& path) {
    return std::string(trim(probe.read_file(path)));
}

/// "host/boot/pid/start": enough to tell later whether the process still runs.
std::string own_process(const host::Probe& probe) {
    const std::string stat = read_line(probe, "/proc/self/stat");
    const std::vector<std::string> fields = split(stat.substr(stat.rfind(')') + 1), ' ');
    constexpr std::size_t start_time = 20;
    return read_line(probe, "/proc/sys/kernel/hostname") + "/" + read_line(probe, "/proc/sys/kernel/random/boot_id") +
           "/" + stat.substr(0, stat.find(' ')) + "/" + (fields.size() > start_time ? fields[start_time] : "");
}

nlohmann::json lease_body(const Target& target, Time now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(target.timeout + lease_margin).count();
    return {{"apiVersion", "coordination.k8s.io/v1"},
            {"kind", "Lease"},
            {"metadata",
             {{"name", "flowletctl-" + target.release},
              {"namespace", target.space},
              {"annotations",
               {{"flowletctl.io/process", own_process(target.session.probe)},
                {"flowletctl.io/run", target.session.run_id}}}}},
            {"spec",
             {{"holderIdentity", target.session.user},
              {"acquireTime", render_time(now)},
              {"renewTime", render_time(now)},
              {"leaseDurationSeconds", seconds}}}};
}

host::Request request(std::string method, std::string path, const nlohmann::json& body) {
    return {std::move(method), std::move(path), body.dump(), "application/json", "application/json"};
}

/// Does the process "host/boot/pid/start" that holds a lock still run? Only this machine's own can be told.
bool is_dead(const host::Probe& probe, const std::string& process) {
    const std::vector<std::string> parts = split(process, '/');
    if (parts.size() != 4) {
        return false;
    }
    const auto read = [&](const std::string& path) {
        try {
            return std::string(trim(probe.read_file(path)));
        } catch (const Error&) {
            return std::string();
        }
    };
    if (read("/proc/sys/kernel/hostname") != parts[0]) {
        return false;
    }
    if (read("/proc/sys/kernel/random/boot_id") != parts[1]) {
        return true;
    }
    const std::string stat = read("/proc/" + parts[2] + "/stat");
    const std::vector<std::string> fields = split(stat.substr(std::min(stat.size(), stat.rfind(')') + 1)), ' ');
    constexpr std::size_t start_time = 20;
    return fields.size() <= start_time || fields[start_time] != parts[3];
}

}  // namespace

host::Request get_lock(const std::string& space, const std::string& release) {
    const kube::Resource leases{"coordination.k8s.io/v1", "Lease", "leases", true};
    return kube::get(leases, {"coordination.k8s.io/v1", "Lease", space, "flowletctl-" + release});
}

Lock parse_lock(const host::Probe& probe, const std::string& body) {
    const nlohmann::json lease = nlohmann::json::parse(body);
    const nlohmann::json spec = lease.value("spec", nlohmann::json::object());
    const nlohmann::json metadata = lease.value("metadata", nlohmann::json::object());
    const nlohmann::json notes = metadata.value("annotations", nlohmann::json::object());
    Lock lock;
    lock.holder = printable(spec.value("holderIdentity", ""));
    lock.resource_version = metadata.value("resourceVersion", "");
    const std::optional<Time> renewed = parse_time(spec.value("renewTime", ""));
    if (renewed) {
        lock.expires = *renewed + std::chrono::seconds(spec.value("leaseDurationSeconds", 0));
    }
    const bool expired = !lock.expires || *lock.expires < probe.now();
    lock.dead = expired || is_dead(probe, notes.value("flowletctl.io/process", ""));
    return lock;
}

plan::Step plan_lock(const Target& target, const std::optional<Lock>& found, Time now) {
    if (found && !found->dead) {
        throw Error(
            Kind::conflict,
            "release " + target.release + " in " + target.space + " is being deployed by " + found->holder +
                (found->expires ? " (their lock ends at " + render_time(*found->expires) + " at the latest)" : ""),
            "wait for it; or, if that run is gone for good: kubectl -n " + target.space + " delete lease flowletctl-" +
                target.release);
    }
    const std::string folder = "/apis/coordination.k8s.io/v1/namespaces/" + target.space + "/leases";
    const std::string path = folder + "/flowletctl-" + target.release;
    nlohmann::json body = lease_body(target, now);
    plan::Send take;
    take.endpoint = target.cluster.endpoint;
    take.refused = Kind::conflict;
    if (found) {
        // The version makes the takeover a compare-and-swap: of two runs that see one dead holder, one wins.
        body["metadata"]["resourceVersion"] = found->resource_version;
        take.request = request("PUT", path, body);
    } else {
        take.request = request("POST", folder, body);
    }
    plan::Send release;
    release.endpoint = target.cluster.endpoint;
    release.request.method = "DELETE";
    release.request.path = path;
    release.accept = {200, 202, 404};
    plan::Step step;
    step.id = "lock";
    step.what = "lock release " + target.release + " in " + target.space +
                (found ? " (left behind by " + found->holder + ")" : "");
    step.action = take;
    step.undo.push_back({"unlock release " + target.release, release});
    step.always = true;
    return step;
}

}  // namespace flowlet::commands
