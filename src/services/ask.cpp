#include <algorithm>
#include <array>

#include "flowlet/services.h"

namespace flowlet::services {
namespace {

struct Row {
    Verb verb;
    std::string_view method;
    std::string_view path;
};
constexpr auto rows = std::to_array<Row>({
    {Verb::look, "GET", "/status"},
    {Verb::follow, "GET", "/events"},
    {Verb::logs, "GET", "/logs"},
    {Verb::start, "POST", "/start"},
    {Verb::stop, "POST", "/stop"},
    {Verb::restart, "POST", "/restart"},
});
constexpr std::string_view names_key = "?services=";

/// The grammar of a service's name in flowlet.yaml.
bool is_name(std::string_view text) {
    constexpr std::size_t longest = 63;
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-' || letter == '_';
    });
}

}  // namespace

host::Request render_ask(const Ask& ask) {
    const auto* const row =
        std::find_if(rows.begin(), rows.end(), [&](const Row& one) { return one.verb == ask.verb; });
    host::Request request;
    request.method = row->method;
    request.path = row->path;
    if (!ask.services.empty()) request.path.append(names_key).append(join(ask.services, ","));
    return request;
}

std::optional<Ask> parse_ask(std::string_view method, std::string_view path) {
    const std::size_t mark = std::min(path.find('?'), path.size());
    const auto* const row = std::find_if(rows.begin(), rows.end(), [&](const Row& one) {
        return one.method == method && one.path == path.substr(0, mark);
    });
    if (row == rows.end()) return std::nullopt;
    Ask ask{row->verb, {}};
    if (mark == path.size()) return ask;
    if (!path.substr(mark).starts_with(names_key)) return std::nullopt;
    ask.services = split(path.substr(mark + names_key.size()), ',');
    if (!std::all_of(ask.services.begin(), ask.services.end(), is_name)) return std::nullopt;
    return ask;
}

}  // namespace flowlet::services
