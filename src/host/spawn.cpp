#include "host/spawn.h"

#include "host/environment.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

namespace flowlet::host {

namespace {

/// Where a child finds what is handed to it.
constexpr int first_handed = 3;
constexpr std::size_t most_handed = 2;
constexpr int last_handed = first_handed + static_cast<int>(most_handed) - 1;

enum class Point : int { prepare, folder, start };

struct Report {
    Point stage = Point::prepare;
    int error = 0;
};

/// Everything the child needs, made before the fork: after it, only async-signal-safe calls are allowed.
struct Orders {
    const char* program = nullptr;
    char* const* args = nullptr;
    char* const* variables = nullptr;
    const char* folder = nullptr;
    Stdio stdio;
    std::array<int, most_handed> handed = {-1, -1};
    int report = -1;
    int death_signal = 0;
    bool is_service = false;
    bool may_gain_rights = false;
    int cgroup = -1;
    pid_t parent = -1;
};

[[noreturn]] void give_up(const Orders& orders, Point stage) noexcept {
    const Report report{stage, errno};
    const auto written = ::write(orders.report, &report, sizeof report);
    ::_exit(written == sizeof report ? 127 : 126);
}

void reset_signals() noexcept {
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    for (int signal = 1; signal < NSIG; ++signal)
        ::sigaction(signal, &standard, nullptr);
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

void restrict_tool(const Orders& orders) noexcept {
    if (!orders.may_gain_rights && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) give_up(orders, Point::prepare);
    ::umask(077);
    const rlimit no_core{0, 0};
    if (::setrlimit(RLIMIT_CORE, &no_core) != 0) give_up(orders, Point::prepare);
}

/// Standard ones and what is handed to it; all others are shut on exec rather than now, so that the report can still be
/// written.
void take_descriptors(const Orders& orders) noexcept {
    if (::dup2(orders.stdio.in, 0) < 0 || ::dup2(orders.stdio.out, 1) < 0 || ::dup2(orders.stdio.err, 2) < 0) {
        give_up(orders, Point::prepare);
    }
    int first = first_handed;
    for (const int handed : orders.handed) {
        if (handed >= 0 && ::dup2(handed, first++) < 0) give_up(orders, Point::prepare);
    }
    if (::close_range(static_cast<unsigned>(first), ~0U, CLOSE_RANGE_CLOEXEC) != 0) give_up(orders, Point::prepare);
}

[[noreturn]] void become(const Orders& orders) noexcept {
    if (orders.is_service) {
        ::setsid();
    } else {
        ::setpgid(0, 0);
    }
    if (orders.death_signal != 0) {
        if (::prctl(PR_SET_PDEATHSIG, orders.death_signal) != 0) give_up(orders, Point::prepare);
        if (::getppid() != orders.parent) ::_exit(127);  // it died before the line above
    }
    take_descriptors(orders);
    if (!orders.is_service) restrict_tool(orders);
    if (orders.folder != nullptr && ::chdir(orders.folder) != 0) give_up(orders, Point::folder);
    reset_signals();
    ::execve(orders.program, orders.args, orders.variables);
    give_up(orders, Point::start);
}

/// A process whose standard descriptors are closed would otherwise be given pipes under the numbers that its children
/// are to find something else under.
Descriptor above_stdio(Descriptor descriptor) {
    if (descriptor.get() > last_handed) return descriptor;
    return Descriptor(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, last_handed + 1));
}

Descriptor checked(Descriptor descriptor, const char* doing) {
    if (!descriptor.open()) throw Error(Kind::failed, std::string("cannot ") + doing + ": " + system_text(errno));
    return descriptor;
}

Descriptor open_memory(std::string_view rest) {
    Descriptor memory =
        checked(above_stdio(Descriptor(::memfd_create("input", MFD_CLOEXEC))), "hold the input of a program");
    while (!rest.empty()) {
        const auto written = ::write(memory.get(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw Error(Kind::failed, "cannot hold the input of a program: " + system_text(errno));
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(memory.get(), 0, SEEK_SET);
    return memory;
}

std::vector<std::string> variables_of(const Command& command) {
    auto merged = allowed_variables();
    for (const auto& [name, value] : command.env)
        merged[name] = value;
    std::vector<std::string> lines;
    lines.reserve(merged.size());
    for (const auto& [name, value] : merged)
        lines.emplace_back(name).append("=").append(value);
    return lines;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> raw;
    raw.reserve(words.size() + 1);
    for (auto& word : words)
        raw.push_back(word.data());
    raw.push_back(nullptr);
    return raw;
}

[[noreturn]] void refuse(const Command& command, const Report& report) {
    const std::string reason = system_text(report.error);
    if (report.stage == Point::folder) {
        throw Error(Kind::tool_missing,
                    "cannot start " + command.program + ": cannot enter " + command.folder + ": " + reason,
                    "check that the folder exists and may be entered");
    }
    throw Error(Kind::tool_missing, "cannot start " + command.program + ": " + reason,
                report.stage == Point::start
                    ? "check that the file exists, may be executed and is built for this machine"
                    : "check the limits and the security profile of this process");
}

/// Born in that group: to enter it later has to wait until the whole machine agrees, which takes tens of milliseconds.
/// Where the kernel or the group does not let it, a child is born where its parent is; its session and its mark tell
/// whose it is all the same.
pid_t fork_into(int cgroup) {
    if (cgroup >= 0) {
        clone_args how = {};
        how.flags = CLONE_INTO_CGROUP;
        how.exit_signal = SIGCHLD;
        how.cgroup = static_cast<decltype(how.cgroup)>(cgroup);
        const auto pid = static_cast<pid_t>(::syscall(SYS_clone3, &how, sizeof how));
        if (pid >= 0) return pid;
    }
    return ::fork();
}

pid_t fork_with_signals_blocked(const Orders& orders) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = fork_into(orders.cgroup);
    if (pid == 0) become(orders);
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return pid;
}

}  // namespace

Child spawn(const Command& command, const Stdio& stdio, int death_signal) {
    return spawn(command, stdio, Birth{death_signal, Birth::Rights::tool, -1, variables_of(command)});
}

Child spawn(const Command& command, const Stdio& stdio, const Birth& birth) {
    if (!command.program.starts_with('/'))
        throw Error(Kind::bug, "not an absolute path of a program: " + command.program);
    std::vector<std::string> words = command.args;
    words.insert(words.begin(), command.program);
    std::vector<std::string> variables = birth.variables;
    const auto raw_words = pointers(words);
    const auto raw_variables = pointers(variables);
    Pipe report = open_pipe();
    if (command.handed.size() > most_handed) throw Error(Kind::bug, "too much is handed to " + command.program);
    std::array<Descriptor, most_handed> handed;
    for (std::size_t i = 0; i < command.handed.size(); ++i) {
        handed.at(i) = open_memory(command.handed[i].reveal());
        constexpr mode_t owner_only = 0600;
        ::fchmod(handed.at(i).get(), owner_only);
    }

    const Orders orders{command.program.c_str(),
                        raw_words.data(),
                        raw_variables.data(),
                        command.folder.empty() ? nullptr : command.folder.c_str(),
                        stdio,
                        {handed[0].get(), handed[1].get()},
                        report.writer.get(),
                        birth.death_signal,
                        birth.rights == Birth::Rights::service,
                        command.rights == Command::Rights::may_gain,
                        birth.cgroup,
                        ::getpid()};
    Child child;
    child.pid = fork_with_signals_blocked(orders);
    if (child.pid < 0) refuse(command, {Point::prepare, errno});
    if (birth.rights == Birth::Rights::tool) ::setpgid(child.pid, child.pid);
    report.writer.close();

    Report told;
    ssize_t got = 0;
    do {
        got = ::read(report.reader.get(), &told, sizeof told);
    } while (got < 0 && errno == EINTR);
    if (got == sizeof told) {
        ::waitpid(child.pid, nullptr, 0);
        refuse(command, told);
    }
    child.ended = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    if (!child.ended.open()) {
        const Report failed{Point::prepare, errno};
        ::kill(child.pid, SIGKILL);
        ::waitpid(child.pid, nullptr, 0);
        refuse(command, failed);
    }
    return child;
}

int reap(const Child& child) {
    // Before the wait: until then the number of the group cannot belong to anyone else.
    ::kill(-child.pid, SIGKILL);
    int status = 0;
    while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

Descriptor open_input(const std::string& input) {
    if (input.empty())
        return checked(above_stdio(Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC))), "open /dev/null");
    return open_memory(input);
}

Pipe open_pipe() {
    std::array<int, 2> ends = {-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Error(Kind::failed, "cannot open a pipe: " + system_text(errno));
    Pipe pipe{Descriptor(ends[0]), Descriptor(ends[1])};
    pipe.writer = checked(above_stdio(std::move(pipe.writer)), "open a pipe");
    pipe.reader = checked(above_stdio(std::move(pipe.reader)), "open a pipe");
    return pipe;
}

}  // namespace flowlet::host
