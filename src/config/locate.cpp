#include "config/locate.h"

namespace flowlet::config {
namespace {

std::string in_folder(const std::string& folder, std::string_view name) {
    return folder.ends_with('/') ? folder + std::string(name) : folder + "/" + std::string(name);
}

std::string parent(const std::string& folder) {
    const std::size_t slash = folder.find_last_of('/');
    return slash == 0 || slash == std::string::npos ? "/" : folder.substr(0, slash);
}

std::string without_end_slash(std::string folder) {
    while (folder.size() > 1 && folder.ends_with('/'))
        folder.pop_back();
    return folder;
}

bool is_there(const host::Probe& probe, const std::string& folder) {
    return probe.file_info(in_folder(folder, file_name)).type != host::FileType::none;
}

std::string find_root(const host::Probe& probe, const std::string& wanted, const std::string& current) {
    if (!wanted.empty()) {
        std::string root = without_end_slash(wanted.front() == '/' ? wanted : in_folder(current, wanted));
        if (is_there(probe, root)) return root;
        throw Error(Kind::precondition, "there is no " + std::string(file_name) + " in " + printable(wanted),
                    "--root names the folder that holds it");
    }
    std::string folder = current;
    while (!is_there(probe, folder)) {
        if (folder == "/") {
            throw Error(Kind::precondition,
                        "there is no " + std::string(file_name) + " in " + printable(current) + " or above it",
                        "go to the project's folder, or name it with --root");
        }
        folder = parent(folder);
    }
    return folder;
}

}  // namespace

Located find_file(const host::Probe& probe, const std::string& root) {
    const bool need_current = root.empty() || root.front() != '/';
    const std::string current = need_current ? without_end_slash(probe.current_folder()) : "";
    Located located;
    located.root = find_root(probe, root, current);
    located.file = in_folder(located.root, file_name);
    located.shown = located.root == current ? file_name : located.file;
    return located;
}

Located locate(const host::Probe& probe, const std::string& root) {
    const Located located = find_file(probe, root);
    check_trust(probe, located.file, located.shown);
    return located;
}

void check_trust(const host::Probe& probe, const std::string& file, const std::string& shown) {
    const host::FileInfo info = probe.file_info(file);
    if (info.type != host::FileType::regular) {
        throw Error(Kind::config, shown + " is no regular file");
    }
    if ((info.mode & 022U) != 0) {
        throw Error(Kind::config, shown + ": others than its owner may write it, so it cannot be trusted",
                    "chmod go-w " + shown);
    }
}

}  // namespace flowlet::config
