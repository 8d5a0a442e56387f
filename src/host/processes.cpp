#include "host/processes.h"

#include "host/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>

#include "host/stop.h"

namespace flowlet::host {

namespace {

using Clock = std::chrono::steady_clock;

/// What /proc gives of a file; empty if it cannot be read: then the process has gone, or is somebody else's.
std::string read_proc(const std::string& path, std::size_t limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    constexpr std::size_t step = 4096;
    while (file.open() && text.size() < limit) {
        const std::size_t had = text.size();
        text.resize(had + step);
        const auto got = ::read(file.get(), text.data() + had, step);
        text.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got <= 0) break;
    }
    return text;
}

std::vector<int> numbers_in(const std::string& folder) {
    std::vector<int> numbers;
    DIR* const open = ::opendir(folder.c_str());
    if (open == nullptr) return numbers;
    while (const dirent* const entry = ::readdir(open)) {
        const std::string_view name = static_cast<const char*>(entry->d_name);
        int number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
    }
    ::closedir(open);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

/// The fields of /proc/PID/stat after the name, which may hold anything: the first is the state (field 3).
std::vector<std::string> fields_after_name(const std::string& stat) {
    const std::size_t close = stat.rfind(')');
    return close == std::string::npos ? std::vector<std::string>{} : split(trim(stat.substr(close + 1)), ' ');
}

template <typename Number>
Number number_in(const std::vector<std::string>& fields, std::size_t field) {
    constexpr std::size_t first = 3;
    Number number = 0;
    if (field - first >= fields.size()) return 0;
    const std::string& text = fields[field - first];
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string command_of(int pid, const std::string& stat) {
    constexpr std::size_t shown = 200;
    std::string words = read_proc("/proc/" + std::to_string(pid) + "/cmdline", 4096);
    while (!words.empty() && words.back() == '\0')
        words.pop_back();
    std::replace(words.begin(), words.end(), '\0', ' ');
    if (words.empty()) {
        const std::size_t open = stat.find('(');
        words = "[" + stat.substr(open + 1, stat.rfind(')') - open - 1) + "]";
    }
    return printable(words.substr(0, shown));
}

std::string mark_in(const std::string& variables) {
    const std::string wanted = std::string(mark_name) + "=";
    std::size_t at = variables.starts_with(wanted) ? 0 : variables.find('\0' + wanted);
    if (at == std::string::npos) return "";
    at += (at == 0 && variables.starts_with(wanted) ? 0 : 1) + wanted.size();
    return variables.substr(at, variables.find('\0', at) - at);
}

/// Of the file /proc/PID/cgroup, the line of version 2.
std::string cgroup_in(const std::string& text) {
    for (const std::string& line : split(text, '\n')) {
        if (line.starts_with("0::")) return line.substr(3);
    }
    return "";
}

}  // namespace

std::string render(const ProcessInfo& process) {
    return std::to_string(process.id.pid) + " (" + process.command + ")";
}

std::optional<ProcessInfo> look_at_process(int pid) {
    constexpr std::size_t parent = 4;
    constexpr std::size_t group = 5;
    constexpr std::size_t session = 6;
    constexpr std::size_t started = 22;
    constexpr std::size_t longest_environment = std::size_t{1} << 20U;
    const std::string folder = "/proc/" + std::to_string(pid);
    const std::string stat = read_proc(folder + "/stat", 4096);
    const std::vector<std::string> fields = fields_after_name(stat);
    struct stat owner = {};
    if (fields.empty() || fields[0] == "Z" || fields[0] == "X" || ::stat(folder.c_str(), &owner) != 0) {
        return std::nullopt;
    }
    ProcessInfo info;
    info.id = {pid, number_in<std::uint64_t>(fields, started)};
    info.parent = number_in<int>(fields, parent);
    info.group = number_in<int>(fields, group);
    info.session = number_in<int>(fields, session);
    info.owner = owner.st_uid;
    info.command = command_of(pid, stat);
    if (const uid_t self = ::geteuid(); self == 0 || owner.st_uid == self) {
        info.mark = mark_in(read_proc(folder + "/environ", longest_environment));
        info.cgroup = cgroup_in(read_proc(folder + "/cgroup", 4096));
    }
    return info;
}

std::vector<int> all_process_numbers() {
    return numbers_in("/proc");
}

std::vector<ProcessInfo> all_processes() {
    std::vector<ProcessInfo> all;
    for (const int pid : all_process_numbers()) {
        if (auto info = look_at_process(pid)) all.push_back(std::move(*info));
    }
    return all;
}

std::string boot_id() {
    return std::string(trim(read_proc("/proc/sys/kernel/random/boot_id", 128)));
}

std::vector<int> children_of_first_thread() {
    const std::string self = std::to_string(::getpid());
    const std::string text = read_proc("/proc/self/task/" + self + "/children", std::size_t{1} << 20U);
    std::vector<int> children;
    for (const std::string& word : split(trim(text), ' ')) {
        int pid = 0;
        if (std::from_chars(word.data(), word.data() + word.size(), pid).ec == std::errc()) children.push_back(pid);
    }
    return children;
}

namespace {

/// A descriptor of exactly that process: it is looked at again once its number can no longer be another's.
Descriptor open_process(const Process& process) {
    Descriptor descriptor(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
    const auto there = descriptor.open() ? look_at_process(process.pid) : std::nullopt;
    return there && there->id == process ? std::move(descriptor) : Descriptor();
}

}  // namespace

bool signal_process(const Process& process, int signal) {
    const Descriptor descriptor = open_process(process);
    return descriptor.open() && ::syscall(SYS_pidfd_send_signal, descriptor.get(), signal, nullptr, 0) == 0;
}

void await_all(std::span<const Process> processes, Millis wait, int stop_descriptor) {
    const auto end = Clock::now() + wait;
    for (const Process& process : processes) {
        const Descriptor descriptor = open_process(process);
        std::array<pollfd, 2> watched = {{{descriptor.get(), POLLIN, 0}, {stop_descriptor, POLLIN, 0}}};
        while (descriptor.open() && watched[0].revents == 0 && watched[1].revents == 0 && Clock::now() < end) {
            ::poll(watched.data(), watched.size(), poll_timeout(end, Clock::now()));
        }
        if (watched[1].revents != 0) return;
    }
}

}  // namespace flowlet::host
