#include "run/processes.h"

#include <csignal>

namespace flowlet::run {
namespace {

constexpr Millis patience_with_the_kernel{5000};

std::vector<std::string> names_of(const std::vector<host::ProcessInfo>& processes) {
    std::vector<std::string> names;
    for (const host::ProcessInfo& process : processes)
        names.push_back(render(process));
    return names;
}

void send_and_wait(host::Host& host, const std::vector<host::ProcessInfo>& processes, int signal, Millis wait) {
    std::vector<host::Process> ids;
    for (const host::ProcessInfo& process : processes) {
        host.signal(process.id, signal);
        ids.push_back(process.id);
    }
    host.await_ends(ids, wait);
}

/// Who is left, though it was killed: again and again, for one may be born while another dies.
std::vector<host::ProcessInfo> kill_all(host::Host& host, const plan::End& end) {
    constexpr int rounds = 5;
    std::vector<host::ProcessInfo> left = end.choose(host.processes());
    for (int round = 0; round < rounds && !left.empty(); ++round) {
        send_and_wait(host, left, SIGKILL, patience_with_the_kernel);
        left = end.choose(host.processes());
    }
    return left;
}

void remove_files(host::Host& host, const std::vector<std::string>& files) {
    for (const std::string& file : files) {
        if (host.file_info(file).type != host::FileType::none) host.remove_file(file);
    }
}

}  // namespace

Result Processes::act(const plan::End& end, const Waiting& waiting) {
    Result result;
    try {
        const std::vector<host::ProcessInfo> first = end.choose(host_.processes());
        waiting(names_of(first));
        if (!first.empty()) send_and_wait(host_, first, SIGTERM, end.grace);
        const std::vector<host::ProcessInfo> left = kill_all(host_, end);
        if (left.empty()) {
            remove_files(host_, end.files);
            if (!end.mark.empty()) host_.remove_groups(end.mark);
            result.note = first.empty() ? "nothing was left" : "";
            return result;
        }
        result.cause = plan::Cause{};
        result.cause->reason = "Survivors";
        result.cause->message = "killed, and still there: " + join(names_of(left), ", ");
        result.cause->next = "the kernel holds them, often for a disk or a network that does not answer";
    } catch (const Error& error) {
        result.kind = error.kind();
        result.cause = plan::Cause{};
        result.cause->reason = "Failed";
        result.cause->message = error.what();
        result.cause->next = error.hint();
    }
    return result;
}

Result Processes::act(const plan::Detach& detach) {
    Result result;
    try {
        host_.detach(detach.command, detach.log, detach.socket, detach.wait);
    } catch (const Error& error) {
        result.kind = error.kind();
        result.cause = plan::Cause{};
        result.cause->object = printable(detach.command.program.substr(detach.command.program.rfind('/') + 1));
        result.cause->reason = "NotStarted";
        result.cause->message = error.what();
        result.cause->next = error.hint();
    }
    return result;
}

}  // namespace flowlet::run
