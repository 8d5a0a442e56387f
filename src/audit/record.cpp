#include "audit/record.h"

#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "audit/process.h"

namespace flowlet::audit {
namespace {

std::string now() {
    return render_time(std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now()));
}

std::string_view category(plan::Effect effect) {
    switch (effect) {
        case plan::Effect::none:
            return "read";
        case plan::Effect::files:
        case plan::Effect::cluster:
            return "update";
        case plan::Effect::data:
            return "data";
    }
    return "update";
}

std::string_view status(run::Outcome outcome) {
    switch (outcome) {
        case run::Outcome::succeeded:
            return "success";
        case run::Outcome::failed:
            return "failure";
        case run::Outcome::rolled_back:
            return "rolled_back";
        case run::Outcome::rollback_failed:
            return "rollback_failed";
        case run::Outcome::cancelled:
            return "cancelled";
    }
    return "unknown";
}

Json from_here(const Actor& actor) {
    const auto pid = static_cast<std::uint64_t>(::getpid());
    return {{"host", actor.host},
            {"boot", actor.boot},
            {"pid", pid},
            {"start", process_start(static_cast<std::int64_t>(pid))},
            {"tty", actor.terminal},
            {"ver", actor.version},
            {"mono", boot_clock()}};
}

Json list_steps(const std::vector<run::StepReport>& steps) {
    Json list = Json::array();
    for (const run::StepReport& step : steps)
        list.push_back({{"id", step.id}, {"state", run::name(step.state)}});
    return list;
}

}  // namespace

std::string make_id() {
    std::array<unsigned char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw Error(Kind::audit_unavailable, "audit log: the system gives no random bytes");
    }
    const auto millis = static_cast<std::uint64_t>(
        std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()).count());
    for (unsigned i = 0; i < 6; ++i)
        bytes.at(i) = static_cast<unsigned char>(millis >> (40U - 8U * i));
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x70U);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
        id += digits[bytes.at(i) >> 4U];
        id += digits[bytes.at(i) & 0x0FU];
    }
    return id;
}

Json describe_run(const Actor& actor, const plan::Plan& plan) {
    const plan::Subject& subject = plan.subject;
    Json facts = Json::object();
    for (const auto& [name, value] : subject.facts)
        facts[printable(name)] = value;
    return {
        {"id", make_id()},
        {"act", subject.command},
        {"cat", category(plan.effect)},
        {"args", actor.args},
        {"env", subject.environment},
        {"who", {{"user", actor.user}, {"uid", actor.uid}, {"login_uid", actor.login_uid}, {"sudo", actor.sudo_user}}},
        {"from", from_here(actor)},
        {"tgt", {{{"cluster", subject.cluster}, {"ns", subject.space}, {"release", subject.release}}}},
        {"plan", {{"digest", plan::digest(plan)}, {"steps", plan.steps.size()}, {"changes", plan.changes.size()}}},
        {"facts", facts}};
}

Json describe_intent(const Json& run) {
    Json record = run;
    record["ts"] = now();
    record["phase"] = "intent";
    record["out"] = {{"status", "started"}};
    return fit(std::move(record));
}

Json describe_outcome(const Json& run, std::uint64_t intent, const run::Report& report) {
    Json record = run;
    record["ts"] = now();
    record["phase"] = "outcome";
    record["of"] = intent;
    record["from"]["mono"] = boot_clock();
    Json out = {{"status", status(report.outcome)},
                {"code", exit_code(report.kind)},
                {"dur_us", std::chrono::microseconds(report.took).count()},
                {"err", nullptr}};
    if (report.cause) {
        out["err"] = report.cause->message;
        out["cause"] = {{"object", report.cause->object}, {"reason", report.cause->reason}};
    }
    record["out"] = std::move(out);
    record["steps"] = list_steps(report.steps);
    if (report.result.document != nullptr) record["result"] = *report.result.document;
    if (!report.undone.empty()) record["undone"] = list_steps(report.undone);
    if (!report.left.empty()) record["left"] = report.left;
    return fit(std::move(record));
}

Json describe_abandoned(const Json& run, const Json& intent) {
    Json record = {{"ts", now()},
                   {"phase", "outcome"},
                   {"of", intent.at("i")},
                   {"who", run.at("who")},
                   {"from", run.at("from")},
                   {"out", {{"status", "unknown"}, {"err", "abandoned: the process ended without an outcome"}}}};
    for (const char* key : {"id", "act", "cat", "env", "tgt"})
        record[key] = intent.value(key, Json());
    record["args"] = Json::array();
    return fit(std::move(record));
}

Json describe_torn(const Torn& torn, const Json& next) {
    Json record = {{"ts", now()},
                   {"phase", "recover"},
                   {"id", make_id()},
                   {"act", "audit.recover"},
                   {"cat", "update"},
                   {"args", Json::array()},
                   {"tgt", Json::array()},
                   {"out", {{"status", "success"}}},
                   {"torn", {{"off", torn.offset}, {"len", torn.length}, {"sha256", torn.hash}}}};
    for (const char* key : {"who", "from", "env"})
        record[key] = next.value(key, Json());
    return record;
}

}  // namespace flowlet::audit
