#include <algorithm>
#include <functional>

#include "commands/stack/reader.h"

namespace flowlet::commands::stack {
namespace {

void check_edges(const config::Config& config, Wanted& wanted) {
    const std::vector<std::string> names = config.children("services");
    for (Service& service : wanted.services) {
        for (const std::string& other : service.after) {
            if (std::find(names.begin(), names.end(), other) != names.end()) continue;
            const auto near = did_you_mean(other, names);
            const config::Value* value = config.find("services." + service.keep.service + ".after");
            wanted.findings.push_back({plan::Finding::Severity::error, "service " + service.keep.service,
                                       "it is after " + printable(other) + ", and there is no such service",
                                       render_place(value->place),
                                       near ? "did you mean " + *near + "?" : "there are " + join(names, ", ")});
        }
    }
    if (const auto circle = find_circle(wanted.services); !circle.empty()) {
        const config::Value* value = config.find("services." + circle.front() + ".after");
        wanted.findings.push_back({plan::Finding::Severity::error, "services",
                                   "they wait for each other: " + join(circle, " → "), render_place(value->place),
                                   "take one of them out of the `after` of another"});
    }
}

}  // namespace

Wanted observe_wanted(const Session& session) {
    const config::Config& config = *session.config;
    Wanted wanted;
    const Places places = find_places(session);
    for (const std::string& name : config.children("services")) {
        wanted.services.push_back(read_service(session, name, services::mark_of(places.root, name), wanted.findings));
    }
    if (wanted.services.empty()) {
        throw Error(Kind::precondition, config.file() + " has no services",
                    "flowletctl setup writes them, or write them by hand: docs/stack.md");
    }
    check_edges(config, wanted);
    return wanted;
}

std::optional<host::Command> find_stop_command(const Session& session, const std::string& service) {
    const std::vector<std::string> names = session.config->children("services");
    if (std::find(names.begin(), names.end(), service) == names.end()) return std::nullopt;
    std::vector<plan::Finding> findings;
    auto command = read_service(session, service, "", findings).keep.stop_command;
    return command && !command->program.empty() ? command : std::nullopt;
}

std::vector<std::string> find_circle(const std::vector<Service>& services) {
    std::map<std::string, const Service*> by_name;
    for (const Service& service : services)
        by_name[service.keep.service] = &service;
    std::set<std::string> done;
    std::vector<std::string> path;
    const std::function<bool(const std::string&)> visit = [&](const std::string& name) {
        if (const auto at = std::find(path.begin(), path.end(), name); at != path.end()) {
            path.erase(path.begin(), at);
            path.push_back(name);
            return true;
        }
        if (!by_name.contains(name) || !done.insert(name).second) return false;
        path.push_back(name);
        for (const std::string& other : by_name[name]->after) {
            if (visit(other)) return true;
        }
        path.pop_back();
        return false;
    };
    for (const Service& service : services) {
        if (visit(service.keep.service)) return path;
    }
    return {};
}

std::set<std::string> choose_services(const std::vector<Service>& services, const std::vector<std::string>& chosen) {
    std::vector<std::string> names;
    for (const Service& service : services)
        names.push_back(service.keep.service);
    for (const std::string& name : chosen) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        const auto near = did_you_mean(name, names);
        throw Error(Kind::usage, "there is no service " + printable(name),
                    near ? "did you mean " + *near + "?" : "there are " + join(names, ", "));
    }
    std::vector<std::string> open = chosen.empty() ? names : chosen;
    std::set<std::string> found;
    while (!open.empty()) {
        const std::string name = open.back();
        open.pop_back();
        const auto at = std::find(names.begin(), names.end(), name);
        // An edge to nowhere is a finding already.
        if (at == names.end() || !found.insert(name).second) continue;
        const auto& after = services[static_cast<std::size_t>(at - names.begin())].after;
        open.insert(open.end(), after.begin(), after.end());
    }
    return found;
}

}  // namespace flowlet::commands::stack
