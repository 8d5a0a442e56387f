#include <algorithm>

#include "commands/stack/stack.h"

namespace flowlet::commands::stack {
namespace {

constexpr Millis patience{3000};
constexpr std::size_t largest_record = std::size_t{16} << 20U;

std::optional<services::Record> read_record(const host::Probe& probe, const std::string& path) {
    if (probe.file_info(path).type != host::FileType::regular) return std::nullopt;
    return services::parse_record(probe.read_file(path, largest_record));
}

bool is_alive(const Presence& presence, const std::vector<host::ProcessInfo>& all) {
    if (!presence.record || presence.record->boot != presence.boot) return false;
    return std::any_of(all.begin(), all.end(),
                       [&](const host::ProcessInfo& one) { return one.id == presence.record->supervisor; });
}

}  // namespace

host::Endpoint Places::control() const {
    return {folder + "/" + services::control_name};
}

Places find_places(const Session& session) {
    Places places;
    places.root = session.config->root();
    places.project = session.config->text("project");
    places.folder = places.root + "/.flowlet/stack";
    places.logs = places.root + "/.flowlet/logs";
    places.mark = services::mark_of(places.root);
    return places;
}

Presence observe_presence(const Session& session) {
    Presence presence;
    presence.places = find_places(session);
    presence.boot = session.probe.boot();
    presence.self = session.probe.self().pid;
    presence.record = read_record(session.probe, presence.places.folder + "/" + services::record_name);
    const std::string control = presence.places.control().socket;
    if (session.probe.file_info(control).type != host::FileType::none) {
        const host::Request look = services::render_ask({services::Verb::look, {}});
        const host::Response response =
            session.probe.ask(presence.places.control(), std::span(&look, 1), patience).front();
        if (response.ok()) presence.running = services::parse_snapshot(response.body);
    }
    if (presence.running) return presence;
    const std::vector<host::ProcessInfo> all = session.probe.processes();
    presence.silent = is_alive(presence, all);
    presence.left = services::find_left(all, presence.places.mark, presence.record, presence.boot, presence.self);
    return presence;
}

}  // namespace flowlet::commands::stack
