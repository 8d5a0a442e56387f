#include "host/cgroup.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "flowlet/base.h"
#include "host/files.h"

namespace flowlet::host {

namespace {

/// Where the hierarchy of version 2 is mounted; empty: nowhere.
std::string mount_point() {
    constexpr std::size_t mounted_at = 4;
    constexpr std::size_t longest = std::size_t{4} << 20U;
    for (const std::string& line : split(read_whole("/proc/self/mountinfo", longest), '\n')) {
        const std::vector<std::string> words = split(line, ' ');
        const auto type = std::find(words.begin(), words.end(), "-");
        if (words.size() > mounted_at && words.end() - type > 1 && *(type + 1) == "cgroup2") return words[mounted_at];
    }
    return "";
}

std::string own_group() {
    for (const std::string& line : split(read_whole("/proc/self/cgroup", 65536), '\n')) {
        if (line.starts_with("0::")) return line.substr(3) == "/" ? "" : line.substr(3);
    }
    return "";
}

std::string own_folder() {
    const std::string mount = mount_point();
    return mount.empty() ? "" : mount + own_group();
}

/// A mark holds a slash, and a group's name cannot.
std::string prefix_of(const std::string& mark) {
    std::string name = "flowletctl-" + mark;
    std::replace(name.begin(), name.end(), '/', '.');
    return name;
}

}  // namespace

void Cgroup::remove_empty(const std::string& stack) {
    const std::string parent = own_folder();
    if (parent.empty()) return;
    for (const std::string& name : names_in(parent)) {
        if (name.starts_with(prefix_of(stack + "/"))) ::rmdir((parent + "/" + name).c_str());
    }
}

std::unique_ptr<Cgroup> Cgroup::make(const std::string& mark, int number) {
    constexpr mode_t owner_only = 0700;
    const std::string parent = own_folder();
    if (parent.empty()) return nullptr;
    if (number == 1) remove_empty(mark.substr(0, mark.find('/')));
    const std::string folder = parent + "/" + prefix_of(mark) + "." + std::to_string(number);
    if (::mkdir(folder.c_str(), owner_only) != 0 && look_at(folder).type != FileType::folder) return nullptr;
    auto made = std::make_unique<Cgroup>(folder);
    return made->open_folder_.open() ? std::move(made) : nullptr;
}

Cgroup::Cgroup(std::string folder)
    : folder_(std::move(folder)),
      name_(own_group() + folder_.substr(folder_.rfind('/'))),
      open_folder_(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

/// One who has just ended counts as a member for a moment more.
Cgroup::~Cgroup() {
    constexpr int tries = 25;
    constexpr std::chrono::milliseconds pause{1};
    for (int i = 0; i < tries && ::rmdir(folder_.c_str()) != 0 && errno == EBUSY; ++i)
        std::this_thread::sleep_for(pause);
}

void Cgroup::kill() {
    const Descriptor file(::open((folder_ + "/cgroup.kill").c_str(), O_WRONLY | O_CLOEXEC));
    static_cast<void>(file.open() && ::write(file.get(), "1", 1) == 1);
}

}  // namespace flowlet::host
