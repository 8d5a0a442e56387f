#include "host/output.h"

#include "host/spawn.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace flowlet::host {

namespace {

constexpr std::size_t longest_line = std::size_t{64} << 10U;

/// A program that believes in a terminal may end its lines as one shows them.
void drop_returns(std::string& lines) {
    if (lines.find("\r\n") == std::string::npos) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i] == '\r' && i + 1 < lines.size() && lines[i + 1] == '\n') continue;
        lines[kept++] = lines[i];
    }
    lines.resize(kept);
}

void tell(std::string lines, const LineCutter::Told& told) {
    drop_returns(lines);
    told(lines);
}

}  // namespace

void LineCutter::feed(std::string_view bytes, const Told& told) {
    const std::size_t end = bytes.rfind('\n');
    if (end == std::string_view::npos) {
        rest_ += bytes;
    } else {
        rest_ += bytes.substr(0, end + 1);
        tell(std::move(rest_), told);
        rest_ = bytes.substr(end + 1);
    }
    if (rest_.size() > longest_line) finish(told);
}

void LineCutter::finish(const Told& told) {
    if (rest_.empty()) return;
    rest_ += '\n';
    tell(std::move(rest_), told);
    rest_.clear();
}

Output::Output(Launch::Output kind) {
    if (kind == Launch::Output::terminal && open_terminal()) return;
    Pipe pipe = open_pipe();
    reader_ = std::move(pipe.reader);
    writer_ = std::move(pipe.writer);
    constexpr int large = 1 << 20;
    ::fcntl(reader_.get(), F_SETPIPE_SZ, large);
    ::fcntl(reader_.get(), F_SETFL, O_NONBLOCK);
}

/// False where there are no terminals to be had: a pipe does, too.
bool Output::open_terminal() {
    Descriptor master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
    if (!master.open() || ::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0) return false;
    Descriptor slave(::ioctl(master.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
    termios form = {};
    if (!slave.open() || ::tcgetattr(slave.get(), &form) != 0) return false;
    ::cfmakeraw(&form);
    ::tcsetattr(slave.get(), TCSANOW, &form);
    constexpr winsize size = {50, 120, 0, 0};
    ::ioctl(slave.get(), TIOCSWINSZ, &size);
    constexpr int above_what_is_handed = 5;
    writer_ = Descriptor(::fcntl(slave.get(), F_DUPFD_CLOEXEC, above_what_is_handed));
    reader_ = std::move(master);
    return writer_.open();
}

bool Output::read(int most, const LineCutter::Told& told) {
    static std::array<char, std::size_t{64} << 10U> bytes;
    for (int reads = 0; reads < most && reader_.open(); ++reads) {
        const auto got = ::read(reader_.get(), bytes.data(), bytes.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) return true;
        // A terminal that nobody holds any more says EIO.
        if (got <= 0) {
            cutter_.finish(told);
            reader_.close();
            return false;
        }
        cutter_.feed({bytes.data(), static_cast<std::size_t>(got)}, told);
    }
    return reader_.open();
}

}  // namespace flowlet::host
