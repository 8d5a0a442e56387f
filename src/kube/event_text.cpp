#include "kube/event_text.h"

#include <algorithm>

#include "kube/json_path.h"

namespace flowlet::kube::verdict {

std::string event_subject(const nlohmann::json& event) {
    auto uid = text_at(event, {"involvedObject", "uid"});
    return uid.empty() ? text_at(event, {"regarding", "uid"}) : uid;
}

std::string event_reason(const nlohmann::json& event) {
    return text_at(event, {"reason"});
}

std::string event_message(const nlohmann::json& event) {
    auto message = text_at(event, {"message"});
    return message.empty() ? text_at(event, {"note"}) : message;
}

std::int64_t event_count(const nlohmann::json& event) {
    return std::max({std::int64_t{1}, number_at(event, {"count"}), number_at(event, {"series", "count"})});
}

std::optional<Time> event_time(const nlohmann::json& event) {
    if (const auto time = time_at(event, {"series", "lastObservedTime"})) return time;
    if (const auto time = time_at(event, {"lastTimestamp"})) return time;
    if (const auto time = time_at(event, {"eventTime"})) return time;
    if (const auto time = time_at(event, {"firstTimestamp"})) return time;
    return time_at(event, {"metadata", "creationTimestamp"});
}

bool is_about_container(const nlohmann::json& event, std::string_view container) {
    const auto field = text_at(event, {"involvedObject", "fieldPath"});
    return field.ends_with("{" + std::string{container} + "}");
}

void sort_events(std::vector<Json>& events) {
    std::sort(events.begin(), events.end(), [](const Json& a, const Json& b) {
        const auto at_a = event_time(*a);
        const auto at_b = event_time(*b);
        if (at_a != at_b) return at_a < at_b;
        return text_at(*a, {"metadata", "name"}) < text_at(*b, {"metadata", "name"});
    });
}

std::string render_event(const nlohmann::json& event) {
    auto text = event_reason(event) + ": " + event_message(event);
    if (const auto count = event_count(event); count > 1) text += " (x" + std::to_string(count) + ")";
    return printable(text);
}

Json last_event(const std::vector<Json>& events, std::string_view reason) {
    const auto found =
        std::find_if(events.rbegin(), events.rend(), [&](const Json& event) { return event_reason(*event) == reason; });
    return found == events.rend() ? nullptr : *found;
}

std::int64_t count_events(const std::vector<Json>& events, std::string_view reason) {
    std::int64_t count = 0;
    for (const auto& event : events) {
        if (event_reason(*event) == reason) count += event_count(*event);
    }
    return count;
}

}  // namespace flowlet::kube::verdict
