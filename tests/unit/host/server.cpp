#include "server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace flowlet::host::test {

TemporaryFolder::TemporaryFolder() : path_("/tmp/flowlet-test-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void Server::Wire::say(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void Server::Wire::answer(int status, std::string_view body) const {
    say("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        std::string(body));
}

void Server::Wire::begin_stream() const {
    say("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
}

void Server::Wire::close() const {
    ::shutdown(socket_, SHUT_RDWR);
}

void Server::Wire::wait_for_client_to_leave() const {
    std::array<char, 1024> buffer = {};
    while (::recv(socket_, buffer.data(), buffer.size(), 0) > 0) {
    }
}

Server::Server(Handler handler) : handler_(std::move(handler)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    socket().copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 64) != 0) {
        throw std::runtime_error("no server");
    }
    acceptor_ = std::thread([this] { accept_all(); });
}

Server::~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& [socket, thread] : clients_) {
        ::shutdown(socket, SHUT_RDWR);
        thread.join();
        ::close(socket);
    }
    ::close(listener_);
}

std::vector<Server::Seen> Server::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

void Server::accept_all() {
    for (;;) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        ++accepted_;
        clients_.emplace_back(client, std::thread([this, client] { serve(client); }));
    }
}

void Server::serve(int socket) {
    std::string buffer;
    for (Seen request; read_request(socket, buffer, request); request = {}) {
        {
            const std::lock_guard lock(mutex_);
            seen_.push_back(request);
        }
        handler_(request, Wire(socket));
    }
}

bool Server::read_request(int socket, std::string& buffer, Seen& request) {
    const auto more = [&] {
        std::array<char, 65536> bytes = {};
        const auto got = ::recv(socket, bytes.data(), bytes.size(), 0);
        if (got > 0) buffer.append(bytes.data(), static_cast<std::size_t>(got));
        return got > 0;
    };
    while (buffer.find("\r\n\r\n") == std::string::npos) {
        if (!more()) return false;
    }
    const auto end = buffer.find("\r\n\r\n") + 4;
    request.head = buffer.substr(0, end);
    request.method = buffer.substr(0, buffer.find(' '));
    const auto path = request.method.size() + 1;
    request.path = buffer.substr(path, buffer.find(' ', path) - path);
    constexpr std::string_view length_header = "Content-Length: ";
    const auto at = request.head.find(length_header);
    const std::size_t length = at == std::string::npos ? 0 : std::stoul(request.head.substr(at + length_header.size()));
    while (buffer.size() < end + length) {
        if (!more()) return false;
    }
    request.body = buffer.substr(end, length);
    buffer.erase(0, end + length);
    return true;
}

}  // namespace flowlet::host::test
