#include "support.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace flowlet::host::test {

namespace {

constexpr const char* role = "FLOWLET_TEST_ROLE";

[[noreturn]] void relay(const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(static_cast<char*>(address.sun_path), sizeof address.sun_path - 1);
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(9);
    ::listen(listener, 16);
    for (;;) {
        const int client = ::accept(listener, nullptr, nullptr);
        std::array<char, 4096> request = {};
        if (::recv(client, request.data(), request.size(), 0) > 0) {
            constexpr std::string_view answer =
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";
            ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
        ::close(client);
    }
}

/// The test program plays the relay, too: it looks at its role before any test begins.
const bool plays_a_test = [] {
    const char* wanted = std::getenv(role);
    if (wanted == nullptr || std::string(wanted) != "relay") return true;
    std::ifstream file("/proc/self/cmdline");
    std::string program;
    std::string path;
    std::getline(file, program, '\0');
    std::getline(file, path, '\0');
    relay(path);
}();

}  // namespace

int in_own_process(const std::function<bool()>& action) {
    const pid_t child = ::fork();
    if (child == 0) {
        bool fine = false;
        try {
            fine = action();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        ::_exit(fine ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_gone(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(file, text);
    const auto name_end = text.rfind(") ");
    return name_end == std::string::npos || text[name_end + 2] == 'Z' || text[name_end + 2] == 'X';
}

Command script(const std::string& text) {
    Command command;
    command.program = "/bin/sh";
    command.args = {"-c", text};
    return command;
}

Command relay_program() {
    Command command;
    command.program = std::filesystem::read_symlink("/proc/self/exe").string();
    command.args = {"@socket@"};
    command.env = {{role, "relay"}};
    return command;
}

}  // namespace flowlet::host::test
