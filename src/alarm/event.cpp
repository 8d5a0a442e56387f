#include "alarm/event.h"

#include <algorithm>
#include <array>

namespace flowlet::alarm {
namespace {

constexpr std::size_t longest_text = 8000;
constexpr std::size_t longest_subject = 120;

/// Cut where a character ends.
std::string cut(std::string text, std::size_t most) {
    if (text.size() <= most) return text;
    constexpr unsigned char continues = 0x80;
    constexpr unsigned char top_bits = 0xC0;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & top_bits) == continues)
        --most;
    return text.substr(0, most) + " …";
}

bool is_known(const Trouble& trouble, const std::vector<std::string>& reasons) {
    return !reasons.empty() && std::all_of(reasons.begin(), reasons.end(), [&](const std::string& reason) {
        return std::find(trouble.reasons.begin(), trouble.reasons.end(), reason) != trouble.reasons.end();
    });
}

/// One line of visible ASCII.
std::string header_text(const std::string& text) {
    std::string line;
    for (const char letter : text)
        line += letter >= ' ' && letter <= '~' ? letter : '?';
    return line;
}

std::string word(const nlohmann::json& document, const char* key) {
    const auto found = document.find(key);
    return found != document.end() && found->is_string() ? found->get<std::string>() : "";
}

/// "Sat, 21 Nov 2026 19:12:03 +0000" (RFC 5322).
std::string mail_date(Time time) {
    constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::string stamp = render_time(time);
    return std::string(days.at(std::chrono::weekday(day).c_encoding())) + ", " + stamp.substr(8, 2) + " " +
           months.at(static_cast<unsigned>(date.month()) - 1) + " " + stamp.substr(0, 4) + " " + stamp.substr(11, 8) +
           " +0000";
}

}  // namespace

std::optional<News> note_ending(Troubles& troubles, const std::string& command, const Ending& ending, Time now) {
    const auto found = troubles.find(command);
    if (ending.kind == Kind::ok) {
        if (found == troubles.end()) return std::nullopt;
        const News news{News::What::recovered, found->second};
        troubles.erase(found);
        return news;
    }
    const bool known = found != troubles.end() && is_known(found->second, ending.reasons);
    Trouble& trouble = troubles.try_emplace(command, Trouble{now, 0, {}}).first->second;
    trouble.reasons = ending.reasons;
    if (known) return std::nullopt;
    ++trouble.failures;
    return News{News::What::failed, trouble};
}

nlohmann::json to_document(const Options& options, const Ending& ending, const News& news) {
    const auto fit = [&](const std::string& text) {
        return cut(options.scrubber.scrub(printable(text)), longest_text);
    };
    const std::string& environment = options.config.environment();
    nlohmann::json document = {{"apiVersion", "flowlet/v1"},
                               {"kind", "Alarm"},
                               {"id", options.run},
                               {"event", news.what == News::What::failed ? "failed" : "recovered"},
                               {"command", options.command},
                               {"project", fit(options.config.text("project"))},
                               {"environment", environment.empty() ? nlohmann::json() : nlohmann::json(environment)},
                               {"job", environment.empty() ? "default" : environment},
                               {"code", name(ending.kind)},
                               {"exit", exit_code(ending.kind)},
                               {"message", fit(ending.message)},
                               {"hint", fit(ending.hint)},
                               {"backup", ending.backup.empty() ? nlohmann::json() : nlohmann::json(ending.backup)},
                               {"at", render_time(options.host.now())},
                               {"host", fit(options.machine)},
                               {"user", fit(options.user)},
                               {"version", options.version},
                               {"since", render_time(news.trouble.since)},
                               {"failures", news.trouble.failures}};
    document["text"] = render_sentence(document);
    return document;
}

std::string render_sentence(const nlohmann::json& document) {
    const std::string job = word(document, "command") + " of " + word(document, "project") + " (" +
                            word(document, "job") + ") on " + word(document, "host");
    if (word(document, "event") == "recovered")
        return job + " is well again; it had failed since " + word(document, "since");
    const std::string message = word(document, "message");
    return job + " failed" + (message.empty() ? "" : ": " + message);
}

std::string render_mail(const nlohmann::json& document, const std::string& to) {
    const std::string what = word(document, "event") == "recovered" ? " is well again" : " failed";
    const std::string subject =
        word(document, "project") + " (" + word(document, "job") + "): " + word(document, "command") + what;
    std::string mail = "To: " + header_text(to) + "\nSubject: " + header_text(subject).substr(0, longest_subject) +
                       "\nDate: " + mail_date(parse_time(word(document, "at")).value_or(Time{})) + "\nMessage-ID: <" +
                       header_text(word(document, "id")) + ".flowletctl@" + header_text(word(document, "host")) +
                       ">\nAuto-Submitted: auto-generated\nMIME-Version: 1.0\n"
                       "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" +
                       render_sentence(document) + "\n";
    if (const std::string hint = word(document, "hint"); !hint.empty()) mail += "\nwhat to do: " + hint + "\n";
    mail += '\n';
    for (const char* const key : {"backup", "code", "at", "since", "host", "user", "id"}) {
        if (const std::string value = word(document, key); !value.empty()) {
            mail += std::string(key) + ": " + value + "\n";
        }
    }
    return mail;
}

}  // namespace flowlet::alarm
