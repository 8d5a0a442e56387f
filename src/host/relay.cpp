#include "host/relay.h"

#include "host/environment.h"
#include "host/files.h"
#include "host/nursery.h"
#include "host/stop.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>

namespace flowlet::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view socket_mark = "@socket@";
constexpr Millis end_time{2000};

/// A folder only this user can enter, for as long as the relay lives.
class PrivateFolder {
public:
    PrivateFolder() : path_(parent() + "/flowletctl-XXXXXX") {
        if (::mkdtemp(path_.data()) == nullptr) {
            throw Error(Kind::failed, "cannot create a private folder " + path_ + ": " + system_text(errno));
        }
    }
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    ~PrivateFolder() {
        ::unlink(socket().c_str());
        ::unlink(log().c_str());
        ::rmdir(path_.c_str());
    }
    [[nodiscard]] std::string socket() const { return path_ + "/s"; }
    [[nodiscard]] std::string log() const { return path_ + "/log"; }

private:
    static std::string parent() {
        constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - sizeof "/flowletctl-XXXXXX/s";
        const auto folder = variable("XDG_RUNTIME_DIR").value_or("");
        const auto info = look_at(folder);
        const bool usable = folder.starts_with('/') && folder.size() <= longest && info.type == FileType::folder &&
                            info.owner == ::geteuid() && (info.mode & 0077U) == 0 &&
                            ::access(folder.c_str(), W_OK | X_OK) == 0;
        return usable ? folder : "/tmp";
    }

    std::string path_;
};

bool accepts(const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

Command placed(Command command, const std::string& socket) {
    for (auto& arg : command.args) {
        for (auto at = arg.find(socket_mark); at != std::string::npos; at = arg.find(socket_mark, at + socket.size())) {
            arg.replace(at, socket_mark.size(), socket);
        }
    }
    return command;
}

/// Two commands are the same when nothing differs that a child could notice.
std::string key_of(const Command& command) {
    std::string key = command.program;
    const auto add = [&](const std::string& part) {
        key.append("\n" + std::to_string(part.size()) + ':').append(part);
    };
    for (const auto& arg : command.args)
        add(arg);
    key += '\n';
    for (const auto& [name, value] : command.env) {
        add(name);
        add(value);
    }
    key += '\n';
    add(command.input);
    add(command.folder);
    return key;
}

}  // namespace

class Relay {
public:
    Relay(const Command& command, Nursery& nursery) : name_(command.program.substr(command.program.rfind('/') + 1)) {
        const Descriptor input = open_input(command.input);
        const Descriptor log(::open(folder_.log().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600));
        if (!log.open()) throw Error(Kind::failed, "cannot write " + folder_.log() + ": " + system_text(errno));
        const Descriptor above(::fcntl(log.get(), F_DUPFD_CLOEXEC, 3));
        child_ = nursery.spawn(placed(command, folder_.socket()), {input.get(), above.get(), above.get()});
    }
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    ~Relay() {
        ask_to_end();
        if (!ended(end_time)) {
            ::kill(-child_.pid, SIGKILL);
            static_cast<void>(ended(Millis{-1}));
        }
        reap(child_);
    }

    template <typename Ready>
    void wait_until(const Ready& ready, Millis wait, const Interrupt* interrupt) {
        const auto deadline = Clock::now() + wait;
        for (Millis pause{2}; !ready(); pause = std::min(pause * 2, Millis{20})) {
            if (ended(Millis{0})) fail("ended before it accepted connections");
            check_stop(interrupt, "waiting for " + name_);
            if (Clock::now() >= deadline) fail("accepted no connection within " + render_duration(wait));
            std::array<pollfd, 2> watched = {
                {{child_.ended.get(), POLLIN, 0}, {stop_descriptor(interrupt), POLLIN, 0}}};
            ::poll(watched.data(), watched.size(), static_cast<int>(pause.count()));
        }
    }
    void ask_to_end() { ::kill(-child_.pid, SIGTERM); }
    [[nodiscard]] bool alive() const { return !ended(Millis{0}); }
    [[nodiscard]] Endpoint endpoint() const { return {folder_.socket()}; }
    [[nodiscard]] bool accepts_connections() const { return accepts(folder_.socket()); }
    /// 0: it has not said so yet.
    [[nodiscard]] int port() const {
        constexpr std::string_view words = "Forwarding from 127.0.0.1:";
        const std::string said = read_whole(folder_.log(), std::size_t{64} << 20U);
        const std::size_t at = said.find(words);
        int port = 0;
        if (at == std::string::npos || said.find('\n', at) == std::string::npos) return 0;
        const char* const number = said.data() + at + words.size();
        std::from_chars(number, said.data() + said.size(), port);
        return port;
    }

private:
    [[nodiscard]] bool ended(Millis wait) const {
        pollfd watched = {child_.ended.get(), POLLIN, 0};
        int answer = 0;
        do {
            answer = ::poll(&watched, 1, static_cast<int>(wait.count()));
        } while (answer < 0 && errno == EINTR);
        return answer > 0;
    }
    [[noreturn]] void fail(const std::string& why) const {
        const auto words = last_lines(printable(read_whole(folder_.log(), std::size_t{64} << 20U)), 5);
        throw Error(Kind::precondition, name_ + ' ' + why + (words.empty() ? "" : ": " + join(words, "; ")));
    }

    std::string name_;
    PrivateFolder folder_;
    Child child_;
};

Relays::Relays(const Interrupt* interrupt) : interrupt_(interrupt) {}

Relays::~Relays() {
    for (const auto& [key, slot] : slots_) {
        if (slot->relay) slot->relay->ask_to_end();
    }
    slots_.clear();
}

Endpoint Relays::open(const Command& command, Millis wait) {
    return find(command, Way::socket, wait)->endpoint();
}

int Relays::open_port(const Command& command, Millis wait) {
    return find(command, Way::port, wait)->port();
}

std::shared_ptr<Relay> Relays::find(const Command& command, Way way, Millis wait) {
    std::shared_ptr<Slot> slot;
    {
        const std::lock_guard lock(mutex_);
        auto& entry = slots_[key_of(command)];
        if (!entry) entry = std::make_shared<Slot>();
        slot = entry;
        if (!nursery_) nursery_ = std::make_unique<Nursery>();
    }
    const std::lock_guard lock(slot->mutex);
    if (slot->relay && slot->relay->alive()) return slot->relay;
    slot->relay.reset();
    check_stop(interrupt_, "starting " + render(command));
    const auto relay = std::make_shared<Relay>(command, *nursery_);
    const auto ready = [&] { return way == Way::socket ? relay->accepts_connections() : relay->port() != 0; };
    relay->wait_until(ready, wait, interrupt_);
    slot->relay = relay;
    return relay;
}

}  // namespace flowlet::host
