#include "alarm/channels.h"

#include <algorithm>

#include "alarm/event.h"

namespace flowlet::alarm {
namespace {

constexpr Millis one_attempt{10000};
constexpr Millis least{100};
constexpr int attempts = 3;
constexpr std::size_t longest_reason = 200;

Millis time_left(const host::Host& host, Time until) {
    return std::clamp(std::chrono::duration_cast<Millis>(until - host.now()), Millis{0}, one_attempt);
}

// ---- webhook ---------------------------------------------------------------------------------------------------

/// Does this machine answer at that name? Only what can be nothing else: "127.0.0.1", not "127.example.com".
bool is_here(std::string_view server) {
    if (server.starts_with("[")) return server.starts_with("[::1]") && (server.size() == 5 || server[5] == ':');
    const std::string_view name = server.substr(0, server.find(':'));
    return name == "localhost" ||
           (name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string_view::npos);
}

Taken judge(const host::Response& response) {
    if (response.ok()) return {};
    if (response.status == 0) return {Taken::Answer::none, printable(response.body).substr(0, longest_reason)};
    return {Taken::Answer::no, "HTTP " + std::to_string(response.status)};
}

/// Is it worth asking again at once? What says that the request is wrong will say so again.
bool passes(const host::Response& response) {
    constexpr int request_timeout = 408;
    constexpr int too_many = 429;
    constexpr int server_trouble = 500;
    return response.status == 0 || response.status == request_timeout || response.status == too_many ||
           response.status >= server_trouble;
}

Taken post(host::Host& host, const Address& address, const nlohmann::json& document, Time until) {
    host::Request request;
    request.method = "POST";
    request.path = address.path;
    request.body = document.dump();
    request.content_type = "application/json";
    request.accept = "*/*";
    const Time end = std::min(until, host.now() + one_attempt);
    Taken taken{Taken::Answer::none, "there was no time left"};
    for (int attempt = 1; time_left(host, end) > least; ++attempt) {
        const host::Response response = host.send({"", address.server}, request, time_left(host, end));
        taken = judge(response);
        if (taken.answer == Taken::Answer::yes || attempt == attempts || !passes(response)) break;
        const std::chrono::seconds pause{attempt};
        if (time_left(host, end) <= pause + least || !host.sleep(pause)) break;
    }
    return taken;
}

void check_source(const config::Config& config, std::string_view key) {
    using Source = config::Reference::Source;
    const auto reference = config::find_reference(config, key);
    if (!reference) return;
    if (reference->source == Source::kubernetes || reference->source == Source::program ||
        reference->source == Source::terminal) {
        throw Error(Kind::config,
                    "an alarm waits for no program, cluster or person to tell its address; write ${file:…}, ${cred:…} "
                    "or a variable");
    }
}

Channel find_webhook(const Options& options) {
    constexpr std::string_view key = "backup.alarm.webhook";
    Channel channel{"webhook", "", {}};
    try {
        check_source(options.config, key);
        const Address address = parse_address(options.resolve(key).reveal());
        channel.hand_over = [&host = options.host, address](const nlohmann::json& document, Time until) {
            return post(host, address, document, until);
        };
    } catch (const Error& error) {
        channel.trouble = error.what();
    }
    return channel;
}

// ---- programs --------------------------------------------------------------------------------------------------

/// A program is not called again at once: who knows what it has done by then.
Taken call(host::Host& host, host::Command command, Time until) {
    command.timeout = time_left(host, until);
    command.grace = std::chrono::seconds{1};
    if (command.timeout <= least) return {Taken::Answer::none, "there was no time left"};
    const host::Exit exit = host.run(command);
    if (exit.ok()) return {};
    if (exit.timed_out) return {Taken::Answer::none, "it did not end in " + render_duration(command.timeout)};
    const std::string said = join(last_lines(printable(exit.err), 1), "").substr(0, longest_reason);
    return {exit.interrupted ? Taken::Answer::none : Taken::Answer::no,
            "it exited with status " + std::to_string(exit.code) + (said.empty() ? "" : ": " + said)};
}

std::string find_program(const host::Probe& probe, const std::string& name) {
    const auto program = probe.find_program(name);
    if (!program) throw Error(Kind::tool_missing, "there is no program " + printable(name));
    return *program;
}

Channel find_mail(const Options& options) {
    Channel channel{"mail", "", {}};
    try {
        host::Command command;
        command.program = find_program(options.host, options.config.path("backup.alarm.sendmail"));
        command.args = {"-t", "-i"};
        const std::string to = options.config.text("backup.alarm.mail");
        channel.hand_over = [&host = options.host, command, to](const nlohmann::json& document, Time until) {
            host::Command one = command;
            one.input = render_mail(document, to);
            return call(host, std::move(one), until);
        };
    } catch (const Error& error) {
        channel.trouble = error.what();
    }
    return channel;
}

Channel find_command(const Options& options) {
    Channel channel{"command", "", {}};
    try {
        const std::vector<std::string> words = options.config.list("backup.alarm.command");
        host::Command command;
        command.program = find_program(options.host, words.front());
        command.args.assign(words.begin() + 1, words.end());
        command.folder = options.config.root();
        channel.hand_over = [&host = options.host, command](const nlohmann::json& document, Time until) {
            host::Command one = command;
            one.input = document.dump() + "\n";
            return call(host, std::move(one), until);
        };
    } catch (const Error& error) {
        channel.trouble = error.what();
    }
    return channel;
}

/// The same channel with the key and its place in front of its trouble, and with no Error that leaves it.
Channel guarded(Channel channel, const config::Config& config, const std::string& key) {
    if (!channel.trouble.empty()) {
        // A secret that is not where it should be says of itself which key it is.
        if (!channel.trouble.starts_with(key))
            channel.trouble = key + " (" + render_place(config.require(key).place) + "): " + channel.trouble;
        return channel;
    }
    channel.hand_over = [inner = std::move(channel.hand_over)](const nlohmann::json& document, Time until) -> Taken {
        try {
            return inner(document, until);
        } catch (const Error& error) {
            // What a request was made of may stand in it, and so may a token.
            const bool stopped = error.kind() == Kind::interrupted || error.kind() == Kind::terminated;
            return {Taken::Answer::none, stopped ? "asked to stop" : "it could not be reached"};
        }
    };
    return channel;
}

}  // namespace

Address parse_address(const std::string& text) {
    constexpr std::string_view plain = "http://";
    constexpr std::string_view safe = "https://";
    const std::string_view scheme = text.starts_with(plain) ? plain : safe;
    const bool visible = std::all_of(text.begin(), text.end(), [](char one) { return one > ' ' && one < '\x7f'; });
    const std::string_view rest = std::string_view(text).substr(std::min(scheme.size(), text.size()));
    const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view server = rest.substr(0, slash);
    if (!text.starts_with(scheme) || !visible || server.empty() || text.find('#') != std::string::npos ||
        server.find_first_of("@\\") != std::string_view::npos) {
        throw Error(Kind::config, "that is no address; write https://HOST/PATH");
    }
    if (scheme == plain && !is_here(server)) {
        throw Error(Kind::config, "the webhook would be spoken to in plain text; write https:// instead of http://");
    }
    const std::string path(rest.substr(slash));
    return {std::string(scheme) + std::string(server), path.starts_with('/') ? path : "/" + path};
}

std::vector<Channel> find_channels(const Options& options) {
    std::vector<Channel> channels;
    const auto add = [&](const std::string& key, Channel (*find)(const Options&)) {
        if (options.config.find(key) == nullptr) return;
        channels.push_back(guarded(find(options), options.config, key));
    };
    add("backup.alarm.webhook", find_webhook);
    add("backup.alarm.mail", find_mail);
    if (!options.config.list("backup.alarm.command").empty()) add("backup.alarm.command", find_command);
    return channels;
}

}  // namespace flowlet::alarm
