#include "host/socket_path.h"

#include "flowlet/base.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>

namespace flowlet::host {

namespace {

sockaddr_un address_of(const SocketPath& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.name().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    return address;
}

Descriptor open_socket(int more) {
    return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | more, 0));
}

}  // namespace

SocketPath::SocketPath(const std::string& path) : name_(path) {
    if (path.size() < sizeof(sockaddr_un::sun_path)) return;
    const std::size_t slash = path.rfind('/');
    folder_ = Descriptor(::open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder_.open()) throw Error(Kind::precondition, "cannot reach " + path + ": " + system_text(errno));
    name_ = "/proc/self/fd/" + std::to_string(folder_.get()) + path.substr(slash);
}

Descriptor connect_to(const SocketPath& path) {
    const sockaddr_un address = address_of(path);
    Descriptor socket = open_socket(0);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
    const int error = errno;
    socket.close();
    errno = error;
    return socket;
}

Descriptor listen_at(const SocketPath& path) {
    constexpr int waiting_callers = 64;
    constexpr mode_t owner_only = 0600;
    const sockaddr_un address = address_of(path);
    ::unlink(path.name().c_str());
    Descriptor socket = open_socket(SOCK_NONBLOCK);
    // Nobody can connect before listen(), so the mode of the name is right by then.
    const bool listens = socket.open() &&
                         ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                         ::chmod(path.name().c_str(), owner_only) == 0 && ::listen(socket.get(), waiting_callers) == 0;
    if (!listens) throw Error(Kind::failed, "cannot listen at " + path.name() + ": " + system_text(errno));
    return socket;
}

}  // namespace flowlet::host
