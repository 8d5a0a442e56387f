#include "stack/readiness.h"

#include <algorithm>
#include <iterator>

#include "stack/words.h"

namespace flowlet::stack {
namespace {

constexpr Millis patience{2000};

std::string look_at_port(host::Host& host, int port) {
    const std::string four = host.knock("127.0.0.1", port, patience);
    if (four.empty() || host.knock("::1", port, patience).empty()) return "";
    return "port " + std::to_string(port) + ": " + four;
}

std::string look_at_url(host::Host& host, const std::string& url) {
    const std::size_t after_scheme = url.find("://") + 3;
    const std::size_t slash = std::min(url.find('/', after_scheme), url.size());
    host::Endpoint endpoint;
    endpoint.address = url.substr(0, slash);
    host::Request request;
    request.path = slash == url.size() ? "/" : url.substr(slash);
    request.accept = "*/*";
    const host::Response response = host.ask(endpoint, std::span(&request, 1), patience).front();
    if (response.ok()) return "";
    if (response.status != 0) return url + " answers with status " + std::to_string(response.status);
    return url + ": " + printable(response.body);
}

std::string look_by_program(host::Host& host, const plan::Keep& keep) {
    host::Command command;
    command.program = keep.ready.exec.front();
    command.args = {keep.ready.exec.begin() + 1, keep.ready.exec.end()};
    command.folder = keep.launch.command.folder;
    command.env = host.env_with_prefix("");
    for (const auto& [name, value] : keep.launch.env)
        command.env[name] = value.reveal();
    command.timeout = patience * 5;
    command.grace = patience;
    const std::string complaint = complaint_of(command, host.query(command));
    return complaint.empty() ? "" : "the check " + complaint;
}

}  // namespace

bool has_look(const plan::Ready& ready) {
    return !ready.http.empty() || ready.tcp != 0 || !ready.exec.empty() || ready.postgres.has_value();
}

std::function<std::string()> make_look(host::Host& host, const plan::Keep& keep) {
    return [&host, keep] {
        std::string why;
        if (keep.ready.tcp != 0) why = look_at_port(host, keep.ready.tcp);
        if (why.empty() && !keep.ready.http.empty()) why = look_at_url(host, keep.ready.http);
        if (why.empty() && keep.ready.postgres) why = host.knock(*keep.ready.postgres, patience);
        if (why.empty() && !keep.ready.exec.empty()) why = look_by_program(host, keep);
        return why;
    };
}

std::string find_stranger(const plan::Keep& keep, std::span<const host::Listener> listeners,
                          std::span<const host::ProcessInfo> members) {
    const auto is_own = [&](const host::Listener& listener) {
        return listener.owner && std::any_of(members.begin(), members.end(),
                                             [&](const auto& one) { return one.id == listener.owner->id; });
    };
    for (const int port : keep.ports) {
        std::vector<host::Listener> there;
        std::copy_if(listeners.begin(), listeners.end(), std::back_inserter(there),
                     [&](const host::Listener& listener) { return listener.port == port; });
        if (there.empty() || std::any_of(there.begin(), there.end(), is_own)) continue;
        const host::Listener& stranger = there.back();
        const std::string who = stranger.owner ? render(*stranger.owner) : "a process of another user";
        return "port " + std::to_string(port) + " is answered by " + who + ", not by " + keep.service;
    }
    return "";
}

}  // namespace flowlet::stack
