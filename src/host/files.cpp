#include "host/files.h"

#include "host/descriptor.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace flowlet::host {

namespace {

[[noreturn]] void fail(Kind kind, const std::string& what, const std::string& path, int error) {
    throw Error(kind, "cannot " + what + ' ' + path + ": " + system_text(error));
}

/// "/a/b" for "/a/b/c", "." for "c".
std::string folder_of(const std::string& path) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// 0, or why not.
int sync_folder(const std::string& path) {
    const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return folder.open() && ::fsync(folder.get()) == 0 ? 0 : errno;
}

/// 0, or why not.
int write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return errno;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
}

/// A file beside the one it is to replace; gone again unless it did.
class Draft {
public:
    explicit Draft(const std::string& path)
        : path_(path), name_(folder_of(path) + "/." + path.substr(path.rfind('/') + 1) + ".XXXXXX") {
        file_ = Descriptor(::mkostemp(name_.data(), O_CLOEXEC));
        if (!file_.open()) fail(Kind::failed, "write", path_, errno);
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;
    ~Draft() {
        if (!name_.empty()) ::unlink(name_.c_str());
    }

    void fill(std::string_view bytes, std::uint32_t mode) {
        if (::fchmod(file_.get(), mode) != 0) fail(Kind::failed, "write", path_, errno);
        if (const int error = write_all(file_.get(), bytes); error != 0) fail(Kind::failed, "write", path_, error);
        if (::fsync(file_.get()) != 0) fail(Kind::failed, "write", path_, errno);
    }
    void replace() {
        if (::rename(name_.c_str(), path_.c_str()) != 0) fail(Kind::failed, "write", path_, errno);
        settle();
    }
    void place() {
        // Not every file system can refuse to replace; a second name for the draft is refused by all that know links.
        int error = ::renameat2(AT_FDCWD, name_.c_str(), AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) == 0 ? 0 : errno;
        if (error == EINVAL || error == ENOSYS) {
            error = ::link(name_.c_str(), path_.c_str()) == 0 ? 0 : errno;
            if (error == 0) ::unlink(name_.c_str());
        }
        if (error == EEXIST) fail(Kind::conflict, "create", path_, error);
        if (error != 0) fail(Kind::failed, "write", path_, error);
        settle();
    }

private:
    void settle() {
        name_.clear();
        if (const int error = sync_folder(folder_of(path_)); error != 0) fail(Kind::failed, "write", path_, error);
    }

    const std::string& path_;
    std::string name_;
    Descriptor file_;
};

class HeldFile final : public FileLock {
public:
    explicit HeldFile(Descriptor file) : file_(std::move(file)) {}

private:
    Descriptor file_;
};

void make_one(const std::string& path, std::uint32_t mode) {
    if (::mkdir(path.c_str(), mode) != 0) {
        const int error = errno;
        if (look_at(path).type == FileType::folder) return;
        fail(Kind::failed, "create", path, error);
    }
    // The umask may have taken some of it away.
    if (::chmod(path.c_str(), mode) != 0) fail(Kind::failed, "create", path, errno);
    if (const int error = sync_folder(folder_of(path)); error != 0) fail(Kind::failed, "create", path, error);
}

}  // namespace

FileInfo look_at(const std::string& path) {
    struct stat found = {};
    if (::stat(path.c_str(), &found) != 0) return {};
    FileInfo info;
    info.type = FileType::other;
    if (S_ISREG(found.st_mode)) info.type = FileType::regular;
    if (S_ISDIR(found.st_mode)) info.type = FileType::folder;
    info.size = static_cast<std::uint64_t>(found.st_size);
    info.owner = found.st_uid;
    info.mode = found.st_mode & 07777U;
    return info;
}

std::string read_whole(const std::string& path, std::size_t limit) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file.open()) fail(Kind::precondition, "read", path, errno);
    std::string text;
    std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    for (;;) {
        const auto got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(Kind::precondition, "read", path, errno);
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (text.size() > limit) {
            throw Error(Kind::config, path + " is larger than " + std::to_string(limit) + " bytes");
        }
    }
}

std::vector<std::string> names_in(const std::string& path) {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(path, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        names.push_back(entry->path().filename().string());
    }
    if (error) fail(Kind::precondition, "list", path, error.value());
    std::sort(names.begin(), names.end());
    return names;
}

bool is_program(const std::string& path) {
    return look_at(path).type == FileType::regular && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
}

void write_whole(const std::string& path, std::string_view bytes, std::uint32_t mode) {
    Draft draft(path);
    draft.fill(bytes, mode);
    draft.replace();
}

void create_whole(const std::string& path, std::string_view bytes, std::uint32_t mode) {
    Draft draft(path);
    draft.fill(bytes, mode);
    draft.place();
}

void remove_whole(const std::string& path) {
    if (::unlink(path.c_str()) != 0) fail(Kind::failed, "remove", path, errno);
    if (const int error = sync_folder(folder_of(path)); error != 0) fail(Kind::failed, "remove", path, error);
}

std::unique_ptr<FileLock> lock_whole(const std::string& path) {
    constexpr mode_t owner_only = 0600;
    Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only));
    if (!file.open()) fail(Kind::failed, "lock", path, errno);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return std::make_unique<HeldFile>(std::move(file));
    if (errno == EWOULDBLOCK) return nullptr;
    fail(Kind::failed, "lock", path, errno);
}

void move_whole_folder(const std::string& from, const std::string& to) {
    if (const int error = sync_folder(from); error != 0) fail(Kind::failed, "write", from, error);
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
        int error = errno;
        // Not every file system can refuse to replace; a folder that is not empty no rename replaces.
        const bool unknown = error == EINVAL || error == ENOSYS;
        if (unknown) error = ::rename(from.c_str(), to.c_str()) == 0 ? 0 : errno;
        if (error == EEXIST || error == ENOTEMPTY) fail(Kind::conflict, "create", to, EEXIST);
        if (error != 0) fail(Kind::failed, "create", to, error);
    }
    if (const int error = sync_folder(folder_of(to)); error != 0) fail(Kind::failed, "create", to, error);
}

void remove_whole_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::remove_all(path, error);
    if (error) fail(Kind::failed, "remove", path, error.value());
    if (const int missed = sync_folder(folder_of(path)); missed != 0 && missed != ENOENT) {
        fail(Kind::failed, "remove", path, missed);
    }
}

void make_folders(const std::string& path, std::uint32_t mode) {
    for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
        make_one(path.substr(0, slash), mode);
    }
    if (!path.ends_with('/')) make_one(path, mode);
}

}  // namespace flowlet::host
