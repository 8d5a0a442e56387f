#include "host/knock.h"

#include "host/descriptor.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace flowlet::host {

namespace {

struct Target {
    sockaddr_storage address = {};
    socklen_t size = 0;
};

std::optional<Target> target_of(const std::string& address, int port) {
    Target target;
    auto* const four = reinterpret_cast<sockaddr_in*>(&target.address);
    auto* const six = reinterpret_cast<sockaddr_in6*>(&target.address);
    if (::inet_pton(AF_INET, address.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(static_cast<std::uint16_t>(port));
        target.size = sizeof *four;
        return target;
    }
    if (::inet_pton(AF_INET6, address.c_str(), &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(static_cast<std::uint16_t>(port));
        target.size = sizeof *six;
        return target;
    }
    return std::nullopt;
}

int error_after_connecting(int socket, Millis timeout) {
    pollfd watched = {socket, POLLOUT, 0};
    if (::poll(&watched, 1, static_cast<int>(timeout.count())) <= 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

}  // namespace

std::string knock_at(const std::string& address, int port, Millis timeout) {
    const std::optional<Target> target = target_of(address, port);
    if (!target) throw Error(Kind::bug, "not an address: " + address);
    const Descriptor socket(::socket(target->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.open()) return system_text(errno);
    const auto* const address_part = reinterpret_cast<const sockaddr*>(&target->address);
    if (::connect(socket.get(), address_part, target->size) == 0) return "";
    const int error = errno == EINPROGRESS ? error_after_connecting(socket.get(), timeout) : errno;
    return error == 0 ? "" : system_text(error);
}

std::string knock_at_postgres(const Database& database, Millis timeout) {
    const std::string port = std::to_string(database.port);
    const std::string seconds = std::to_string(std::max<long>(2, timeout.count() / 1000));
    const std::array<const char*, 6> words = {"host", "port", "dbname", "user", "connect_timeout", nullptr};
    const std::array<const char*, 6> values = {database.host.c_str(), port.c_str(),    "postgres",
                                               "flowletctl",          seconds.c_str(), nullptr};
    switch (PQpingParams(words.data(), values.data(), 0)) {
        case PQPING_OK:
            return "";
        case PQPING_REJECT:
            return "it is starting up, or shutting down";
        case PQPING_NO_ATTEMPT:
            return "it cannot be asked";
        case PQPING_NO_RESPONSE:
            break;
    }
    return "nobody answers at " + database.host + ":" + port;
}

}  // namespace flowlet::host
