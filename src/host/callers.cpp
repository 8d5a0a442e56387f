#include "host/callers.h"

#include "host/socket_path.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace flowlet::host {

namespace {

constexpr std::size_t longest_head = 8192;
constexpr std::size_t most_waiting = std::size_t{8} << 20U;
constexpr std::size_t most_callers = 256;

std::string_view reason_of(int status) {
    constexpr int ok = 200;
    constexpr int accepted = 202;
    return status == ok ? "OK" : status == accepted ? "Accepted" : "Error";
}

std::string head_of(int status) {
    return "HTTP/1.1 " + std::to_string(status) + " " + std::string(reason_of(status)) +
           "\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
}

std::string chunk_of(std::string_view text) {
    std::array<char, 24> size = {};
    const int length = std::snprintf(size.data(), size.size(), "%zx\r\n", text.size());
    return std::string(size.data(), static_cast<std::size_t>(length)).append(text).append("\r\n");
}

}  // namespace

std::optional<RequestHead> parse_request_head(std::string_view text) {
    if (text.find("\r\n\r\n") == std::string_view::npos) {
        return text.size() < longest_head ? std::nullopt : std::optional(RequestHead{});
    }
    const std::string_view line = text.substr(0, text.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first == std::string_view::npos ? first : first + 1);
    if (second == std::string_view::npos || !line.substr(second + 1).starts_with("HTTP/1.")) return RequestHead{};
    const std::string_view path = line.substr(first + 1, second - first - 1);
    const bool plain = std::all_of(line.begin(), line.end(), [](char byte) { return byte >= 0x20 && byte < 0x7f; });
    if (!plain || !path.starts_with('/')) return RequestHead{};
    return RequestHead{std::string(line.substr(0, first)), std::string(path)};
}

Callers::Callers(const std::string& path, int epoll, std::uint64_t tag)
    : path_(path), epoll_(epoll), tag_(tag), listener_(listen_at(SocketPath(path))) {}

Callers::~Callers() {
    ::unlink(path_.c_str());
}

/// The mode of the socket keeps others out; where a file system ignores modes, this does.
bool Callers::is_of_this_user(int socket) {
    ucred who = {};
    socklen_t size = sizeof who;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return false;
    return who.uid == 0 || who.uid == ::geteuid();
}

void Callers::watch(int number, const Caller& caller, int operation) {
    epoll_event event = {};
    const std::uint32_t also = caller.out.empty() ? 0U : static_cast<std::uint32_t>(EPOLLOUT);
    event.events = static_cast<std::uint32_t>(EPOLLIN | EPOLLRDHUP) | also;
    event.data.u64 = tag_ | static_cast<std::uint32_t>(number);
    ::epoll_ctl(epoll_, operation, caller.socket.get(), &event);
}

void Callers::accept() {
    for (;;) {
        Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket.open()) return;
        if (!is_of_this_user(socket.get()) || callers_.size() >= most_callers) continue;
        const int number = socket.get();
        Caller& caller = callers_[number];
        caller = {};
        caller.socket = std::move(socket);
        watch(number, caller, EPOLL_CTL_ADD);
    }
}

Callers::News Callers::attend(int number, std::uint32_t events) {
    const auto found = callers_.find(number);
    if (found == callers_.end()) return {};
    Caller& caller = found->second;
    News news;
    if ((events & EPOLLOUT) != 0) flush(number, caller);
    std::array<char, 4096> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): recv() fills it
    const auto got = ::recv(number, bytes.data(), bytes.size(), MSG_DONTWAIT);
    const bool gone = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
    if (got > 0 && !caller.asked) {
        caller.in.append(bytes.data(), static_cast<std::size_t>(got));
        if (auto head = parse_request_head(caller.in)) {
            caller.asked = true;
            news.call = Call{number, std::move(head->method), std::move(head->path)};
        }
    }
    const bool done = caller.last && caller.out.empty();
    if (gone || done || caller.dropped) {
        callers_.erase(found);
        news.left = true;
    }
    return news;
}

void Callers::flush(int number, Caller& caller) {
    while (!caller.out.empty()) {
        const auto sent = ::send(number, caller.out.data(), caller.out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) break;
        caller.out.erase(0, static_cast<std::size_t>(sent));
    }
    watch(number, caller, EPOLL_CTL_MOD);
}

void Callers::answer(int number, int status, std::string_view text, Keeper::More more) {
    const auto found = callers_.find(number);
    if (found == callers_.end() || found->second.last) return;
    Caller& caller = found->second;
    if (!caller.begun) caller.out += head_of(status);
    caller.begun = true;
    if (!text.empty()) caller.out += chunk_of(text);
    caller.last = more == Keeper::More::last;
    if (caller.last) caller.out += "0\r\n\r\n";
    flush(number, caller);
    // It reads nothing, so it will miss something: better that it sees the connection break.
    if (caller.out.size() > most_waiting) {
        caller.dropped = true;
        ::shutdown(number, SHUT_RDWR);
    } else if (caller.last && caller.out.empty()) {
        ::shutdown(number, SHUT_WR);
    }
}

}  // namespace flowlet::host
