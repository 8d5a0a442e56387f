#include "app/watch.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

namespace flowlet::app {
namespace {

/// Somebody has seen it and knows why: a person who stopped it, or who mistyped.
bool is_own_doing(Kind kind, const audit::Actor& actor) {
    const bool stopped = kind == Kind::interrupted || kind == Kind::cancelled;
    return kind == Kind::usage || (stopped && !actor.terminal.empty());
}

std::string find_text(const std::shared_ptr<const nlohmann::json>& document, const char* key) {
    if (document == nullptr || !document->is_object()) return "";
    const auto found = document->find(key);
    return found != document->end() && found->is_string() ? found->get<std::string>() : "";
}

/// Did the plan leave what it is named after?
bool is_there(const run::Report& report) {
    return report.subject.command != "backup" || report.kind == Kind::ok || report.kind == Kind::partial ||
           report.kind == Kind::unaudited;
}

void say(const std::string& line) {
    std::cerr << line << std::endl;
}

}  // namespace

alarm::Ending to_ending(const run::Report& report) {
    alarm::Ending ending;
    ending.kind = report.kind;
    if (report.cause) {
        const plan::Cause& cause = *report.cause;
        const std::string colon = cause.object.empty() || cause.reason.empty() ? "" : ": ";
        ending.message = cause.object + colon + cause.reason + (cause.message.empty() ? "" : ": " + cause.message);
        ending.hint = cause.next;
    }
    if (ending.message.empty()) ending.message = report.title;
    if (!report.left.empty()) ending.message += "; left: " + join(report.left, "; ");
    const auto id = std::find_if(report.subject.facts.begin(), report.subject.facts.end(),
                                 [](const auto& fact) { return fact.first == "id"; });
    if (id != report.subject.facts.end() && is_there(report)) ending.backup = id->second;
    return ending;
}

alarm::Ending to_ending(const plan::View& view) {
    alarm::Ending ending;
    ending.kind = view.verdict;
    ending.message = join(view.notes, "; ");
    ending.backup = find_text(view.document, "newest");
    if (view.document != nullptr && view.document->contains("reasons")) {
        ending.reasons = view.document->at("reasons").get<std::vector<std::string>>();
    }
    return ending;
}

alarm::Ending to_ending(const Error& error) {
    return {error.kind(), error.what(), error.hint(), "", {}};
}

Watch::Watch(host::Host& host, host::Interrupt* interrupt, const audit::Actor& actor,
             const commands::Invocation& invocation, const commands::Session& session)
    : actor_(actor), watched_(invocation.watched), interrupt_(interrupt) {
    if (watched_ == commands::Invocation::Watched::no || session.config == nullptr) return;
    const alarm::Options options{host,
                                 *session.config,
                                 *session.scrubber,
                                 session.audit_folder.empty() ? "" : session.audit_folder + "/alarms",
                                 invocation.command,
                                 session.run_id,
                                 actor.user,
                                 actor.host,
                                 actor.version,
                                 [&session](std::string_view key) { return commands::resolve(session, key); },
                                 say};
    alarms_ = alarm::make_alarms(options);
}

void Watch::begin() {
    if (alarms_ != nullptr) alarms_->deliver_owed();
}

void Watch::end(alarm::Ending ending) {
    if (alarms_ == nullptr || is_own_doing(ending.kind, actor_)) return;
    const bool lasts = watched_ == commands::Invocation::Watched::while_it_lasts;
    if (lasts && ending.reasons.empty() && ending.kind != Kind::ok) {
        ending.reasons = {std::string(name(ending.kind)) + " " + stream::sha256_hex(ending.message)};
    }
    // Who stops a backup wants to be told that it did not end well: only a second signal cuts that short.
    if (interrupt_ != nullptr) interrupt_->shield(true);
    alarms_->tell(ending);
    if (interrupt_ != nullptr) interrupt_->shield(false);
}

}  // namespace flowlet::app
