#include "commands/init/folder.h"

#include <algorithm>
#include <array>

namespace flowlet::commands::init {
namespace {

constexpr std::size_t most_looks = 4000;
constexpr std::size_t most_bytes = std::size_t{1} << 20U;

/// What tools make and fetch: large, and nobody's own.
constexpr auto foreign = std::to_array<std::string_view>(
    {"node_modules", "vendor", "venv", "dist", "build", "target", "__pycache__", "site-packages", "coverage"});

bool is_foreign(const std::string& name) {
    return name.starts_with(".") || std::find(foreign.begin(), foreign.end(), name) != foreign.end();
}

/// A name with a control character, or in no UTF-8, cannot stand in flowlet.yaml.
bool can_be_written(const std::string& name) {
    return printable(name) == name && name.find_first_of("\n\t") == std::string::npos;
}

}  // namespace

std::string below(const std::string& folder, const std::string& name) {
    return folder.empty() || folder == "." ? name : folder + "/" + name;
}

std::string Folder::absolute(const std::string& path) const {
    if (path.empty() || path == ".") return root_;
    return root_ + (root_.ends_with('/') ? "" : "/") + path;
}

bool Folder::has_file(const std::string& path) const {
    return probe_.file_info(absolute(path)).type == host::FileType::regular;
}

bool Folder::has_folder(const std::string& path) const {
    return probe_.file_info(absolute(path)).type == host::FileType::folder;
}

void Folder::note(const std::string& text) {
    if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.push_back(text);
}

std::vector<std::string> Folder::names(const std::string& path) {
    std::vector<std::string> names;
    if (!has_folder(path)) return names;
    try {
        names = probe_.list_folder(absolute(path));
    } catch (const Error& error) {
        note(printable(error.what()));
    }
    const std::size_t all = names.size();
    std::erase_if(names, [](const std::string& name) { return !can_be_written(name); });
    if (names.size() != all) {
        note("left out: names in " + (path.empty() ? "." : path) + " that hold a control character or are not UTF-8");
    }
    return names;
}

std::string Folder::text(const std::string& path) {
    if (!has_file(path)) return "";
    try {
        return probe_.read_file(absolute(path), most_bytes);
    } catch (const Error& error) {
        note(printable(error.what()));
        return "";
    }
}

std::vector<std::string> Folder::folders_with(const std::string& file, const std::string& start, int depth) {
    struct Place {
        std::string path;
        int depth;
    };
    std::vector<std::string> found;
    std::vector<Place> open = {{start, 0}};
    std::size_t looks = 0;
    for (std::size_t at = 0; at < open.size(); ++at) {
        const Place here = open[at];
        if (has_file(below(here.path, file))) {
            found.push_back(here.path.empty() ? "." : here.path);
            continue;
        }
        if (here.depth == depth) continue;
        for (const std::string& name : names(here.path)) {
            if (is_foreign(name)) continue;
            if (++looks > most_looks) {
                note("looked at the first " + std::to_string(most_looks) + " names only: a " + file +
                     " elsewhere was not found");
                return found;
            }
            if (has_folder(below(here.path, name))) open.push_back({below(here.path, name), here.depth + 1});
        }
    }
    return found;
}

}  // namespace flowlet::commands::init
