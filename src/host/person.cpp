#include "host/person.h"

#include <fcntl.h>
#include <poll.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "host/descriptor.h"
#include "host/stop.h"

namespace flowlet::host {
namespace {

/// Waits until there is something to read. Throws when asked to stop.
void await_input(int descriptor, const Interrupt* interrupt) {
    for (;;) {
        check_stop(interrupt, "waiting for input");
        std::array<pollfd, 2> watched = {{{descriptor, POLLIN, 0}, {stop_descriptor(interrupt), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), -1) > 0 && watched[0].revents != 0) return;
    }
}

/// Reads on until the end, a newline if `by_line`, or one byte past `limit`.
enum class Until { end, newline };
std::string read_on(int descriptor, Until until, std::size_t limit, const Interrupt* interrupt) {
    std::string bytes;
    bytes.reserve(limit + 1);  // never moved: no copy of a secret stays behind
    std::array<char, 4096> chunk{};
    while (bytes.size() <= limit) {
        await_input(descriptor, interrupt);
        const ssize_t count = ::read(descriptor, chunk.data(), std::min(chunk.size(), limit + 1 - bytes.size()));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw Error(Kind::failed, std::string("cannot read the input: ") + std::strerror(errno));
        if (count == 0) break;
        bytes.append(chunk.data(), static_cast<std::size_t>(count));
        if (until == Until::newline && bytes.ends_with('\n')) break;
    }
    ::explicit_bzero(chunk.data(), chunk.size());
    return bytes;
}

/// No echo as long as this lives.
class Silence {
public:
    explicit Silence(int terminal) : terminal_(terminal) {
        if (::tcgetattr(terminal_, &before_) != 0) throw Error(Kind::usage, "the terminal cannot be asked");
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        ::tcsetattr(terminal_, TCSAFLUSH, &silent);
    }
    ~Silence() { ::tcsetattr(terminal_, TCSAFLUSH, &before_); }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

private:
    int terminal_;
    termios before_{};
};

}  // namespace

Secret read_standard_input(std::size_t limit, const Interrupt* interrupt) {
    if (::isatty(STDIN_FILENO) != 0) {
        throw Error(Kind::usage, "standard input is a terminal", "pipe the value into flowletctl, or name a file");
    }
    std::string bytes = read_on(STDIN_FILENO, Until::end, limit, interrupt);
    if (bytes.size() > limit) {
        throw Error(Kind::usage, "standard input is larger than " + std::to_string(limit) + " bytes");
    }
    return Secret(std::move(bytes));
}

Secret ask_terminal(const std::string& question, Probe::Echo echo, const Interrupt* interrupt) {
    const Descriptor terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
    if (!terminal.open()) {
        throw Error(Kind::usage, "there is no terminal to ask at: " + question,
                    "give the value by standard input or a file");
    }
    constexpr std::size_t longest = 4096;
    std::optional<Silence> silence;
    if (echo == Probe::Echo::off) silence.emplace(terminal.get());
    const std::string prompt = printable(question) + ": ";
    if (::write(terminal.get(), prompt.data(), prompt.size()) < 0) {
        throw Error(Kind::failed, std::string("cannot ask: ") + std::strerror(errno));
    }
    std::string answer = read_on(terminal.get(), Until::newline, longest, interrupt);
    if (answer.ends_with('\n')) answer.pop_back();
    if (answer.empty()) throw Error(Kind::cancelled, "nothing was answered: " + question);
    return Secret(std::move(answer));
}

}  // namespace flowlet::host
