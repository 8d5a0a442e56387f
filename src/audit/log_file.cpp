#include "audit/log_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "audit/record.h"
#include "flowlet/audit.h"
#include "flowlet/evidence.h"

namespace flowlet::audit {
namespace {

constexpr const char* lock_name = "lock";
constexpr std::uint64_t window = std::uint64_t{1024} * 1024;

// The records as lines of the chain.
struct Chain {
    std::string origin;
    std::uint64_t index;
    std::string prev;
    std::string lines;

    void add(Json record) {
        record["v"] = 1;
        record["i"] = index++;
        record["log"] = origin;
        record["prev"] = prev;
        const std::string line = evidence::seal(record);
        prev = evidence::leaf_hash(line);
        lines += line + "\n";
    }
};

}  // namespace

LogFile::LogFile(const std::string& folder, Millis lock_wait)
    : folder_(folder), log_(folder_.open_file(log_name, Missing::create)), lock_wait_(lock_wait) {}

std::uint64_t LogFile::append(const Make& make) {
    Descriptor held = take_lock();
    if (!folder_.still_holds(log_, log_name)) fail(folder_.path_of(log_name) + " was removed or replaced");
    const Recent recent = read_recent();
    Chain chain{recent.origin().empty() ? folder_.path_of(log_name) : recent.origin(), recent.next_index(),
                recent.prev(), recent.ends_in_newline() ? "" : "\n"};
    std::vector<Json> records = make(recent);
    if (recent.torn()) chain.add(describe_torn(*recent.torn(), records.back()));
    for (Json& record : records)
        chain.add(std::move(record));
    write(chain.lines);
    held = Descriptor();
    // Outside the lock: whoever syncs later makes the earlier bytes durable too, and the next writer need not wait.
    if (::fdatasync(log_.number()) != 0) fail("cannot make " + folder_.path_of(log_name) + " durable", errno);
    if (recent.empty()) folder_.sync();
    return chain.index - 1;
}

Descriptor LogFile::take_lock() const {
    Descriptor file = folder_.open_file(lock_name, Missing::create);
    if (!lock(file, lock_wait_)) {
        fail("another process has held " + folder_.path_of(lock_name) + " for " + render_duration(lock_wait_));
    }
    if (!folder_.still_holds(file, lock_name)) fail(folder_.path_of(lock_name) + " was removed or replaced");
    return file;
}

Recent LogFile::read_recent() const {
    struct stat info {};
    if (::fstat(log_.number(), &info) != 0) fail("cannot look at " + folder_.path_of(log_name), errno);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    std::uint64_t offset = size > window ? size - window : 0;
    std::string bytes(size - offset, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got =
            ::pread(log_.number(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) fail("cannot read " + folder_.path_of(log_name), got < 0 ? errno : 0);
        done += static_cast<std::size_t>(got);
    }
    if (offset > 0) {
        const std::size_t line = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
        bytes.erase(0, line);
        offset += line;
    }
    return {std::move(bytes), offset};
}

void LogFile::write(const std::string& bytes) const {
    ssize_t written = -1;
    do {
        written = ::write(log_.number(), bytes.data(), bytes.size());
    } while (written < 0 && errno == EINTR);
    if (written < 0) fail("cannot write " + folder_.path_of(log_name), errno);
    if (static_cast<std::size_t>(written) != bytes.size()) {
        fail("only a part of a record fits into " + folder_.path_of(log_name) + "; is the disk full?");
    }
}

}  // namespace flowlet::audit
