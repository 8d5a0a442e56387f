#include <pwd.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "audit/process.h"
#include "flowlet/audit.h"

namespace flowlet::audit {
namespace {

std::string user_name(uid_t uid) {
    std::vector<char> buffer(16384);
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
        return std::to_string(uid);
    }
    return found->pw_name;
}

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string terminal() {
    std::array<char, 256> name{};
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::ttyname_r(number, name.data(), name.size()) == 0) return name.data();
    }
    return "";
}

std::uint32_t login_uid() {
    const std::string text = first_line("/proc/self/loginuid");
    std::uint32_t uid = 4294967295U;
    std::from_chars(text.data(), text.data() + text.size(), uid);
    return uid;
}

std::string environment(const char* name) {
    const char* value = ::secure_getenv(name);
    return value == nullptr ? "" : value;
}

}  // namespace

Actor current_actor(const std::vector<std::string>& args, const std::string& version) {
    Actor actor;
    actor.uid = ::getuid();
    actor.user = user_name(actor.uid);
    actor.login_uid = login_uid();
    actor.sudo_user = environment("SUDO_USER");
    actor.host = host_name();
    actor.boot = first_line("/proc/sys/kernel/random/boot_id");
    actor.terminal = terminal();
    actor.version = version;
    actor.args = args;
    return actor;
}

}  // namespace flowlet::audit
