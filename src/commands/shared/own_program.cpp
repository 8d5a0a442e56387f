#include "commands/shared/own_program.h"

#include <filesystem>

namespace flowlet::commands {

std::string own_program(const host::Probe& probe, const std::string& hint) {
    std::string called;
    try {
        const std::string line = probe.read_file("/proc/self/cmdline");
        called = line.substr(0, line.find('\0'));
    } catch (const Error&) {
        called = "flowletctl";
    }
    const std::optional<std::string> found = probe.find_program(called);
    if (!found) throw Error(Kind::precondition, "it cannot be told where " + printable(called) + " is", hint);
    return std::filesystem::path(*found).lexically_normal().string();
}

}  // namespace flowlet::commands
