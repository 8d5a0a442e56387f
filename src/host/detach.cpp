#include "host/detach.h"

#include "host/environment.h"
#include "host/files.h"
#include "host/socket_path.h"
#include "host/spawn.h"
#include "host/stop.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

namespace flowlet::host {

namespace {

using Clock = std::chrono::steady_clock;

Descriptor open_log(const std::string& path) {
    constexpr std::uint32_t owner_only = 0700;
    make_folders(path.substr(0, path.rfind('/')), owner_only);
    const Descriptor log(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!log.open()) throw Error(Kind::failed, "cannot write " + path + ": " + system_text(errno));
    constexpr int above_what_is_handed = 5;
    return Descriptor(::fcntl(log.get(), F_DUPFD_CLOEXEC, above_what_is_handed));
}

Child start(const Command& command, const std::string& log) {
    const Descriptor input = open_input("");
    const Descriptor output = open_log(log);
    Birth birth;
    birth.rights = Birth::Rights::service;
    auto variables = all_variables();
    for (const auto& [name, value] : command.env)
        variables[name] = value;
    for (const auto& [name, value] : variables)
        birth.variables.push_back(name + "=" + value);
    return spawn(command, {input.get(), output.get(), output.get()}, birth);
}

bool has_ended(const Child& child, int milliseconds) {
    pollfd watched = {child.ended.get(), POLLIN, 0};
    return ::poll(&watched, 1, milliseconds) > 0;
}

bool accepts(const std::string& socket) {
    try {
        return connect_to(SocketPath(socket)).open();
    } catch (const Error&) {
        return false;  // its folder is not there yet
    }
}

[[noreturn]] void fail(const Child& child, const std::string& log, const std::string& why) {
    ::kill(child.pid, SIGTERM);
    constexpr int patience = 5000;
    if (!has_ended(child, patience)) ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    constexpr std::size_t longest = std::size_t{1} << 20U;
    constexpr std::size_t shown = 12;
    const std::vector<std::string> words = last_lines(printable(read_whole(log, longest)), shown);
    throw Error(Kind::failed, why + (words.empty() ? "" : ":\n" + join(words, "\n")), "all it said is in " + log);
}

}  // namespace

void start_apart(const Command& command, const std::string& log, const std::string& socket, Millis wait,
                 const Interrupt* interrupt) {
    check_stop(interrupt, "starting " + render(command));
    const Child child = start(command, log);
    const auto deadline = Clock::now() + wait;
    for (int pause = 2; !accepts(socket); pause = std::min(pause * 2, 20)) {
        if (has_ended(child, pause)) fail(child, log, "it ended before it could be asked anything");
        if (stop_signal(interrupt) != 0) fail(child, log, "asked to stop while it started");
        if (Clock::now() >= deadline) fail(child, log, "it did not come up within " + render_duration(wait));
    }
}

}  // namespace flowlet::host
