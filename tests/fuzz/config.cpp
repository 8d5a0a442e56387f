// Any flowlet.yaml, with any other layer over it → a configuration that keeps its promises, or an Error that names each
// problem and its place. The parts of an input: flowlet.yaml, flowlet.local.yaml, the user's file, the system's file,
// variables as NAME=value, overrides as path=value, the environment.
#include "flowlet/config.h"

#include <nlohmann/json.hpp>

#include "fakes/world.h"
#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

using config::Config;
using config::Layer;
using config::Type;

void add_file(fakes::World& world, const std::string& path, const std::string& text) {
    if (!text.empty()) world.files[path] = {text, 0644};
}

void fill(fakes::World& world, const std::vector<std::string>& parts) {
    world.folder = "/project";
    world.files["/project/flowlet.yaml"] = {fuzz::part(parts, 0), 0644};
    add_file(world, "/project/flowlet.local.yaml", fuzz::part(parts, 1));
    add_file(world, "/home/tester/.config/flowletctl/config.yaml", fuzz::part(parts, 2));
    add_file(world, "/etc/flowletctl/config.yaml", fuzz::part(parts, 3));
    for (const auto& [name, value] : fuzz::pairs_of(fuzz::part(parts, 4)))
        world.variables[name] = value;
    world.variables["HOME"] = "/home/tester";
    world.variables.erase("XDG_CONFIG_HOME");
}

config::Request request_of(const std::vector<std::string>& parts) {
    config::Request request;
    request.environment = trim(fuzz::part(parts, 6));
    for (const auto& [path, value] : fuzz::pairs_of(fuzz::part(parts, 5))) {
        std::string typed = "--set ";
        typed += path;
        request.overrides.push_back({path, value, typed});
    }
    return request;
}

bool names_place(const std::string& line) {
    for (const std::string_view start :
         {"flowlet.yaml:", "/project/flowlet.local.yaml:", "/home/tester/.config/flowletctl/config.yaml:",
          "/etc/flowletctl/config.yaml:", "FLOWLET_", "--set "}) {
        if (line.starts_with(start)) return line.find(": ") != std::string::npos;
    }
    return false;
}

void check_error(const Error& error) {
    fuzz::demand_answer(error, {Kind::config, Kind::usage});
    if (error.kind() == Kind::usage) return;
    for (const std::string& line : split(error.what(), '\n'))
        fuzz::demand(names_place(line), "every problem has a place", line);
}

void check_typed(const Config& config, const config::Key& key, const std::string& path) {
    if (key.path.find('*') != std::string_view::npos && key.path.starts_with("environments.")) return;
    if (key.type == Type::integer) (void)config.integer(path);
    if (key.type == Type::boolean) (void)config.boolean(path);
    if (key.type == Type::duration) fuzz::demand(config.duration(path).count() >= 0, "a duration is none below 0");
    if (key.type == Type::path) fuzz::demand(!config.path(path).empty(), "a path is not empty", path);
    if (key.type == Type::map) {
        fuzz::demand(nlohmann::json::parse(config.text(path)).is_object(), "a map is JSON", config.text(path));
    }
}

void check_value(const Config& config, const std::string& path) {
    const config::Key& key = config::find(path);
    const config::Value& value = config.require(path);
    fuzz::demand(!value.reset, "what was taken back has no value", path);
    fuzz::demand(key.secret || fuzz::is_utf8(value.text), "a value is UTF-8", value.text);
    for (const std::string& item : value.list)
        fuzz::demand(fuzz::is_utf8(item), "an item is UTF-8", item);
    const std::string shown = config::render(key, value);
    fuzz::demand(printable(shown) == shown, "a value can be shown as it is", shown);
    if (key.secret) {
        const bool reference = value.text.starts_with("${") && value.text.ends_with("}");
        fuzz::demand(reference ? shown == value.text : shown == "***", "a secret is a reference, or is not shown",
                     shown);
    }
    const std::vector<config::Value> said = config.candidates(path);
    fuzz::demand(!said.empty() && said.front().text == value.text && said.front().layer == value.layer,
                 "the strongest that was said counts", path);
    const bool outer = value.layer == Layer::system || value.layer == Layer::fallback;
    fuzz::demand(outer || !config.lock(path), "nobody sets what is locked", path);
    if (!outer) fuzz::demand(!value.place.file.empty(), "a value knows where it was written", path);
    check_typed(config, key, path);
}

void check(const std::vector<std::string>& parts) {
    fakes::World world;
    fill(world, parts);
    const config::Request request = request_of(parts);
    std::optional<Config> config;
    try {
        config = config::load(world, request);
    } catch (const Error& error) {
        check_error(error);
        return;
    }
    for (const std::string& path : config->paths())
        check_value(*config, path);
    for (const std::string_view section : {"databases", "services", "environments"}) {
        for (const std::string& name : config->children(section))
            fuzz::demand(!name.empty(), "a name is not empty");
    }
    fuzz::demand(config->digest().size() == 64, "a configuration has a digest");
    fuzz::demand(config->digest() == config::load(world, request).digest(), "what is read again is the same");
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    flowlet::check(flowlet::fuzz::parts_of(flowlet::fuzz::text_of(data, size)));
    return 0;
}
