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

void warn(Presence& presence, const std::string& object, const std::string& message, const std::string& hint) {
    presence.findings.push_back({plan::Finding::Severity::warning, object, message, "", hint});
}

void tell_if_broken(const Session& session, Presence& presence) {
    const std::optional<Error>& broken = session.config->broken();
    if (!broken) return;
    warn(presence, "",
         "flowlet.yaml cannot be read, and nothing of it is used but its folder: what runs was started before\n" +
             std::string(broken->what()),
         broken->hint());
}

/// Processes die with their supervisor, or are found by their mark; what an engine runs for them does neither.
void observe_elsewhere(const Session& session, Presence& presence) {
    if (!presence.record || presence.record->boot != presence.boot) return;
    for (const services::Record::Started& started : presence.record->started) {
        if (!started.elsewhere) continue;
        if (auto command = find_stop_command(session, started.service)) {
            presence.elsewhere.emplace_back(started.service, std::move(*command));
        } else {
            warn(presence, "service " + started.service,
                 "it was started, and flowlet.yaml does not say any more how it is stopped: it may run still",
                 "stop it by hand");
        }
    }
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
    tell_if_broken(session, presence);
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
    observe_elsewhere(session, presence);
    return presence;
}

}  // namespace flowlet::commands::stack
