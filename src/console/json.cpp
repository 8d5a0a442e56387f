#include <nlohmann/json.hpp>

#include "flowlet/console.h"
#include "flowlet/yaml.h"

namespace flowlet::console {
namespace {

using nlohmann::json;

/// JSON itself does not escape DEL and the controls above it, but a terminal may obey them.
std::string escape_controls(const std::string& text) {
    std::string safe;
    safe.reserve(text.size());
    constexpr std::string_view digits = "0123456789abcdef";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (byte == 0x7F) {
            safe += "\\u007f";
        } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {
            safe += std::string("\\u00") + digits[next >> 4U] + digits[next & 0xFU];
            ++i;
        } else {
            safe += text[i];
        }
    }
    return safe;
}

std::string print_yaml(const json& document) {
    return printable(yaml::render(document));
}

std::string print(const json& document) {
    // What printable() spells out beyond these, the marks that turn the direction of text, it spells as JSON does.
    return printable(escape_controls(document.dump(2, ' ', false, json::error_handler_t::replace))) + '\n';
}

json time_json(Time time) {
    return time == Time{} ? json(nullptr) : json(render_time(time));
}

json steps_json(const std::vector<run::StepReport>& steps) {
    json list = json::array();
    for (const run::StepReport& step : steps) {
        list.push_back({{"id", step.id},
                        {"what", step.what},
                        {"state", run::name(step.state)},
                        {"started", time_json(step.started)},
                        {"took_ms", step.took.count()},
                        {"error", step.error},
                        {"note", step.note}});
    }
    return list;
}

json workloads_json(const std::vector<plan::Waiter::Row>& rows) {
    json list = json::array();
    for (const plan::Waiter::Row& row : rows) {
        list.push_back({{"object", row.object}, {"ready", row.ready}, {"state", row.state}});
    }
    return list;
}

json cause_json(const std::optional<plan::Cause>& cause) {
    if (!cause) return nullptr;
    return {{"object", cause->object}, {"container", cause->container},
            {"reason", cause->reason}, {"message", cause->message},
            {"log", cause->log},       {"events", cause->events},
            {"also", cause->also},     {"next", cause->next}};
}

/// "backup verify" → "BackupVerify".
std::string kind_of(const std::string& command) {
    std::string kind;
    for (std::string word : split(command, ' ')) {
        if (!word.empty() && word.front() >= 'a' && word.front() <= 'z') {
            word.front() = static_cast<char>(word.front() - 'a' + 'A');
        }
        kind += word;
    }
    return kind;
}

json document_of(const run::Report& report) {
    const plan::Subject& subject = report.subject;
    json facts = json::object();
    for (const auto& [name, value] : subject.facts)
        facts[name] = value;
    json document = {{"apiVersion", "flowlet/v1"},
                     {"kind", kind_of(subject.command)},
                     {"title", report.title},
                     {"environment", subject.environment},
                     {"namespace", subject.space},
                     {"release", subject.release},
                     {"cluster", subject.cluster},
                     {"facts", facts},
                     {"outcome", run::name(report.outcome)},
                     {"code", name(report.kind)},
                     {"exit", exit_code(report.kind)},
                     {"steps", steps_json(report.steps)},
                     {"undone", steps_json(report.undone)},
                     {"workloads", workloads_json(report.workloads)},
                     {"cause", cause_json(report.cause)},
                     {"left", report.left},
                     {"changes", report.changes},
                     {"plan", report.digest},
                     {"started", time_json(report.started)},
                     {"took_ms", report.took.count()}};
    if (report.result.document != nullptr) document.update(*report.result.document);
    return document;
}

json document_of(const Error& error) {
    return {{"apiVersion", "flowlet/v1"}, {"kind", "Error"},      {"code", name(error.kind())},
            {"message", error.what()},    {"hint", error.hint()}, {"exit", exit_code(error.kind())}};
}

const json& document_of(const plan::View& view) {
    if (view.document == nullptr) throw Error(Kind::bug, "the view has no document");
    return *view.document;
}

}  // namespace

std::string to_json(const plan::Plan& plan) {
    return print(plan::to_json(plan));
}

std::string to_json(const plan::View& view) {
    return print(document_of(view));
}

std::string to_json(const run::Report& report) {
    return print(document_of(report));
}

std::string to_json(const Error& error) {
    return print(document_of(error));
}

std::string to_yaml(const plan::Plan& plan) {
    return print_yaml(plan::to_json(plan));
}

std::string to_yaml(const plan::View& view) {
    return print_yaml(document_of(view));
}

std::string to_yaml(const run::Report& report) {
    return print_yaml(document_of(report));
}

std::string to_yaml(const Error& error) {
    return print_yaml(document_of(error));
}

}  // namespace flowlet::console
