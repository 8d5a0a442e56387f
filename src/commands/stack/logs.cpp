#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "commands/stack/stack.h"

namespace flowlet::commands::stack {
namespace {

constexpr std::size_t largest_log = std::size_t{2} << 30U;
constexpr std::string_view suffix = ".log";

struct Entry {
    Time at{};
    std::string service;
    std::string text;
};

/// "10m" ago, or a time.
Time parse_since(const std::string& text, Time now) {
    if (const auto ago = parse_duration(text)) return now - *ago;
    if (const auto at = parse_time(text)) return *at;
    throw Error(Kind::usage, "--since " + printable(text) + " is no time",
                "write how long ago, such as 10m, or a time such as 2026-11-22T05:40:00Z");
}

/// A service's log and its older ones, the oldest first.
std::vector<std::string> files_of(const std::vector<std::string>& names, const std::string& service) {
    std::vector<std::pair<int, std::string>> found;
    const std::string first = service + std::string(suffix);
    for (const std::string& name : names) {
        if (name == first) found.emplace_back(0, name);
        if (!name.starts_with(first + ".")) continue;
        int number = 0;
        const std::string digits = name.substr(first.size() + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error == std::errc() && end == digits.data() + digits.size()) found.emplace_back(number, name);
    }
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> files;
    for (auto& [number, name] : found)
        files.push_back(std::move(name));
    return files;
}

std::vector<std::string> services_in(const std::vector<std::string>& names) {
    std::vector<std::string> services;
    for (const std::string& name : names) {
        const bool is_log = name.ends_with(suffix) && name != "supervisor.log";
        if (is_log) services.push_back(name.substr(0, name.size() - suffix.size()));
    }
    return services;
}

void add_entries(std::vector<Entry>& entries, const std::string& service, std::string_view text, Time since) {
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const auto stamped = services::parse_stamped(text.substr(0, end));
        if (stamped && stamped->at >= since) entries.push_back({stamped->at, service, std::string(stamped->text)});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::vector<std::string> names_in(const host::Probe& probe, const std::string& folder) {
    const bool there = probe.file_info(folder).type == host::FileType::folder;
    return there ? probe.list_folder(folder) : std::vector<std::string>{};
}

/// Of these services, or of all, in the order of time.
std::vector<Entry> read_entries(const host::Probe& probe, const Places& places, const std::vector<std::string>& chosen,
                                Time since) {
    const std::vector<std::string> names = names_in(probe, places.logs);
    std::vector<Entry> entries;
    for (const std::string& service : chosen.empty() ? services_in(names) : chosen) {
        for (const std::string& file : files_of(names, service))
            add_entries(entries, service, probe.read_file(places.logs + "/" + file, largest_log), since);
    }
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.at < b.at; });
    return entries;
}

void check_names(const std::vector<std::string>& there, const std::vector<std::string>& chosen) {
    for (const std::string& name : chosen) {
        if (std::find(there.begin(), there.end(), name) != there.end()) continue;
        const auto near = did_you_mean(name, there);
        throw Error(Kind::usage, "there is no log of a service " + printable(name),
                    near            ? "did you mean " + *near + "?"
                    : there.empty() ? "nothing was started here yet"
                                    : "there are logs of " + join(there, ", "));
    }
}

nlohmann::json document_of(const std::vector<Entry>& entries) {
    nlohmann::json lines = nlohmann::json::array();
    for (const Entry& entry : entries)
        lines.push_back({{"at", render_time(entry.at)}, {"service", entry.service}, {"text", printable(entry.text)}});
    return {{"apiVersion", "flowlet/v1"}, {"kind", "Logs"}, {"lines", std::move(lines)}};
}

}  // namespace

plan::Yield make_output(const Session& session, const Places& places, const std::vector<std::string>& chosen,
                        Time read_until) {
    plan::Yield yield;
    yield.endpoint = places.control();
    yield.request = services::render_ask({services::Verb::logs, chosen});
    yield.show = [&probe = session.probe, places, chosen, read_until](std::string_view line) {
        std::vector<plan::Said> said;
        const std::size_t tab = line.find('\t');
        if (const auto begun = parse_time(line); begun && tab == std::string_view::npos) {
            for (Entry& entry : read_entries(probe, places, chosen, read_until + std::chrono::microseconds(1))) {
                if (entry.at <= *begun) said.push_back({entry.service, std::move(entry.text)});
            }
        } else if (const auto stamped = services::parse_stamped(line.substr(std::min(tab, line.size() - 1) + 1))) {
            said.push_back({std::string(line.substr(0, tab)), std::string(stamped->text)});
        }
        return said;
    };
    return yield;
}

plan::View view_logs(const Session& session, const LogsOptions& options) {
    const Presence presence = observe_presence(session);
    const Time now = session.probe.now();
    const Time since = options.since.empty() ? Time{} : parse_since(options.since, now);
    check_names(services_in(names_in(session.probe, presence.places.logs)), options.services);
    std::vector<Entry> entries = read_entries(session.probe, presence.places, options.services, since);
    const Time read_until = entries.empty() ? since : entries.back().at;
    plan::View view;
    const auto most = static_cast<std::size_t>(options.tail);
    if (options.tail > 0 && entries.size() > most) {
        view.notes.push_back(std::to_string(entries.size() - most) +
                             " earlier lines are not shown: --tail 0 shows all.");
        entries.erase(entries.begin(), entries.end() - static_cast<std::ptrdiff_t>(most));
    }
    view.document = std::make_shared<const nlohmann::json>(document_of(entries));
    for (Entry& entry : entries)
        view.said.push_back({entry.service, std::move(entry.text)});
    if (options.follow && presence.running)
        view.yield = make_output(session, presence.places, options.services, read_until);
    if (options.follow && !presence.running) view.notes.emplace_back("Nothing runs, so nothing follows.");
    return view;
}

}  // namespace flowlet::commands::stack
