#include "commands/backup/folders.h"

#include <algorithm>

#include "commands/backup/tools.h"

namespace flowlet::commands::backup {
namespace {

/// What is made again from what is kept.
const std::vector<std::string>& usual_exclusions() {
    static const std::vector<std::string> names = {"venv", ".venv", "node_modules", "__pycache__"};
    return names;
}

/// tar writes whole records, and ends an archive with blocks of zeros (POSIX pax, "ustar interchange format").
constexpr std::uint64_t record_bytes = 10240;

Folder read_folder(const Session& session, const std::string& name, const std::string& store) {
    const config::Config& config = *session.config;
    const std::string key = "backup.files." + name + ".";
    Folder folder{name, config.path(key + "path"), usual_exclusions()};
    (void)config.require(key + "path");
    while (folder.path.size() > 1 && (folder.path.ends_with('/') || folder.path.ends_with("/.")))
        folder.path.resize(folder.path.rfind('/'));
    if (config.find(key + "exclude") != nullptr) folder.exclude = config.list(key + "exclude");
    if (session.probe.file_info(folder.path).type != host::FileType::folder) {
        throw Error(Kind::config,
                    render_place(config.require(key + "path").place) + ": " + key + "path: " + printable(folder.path) +
                        " is no folder",
                    "name one that is there, or take it out");
    }
    // A backup that packs the store packs itself.
    if (store.starts_with(folder.path + "/")) folder.exclude.push_back("." + store.substr(folder.path.size()));
    return folder;
}

}  // namespace

FolderFacts observe_folders(const Session& session) {
    FolderFacts facts;
    const std::string store = session.config->path("backup.store");
    for (const std::string& name : session.config->children("backup.files"))
        facts.folders.push_back(read_folder(session, name, store));
    if (!facts.folders.empty()) facts.tar = find_tool(session, "tar");
    return facts;
}

host::Command pack(const Tool& tar, const Folder& folder, Millis timeout) {
    host::Command command;
    command.program = tar.path;
    command.args = {"--create",
                    "--file=-",
                    "--format=posix",
                    "--sort=name",
                    "--numeric-owner",
                    "--one-file-system",
                    "--directory=" + folder.path};
    for (const std::string& name : folder.exclude)
        command.args.push_back("--exclude=" + name);
    command.args.emplace_back(".");
    command.timeout = timeout;
    return command;
}

host::Command read_packed(const Tool& tar, Millis timeout) {
    host::Command command;
    command.program = tar.path;
    command.args = {"--list", "--file=-"};
    command.timeout = timeout;
    return command;
}

std::string packed_fault(const Measured& plain) {
    const bool zeros = !plain.tail.empty() &&
                       std::all_of(plain.tail.begin(), plain.tail.end(), [](char byte) { return byte == '\0'; });
    return zeros && plain.bytes % record_bytes == 0 ? "" : "is no whole archive of tar";
}

}  // namespace flowlet::commands::backup
