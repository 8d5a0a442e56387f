#include "audit/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <thread>

namespace flowlet::audit {
namespace {

constexpr mode_t others_write = S_IWGRP | S_IWOTH;

void make_folders(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST) return;
    if (errno != ENOENT || !path.has_relative_path()) fail("cannot make " + path.string(), errno);
    make_folders(path.parent_path());
    if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) fail("cannot make " + path.string(), errno);
}

struct stat look(const Descriptor& file, const std::string& path) {
    struct stat info {};
    if (::fstat(file.number(), &info) != 0) fail("cannot look at " + path, errno);
    return info;
}

void check_owner(const struct stat& info, const std::string& path) {
    if (info.st_uid != ::geteuid()) fail(path + " belongs to another user");
    if ((info.st_mode & others_write) != 0) fail(path + " may be written by others");
}

bool same(const struct stat& one, const struct stat& other) {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

}  // namespace

void fail(const std::string& what, int error) {
    const std::string why = error == 0 ? "" : ": " + std::generic_category().message(error);
    throw Error(Kind::audit_unavailable, "audit log: " + what + why,
                "nothing is done without an audit record; mend the folder of the log, or name another one");
}

Folder::Folder(const std::string& path) {
    std::error_code ignored;
    const std::filesystem::path given = std::filesystem::absolute(path, ignored).lexically_normal();
    // Without a last slash, which would make the system follow a symlink.
    const std::filesystem::path whole = given.has_filename() ? given : given.parent_path();
    path_ = whole.string();
    if (path.empty()) fail("its folder has no name");
    make_folders(whole);
    folder_ = Descriptor(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder_.open()) fail("cannot open the folder " + path_, errno);
    check_owner(look(folder_, path_), path_);
}

Descriptor Folder::open_file(const std::string& name, Missing missing) const {
    constexpr int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    const int making = missing == Missing::create ? O_CREAT : 0;
    Descriptor file(::openat(folder_.number(), name.c_str(), flags | making, S_IRUSR | S_IWUSR));
    if (!file.open() && errno == ENOENT && missing == Missing::leave) return file;
    if (!file.open() && errno == ELOOP) fail(path_of(name) + " is a symlink");
    if (!file.open()) fail("cannot open " + path_of(name), errno);
    const struct stat info = look(file, path_of(name));
    if (!S_ISREG(info.st_mode)) fail(path_of(name) + " is no regular file");
    if (info.st_nlink != 1) fail(path_of(name) + " has another name (hard link), or none");
    check_owner(info, path_of(name));
    return file;
}

bool Folder::still_holds(const Descriptor& file, const std::string& name) const {
    struct stat named {};
    if (::fstatat(folder_.number(), name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0) return false;
    if (!same(named, look(file, path_of(name))) || named.st_nlink != 1) return false;
    return ::lstat(path_.c_str(), &named) == 0 && same(named, look(folder_, path_));
}

void Folder::sync() const {
    if (::fsync(folder_.number()) != 0) fail("cannot make " + path_ + " durable", errno);
}

void Folder::remove(const std::string& name) const {
    if (::unlinkat(folder_.number(), name.c_str(), 0) != 0) fail("cannot remove " + path_of(name), errno);
    sync();
}

bool lock(const Descriptor& file, Millis wait) {
    const auto end = std::chrono::steady_clock::now() + wait;
    for (Millis pause{1};; pause = std::min(pause * 2, Millis{50})) {
        if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK && errno != EINTR) fail("cannot take its lock", errno);
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(pause);
    }
}

}  // namespace flowlet::audit
