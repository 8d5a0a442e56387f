#include "host/log_file.h"

#include "host/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

namespace flowlet::host {

namespace {

class RotatedFile final : public LogFile {
public:
    RotatedFile(std::string path, std::uint64_t limit, int older)
        : path_(std::move(path)), limit_(limit), older_(older) {
        open();
    }

    void append(std::string_view lines) override {
        if (size_ > 0 && size_ + lines.size() > limit_) rotate();
        if (!file_.open()) open();
        while (!lines.empty()) {
            const auto written = ::write(file_.get(), lines.data(), lines.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) throw Error(Kind::failed, "cannot write " + path_ + ": " + system_text(errno));
            size_ += static_cast<std::uint64_t>(written);
            lines.remove_prefix(static_cast<std::size_t>(written));
        }
    }

private:
    void open() {
        constexpr mode_t owner_only = 0600;
        file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, owner_only));
        if (!file_.open()) throw Error(Kind::failed, "cannot open " + path_ + ": " + system_text(errno));
        struct stat info = {};
        ::fstat(file_.get(), &info);
        size_ = static_cast<std::uint64_t>(info.st_size);
    }

    [[nodiscard]] std::string numbered(int number) const {
        return number == 0 ? path_ : path_ + "." + std::to_string(number);
    }

    /// What cannot be renamed is overwritten by the next: a log must not stop what it tells of.
    void rotate() {
        file_.close();
        ::unlink(numbered(older_).c_str());
        for (int number = older_; number > 0; --number)
            ::rename(numbered(number - 1).c_str(), numbered(number).c_str());
        open();
    }

    std::string path_;
    std::uint64_t limit_;
    int older_;
    Descriptor file_;
    std::uint64_t size_ = 0;
};

}  // namespace

std::unique_ptr<LogFile> open_log_file(const std::string& path, std::uint64_t limit, int older) {
    return std::make_unique<RotatedFile>(path, limit, older);
}

}  // namespace flowlet::host
