#include "commands/shared/program.h"

#include <algorithm>

namespace flowlet::commands {
namespace {

constexpr const char* debian_folder = "/usr/lib/postgresql";

}  // namespace

std::optional<Version> find_version(const std::string& said) {
    std::optional<Version> first;
    for (const std::string& line : split(said, '\n')) {
        for (const std::string& word : split(line, ' ')) {
            const std::size_t mark = word.find("-MariaDB");
            // "Docker version 24.0.7, build afdd53b"
            const std::size_t end = std::min(mark, word.find_last_not_of(",;)") + 1);
            const std::optional<Version> version = parse_version(word.substr(0, end));
            if (version && mark != std::string::npos) return version;
            if (version && !first) first = version;
        }
    }
    return first;
}

std::string find_postgres_folder(const host::Probe& probe, int major) {
    if (probe.file_info(debian_folder).type != host::FileType::folder) return "";
    std::string best;
    int best_major = 0;
    for (const std::string& name : probe.list_folder(debian_folder)) {
        const std::optional<Version> version = parse_version(name + ".0");
        if (!version || version->major < major || (best_major != 0 && version->major >= best_major)) continue;
        best_major = version->major;
        best = std::string(debian_folder) + "/" + name + "/bin";
    }
    return best;
}

}  // namespace flowlet::commands
