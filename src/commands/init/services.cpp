#include "commands/init/services.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace flowlet::commands::init {
namespace {

using Names = std::vector<std::string>;

std::string first_folder(const Folder& folder, const Names& paths) {
    const auto found =
        std::find_if(paths.begin(), paths.end(), [&](const std::string& path) { return folder.has_folder(path); });
    return found == paths.end() ? "" : *found;
}

std::string first_file(const Folder& folder, const std::string& in, const Names& names) {
    const auto found = std::find_if(names.begin(), names.end(),
                                    [&](const std::string& name) { return folder.has_file(below(in, name)); });
    return found == names.end() ? "" : *found;
}

Names python_command(const Folder& folder, const std::string& in) {
    const std::string file = first_file(folder, in, {"run_server.py", "app.py", "wsgi.py"});
    if (file.empty()) return {};
    if (file != "wsgi.py") return {"python3", file};
    return {"python3", "-m", "flask", "--app", "wsgi", "run"};
}

/// The script that starts a frontend while it is worked on, in the words of the tool whose lock file lies beside it.
Names script_command(Folder& folder, const std::string& in) {
    const std::string package = below(in, "package.json");
    const std::string text = folder.text(package);
    if (text.empty()) return {};
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) {
        folder.note(package + " is no JSON object: nothing was taken from it");
        return {};
    }
    const auto scripts = json.find("scripts");
    if (scripts == json.end() || !scripts->is_object()) return {};
    for (const char* const name : {"dev", "start"}) {
        const auto script = scripts->find(name);
        if (script == scripts->end() || !script->is_string()) continue;
        const std::string lock = first_file(folder, in, {"pnpm-lock.yaml", "yarn.lock"});
        const std::string tool = lock.empty() ? "npm" : lock.substr(0, 4);
        return {tool, "run", name};
    }
    return {};
}

}  // namespace

std::optional<Service> find_backend(Folder& folder) {
    const std::string in = first_folder(folder, {"backend", "code/backend"});
    if (in.empty()) return std::nullopt;
    return Service{in, python_command(folder, in), first_file(folder, in, {".env.local", ".env"})};
}

std::optional<Service> find_frontend(Folder& folder) {
    const std::string in = first_folder(folder, {"web-frontend", "code/web-frontend", "frontend", "code/frontend"});
    if (in.empty()) return std::nullopt;
    return Service{in, script_command(folder, in), first_file(folder, in, {".env.local", ".env"})};
}

}  // namespace flowlet::commands::init
