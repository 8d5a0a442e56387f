#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "flowlet/services.h"

namespace flowlet::services {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 7> state_names = {"idle",     "waiting", "starting", "ready",
                                                         "stopping", "stopped", "failed"};

State parse_state(const std::string& text) {
    const auto* const found = std::find(state_names.begin(), state_names.end(), text);
    if (found == state_names.end()) throw std::invalid_argument("no state");
    return static_cast<State>(found - state_names.begin());
}

json to_json(const Status& status) {
    return {{"service", status.service},          {"state", name(status.state)},    {"pid", status.pid},
            {"since", render_time(status.since)}, {"took_ms", status.took.count()}, {"restarts", status.restarts},
            {"why", printable(status.why)},       {"waits_for", status.waits_for}};
}

Time time_in(const json& value) {
    const auto time = parse_time(value.get<std::string>());
    if (!time) throw std::invalid_argument("no time");
    return *time;
}

/// A whole number that the type holds: what JSON allows besides has no meaning here, and no conversion.
template <typename Number>
Number number_in(const json& value) {
    const bool whole = value.is_number_unsigned()
                           ? std::in_range<Number>(value.get<std::uint64_t>())
                           : value.is_number_integer() && std::in_range<Number>(value.get<std::int64_t>());
    if (!whole) throw std::invalid_argument("no number");
    return value.get<Number>();
}

Status parse_status(const json& value) {
    Status status;
    value.at("service").get_to(status.service);
    status.state = parse_state(value.at("state").get<std::string>());
    status.pid = number_in<int>(value.at("pid"));
    status.since = time_in(value.at("since"));
    status.took = Millis{number_in<std::int64_t>(value.at("took_ms"))};
    status.restarts = number_in<int>(value.at("restarts"));
    value.at("why").get_to(status.why);
    value.at("waits_for").get_to(status.waits_for);
    return status;
}

json to_json(const host::Process& process) {
    return {{"pid", process.pid}, {"started", process.started}};
}

host::Process parse_process(const json& value) {
    return {number_in<int>(value.at("pid")), number_in<std::uint64_t>(value.at("started"))};
}

/// What came from elsewhere may be anything.
template <typename What>
auto guarded(What what) -> std::optional<decltype(what())> {
    try {
        return what();
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

}  // namespace

std::string_view name(State state) {
    return state_names.at(static_cast<std::size_t>(state));
}

std::string render_snapshot(const Snapshot& snapshot) {
    json services = json::array();
    for (const Status& status : snapshot.services)
        services.push_back(to_json(status));
    json ending = nullptr;
    if (snapshot.ending) ending = printable(*snapshot.ending);
    return json{{"project", snapshot.project},
                {"supervisor", to_json(snapshot.supervisor)},
                {"since", render_time(snapshot.since)},
                {"services", std::move(services)},
                {"ending", std::move(ending)},
                {"failed", snapshot.failed},
                {"words", snapshot.words}}
        .dump();
}

std::optional<Snapshot> parse_snapshot(std::string_view text) {
    return guarded([&] {
        const json value = json::parse(text);
        Snapshot snapshot;
        value.at("project").get_to(snapshot.project);
        snapshot.supervisor = parse_process(value.at("supervisor"));
        snapshot.since = time_in(value.at("since"));
        for (const json& one : value.at("services"))
            snapshot.services.push_back(parse_status(one));
        value.at("failed").get_to(snapshot.failed);
        value.at("words").get_to(snapshot.words);
        if (!value.at("ending").is_null()) snapshot.ending = value.at("ending").get<std::string>();
        return snapshot;
    });
}

std::string render_record(const Record& record) {
    json started = json::array();
    for (const Record::Started& one : record.started) {
        started.push_back({{"service", one.service},
                           {"leader", to_json(one.leader)},
                           {"grace_ms", one.grace.count()},
                           {"elsewhere", one.elsewhere}});
    }
    return json{{"boot", record.boot}, {"supervisor", to_json(record.supervisor)}, {"started", std::move(started)}}
               .dump() +
           "\n";
}

std::optional<Record> parse_record(std::string_view text) {
    return guarded([&] {
        const json value = json::parse(text);
        Record record;
        value.at("boot").get_to(record.boot);
        record.supervisor = parse_process(value.at("supervisor"));
        for (const json& one : value.at("started")) {
            record.started.push_back({one.at("service").get<std::string>(), parse_process(one.at("leader")),
                                      Millis{number_in<std::int64_t>(one.at("grace_ms"))},
                                      one.value("elsewhere", false)});
        }
        return record;
    });
}

}  // namespace flowlet::services
