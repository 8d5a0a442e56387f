#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/audit/audit.h"

namespace flowlet::commands::audit {
namespace {

std::string text(const nlohmann::json& record, const char* group, const char* key) {
    const auto found = record.find(group);
    if (found == record.end() || !found->is_object()) {
        return {};
    }
    const auto value = found->find(key);
    return value != found->end() && value->is_string() ? printable(value->get<std::string>()) : std::string();
}

std::string text(const nlohmann::json& record, const char* key) {
    const auto value = record.find(key);
    return value != record.end() && value->is_string() ? printable(value->get<std::string>()) : std::string();
}

std::string target(const nlohmann::json& record) {
    const auto targets = record.find("tgt");
    if (targets == record.end() || !targets->is_array() || targets->empty() || !targets->front().is_object()) {
        return "-";
    }
    const nlohmann::json& first = targets->front();
    return printable(first.value("release", "") + " in " + first.value("ns", ""));
}

std::vector<std::string> row(const nlohmann::json& record) {
    const bool numbered = record.contains("i") && record["i"].is_number();
    return {numbered ? std::to_string(record["i"].get<std::uint64_t>()) : "?",
            text(record, "ts").substr(0, 19),
            text(record, "who", "user") + "@" + text(record, "from", "host"),
            text(record, "act"),
            text(record, "env"),
            target(record),
            text(record, "phase"),
            text(record, "out", "status"),
            text(record, "id")};
}

nlohmann::json fault_json(const evidence::Fault& fault) {
    return {{"index", fault.index}, {"offset", fault.offset}, {"message", fault.message}};
}

}  // namespace

plan::View view_records(const Facts& facts, const Options& options) {
    const evidence::Verification log = evidence::verify(facts.text);
    plan::View view;
    nlohmann::json records = nlohmann::json::array();
    view.columns = {"#", "TIME", "WHO", "ACT", "ENV", "TARGET", "PHASE", "STATUS", "RUN"};
    const std::size_t all = log.records.size();
    const std::size_t first = options.last == 0 || options.last >= all ? 0 : all - options.last;
    for (std::size_t i = first; i < all; ++i) {
        records.push_back(*log.records[i].json);
        view.rows.push_back(row(*log.records[i].json));
    }
    view.notes.push_back(std::to_string(all - first) + " of " + std::to_string(all) + " records of " + facts.path);
    if (!log.faults.empty()) {
        view.notes.emplace_back("the chain is broken: flowletctl audit verify says where");
    }
    view.document = std::make_shared<const nlohmann::json>(nlohmann::json{
        {"apiVersion", "flowlet/v1"}, {"kind", "AuditRecords"}, {"path", facts.path}, {"records", records}});
    return view;
}

plan::View view_verification(const Facts& facts) {
    const evidence::Verification log = evidence::verify(facts.text);
    plan::View view;
    nlohmann::json faults = nlohmann::json::array();
    for (const evidence::Fault& fault : log.faults) {
        faults.push_back(fault_json(fault));
        view.notes.push_back("record " + std::to_string(fault.index) + ", byte " + std::to_string(fault.offset) + ": " +
                             printable(fault.message));
    }
    const bool whole = log.faults.empty();
    view.verdict = whole ? Kind::ok : Kind::verification;
    if (log.torn_tail) {
        view.notes.emplace_back("the last line is cut off: a writer was killed; the next one will say so in the log");
    }
    if (log.open_intents > 0) {
        view.notes.push_back(std::to_string(log.open_intents) +
                             " intents have no outcome: those runs go on or were killed");
    }
    view.notes.push_back((whole ? "verified: " : "NOT VERIFIED: ") + std::to_string(log.records.size()) +
                         " records of " + facts.path +
                         (whole ? ", the chain holds, head " + log.head.substr(0, 16) : ", the chain is broken"));
    view.document = std::make_shared<const nlohmann::json>(nlohmann::json{{"apiVersion", "flowlet/v1"},
                                                                          {"kind", "AuditVerification"},
                                                                          {"path", facts.path},
                                                                          {"verified", whole},
                                                                          {"records", log.records.size()},
                                                                          {"head", log.head},
                                                                          {"torn_tail", log.torn_tail},
                                                                          {"open_intents", log.open_intents},
                                                                          {"faults", faults}});
    return view;
}

}  // namespace flowlet::commands::audit
