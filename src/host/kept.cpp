#include "host/kept.h"

#include "host/environment.h"
#include "host/processes.h"

#include <sys/wait.h>

#include <cerrno>
#include <csignal>

namespace flowlet::host {

namespace {

std::vector<std::string> variables_of(const Launch& launch) {
    auto merged = all_variables();
    for (const auto& [name, value] : launch.env)
        merged[name] = value.reveal();
    merged[std::string(mark_name)] = launch.mark;
    std::vector<std::string> lines;
    lines.reserve(merged.size());
    for (const auto& [name, value] : merged)
        lines.push_back(name + "=" + value);
    return lines;
}

Child start(const Launch& launch, Output& output, const Cgroup* cgroup) {
    const Descriptor input = open_input("");
    Birth birth;
    birth.death_signal = SIGKILL;
    birth.rights = Birth::Rights::service;
    birth.cgroup = cgroup == nullptr ? -1 : cgroup->folder();
    birth.variables = variables_of(launch);
    const int writer = output.writer().get();
    Child child = spawn(launch.command, {input.get(), writer, writer}, birth);
    output.writer().close();
    return child;
}

}  // namespace

Kept::Kept(const Launch& launch, int number)
    : mark_(launch.mark),
      cgroup_(Cgroup::make(launch.mark, number)),
      output_(launch.output),
      child_(start(launch, output_, cgroup_.get())) {
    // It cannot have been taken off yet, so this is its own start.
    const auto info = look_at_process(child_.pid);
    leader_ = {child_.pid, info ? info->id.started : 0};
}

Ending Kept::take_end() {
    int status = 0;
    while (::waitpid(child_.pid, &status, 0) < 0 && errno == EINTR) {
    }
    ended_ = true;
    child_.ended.close();
    Ending ending;
    ending.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    ending.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + ending.signal;
    return ending;
}

std::vector<ProcessInfo> Kept::members(std::span<const ProcessInfo> all) const {
    std::vector<ProcessInfo> found;
    for (const ProcessInfo& process : all) {
        const bool of_group = cgroup_ != nullptr && process.cgroup == cgroup_->name();
        const bool of_session = process.session == leader_.pid && process.id.started >= leader_.started;
        if (of_group || of_session || process.mark == mark_) found.push_back(process);
    }
    return found;
}

void Kept::signal(int signal, std::span<const ProcessInfo> all) {
    killed_ = killed_ || signal == SIGKILL;
    if (killed_ && cgroup_ != nullptr) cgroup_->kill();
    // While the leader is not taken off, the number of its group is its own; and a group is reached at once.
    if (!ended_) ::kill(-child_.pid, signal);
    for (const ProcessInfo& process : members(all)) {
        if (ended_ || process.group != child_.pid) signal_process(process.id, signal);
    }
}

}  // namespace flowlet::host
