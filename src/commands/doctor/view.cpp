#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/doctor/doctor.h"

namespace flowlet::commands::doctor {
namespace {

enum class Severity { ok, warning, error };

struct Check {
    std::string id;
    Severity severity = Severity::ok;
    std::string text;
    std::string fix;
};

std::string_view word(Severity severity) {
    switch (severity) {
        case Severity::ok:
            return "ok";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
    }
    return "";
}

Check judge(const Look& look) {
    if (!look.error) return {look.id, Severity::ok, look.found, ""};
    // Without a project there is little to be wrong.
    const bool absent = look.id == "configuration" && look.error->kind() == Kind::precondition;
    const std::string& hint = look.error->hint();
    return {look.id, absent ? Severity::warning : Severity::error, look.error->what(),
            hint.empty() ? "mend what is named here" : hint};
}

/// "12.3 GiB".
std::string render_bytes(std::uint64_t bytes) {
    constexpr std::uint64_t mebi = std::uint64_t{1} << 20U;
    constexpr std::uint64_t gibi = std::uint64_t{1} << 30U;
    if (bytes < gibi) return std::to_string(bytes / mebi) + " MiB";
    return std::to_string(bytes / gibi) + "." + std::to_string(bytes % gibi * 10 / gibi) + " GiB";
}

std::vector<Check> judge_audit(const Facts& facts) {
    std::vector<Check> checks;
    Check folder{"audit folder", Severity::ok,
                 facts.audit_folder + (facts.audit_there ? "" : ", made when it is needed"), ""};
    constexpr std::uint32_t others = 0077;
    if (!facts.audit_writable) {
        folder = {folder.id, Severity::error, facts.audit_folder + " may not be written: nothing that changes will run",
                  "give it to the user who runs flowletctl, or set audit.dir"};
    } else if (facts.audit_there && (facts.audit_mode & others) != 0) {
        folder = {folder.id, Severity::warning, facts.audit_folder + " is open to others",
                  "chmod 700 " + facts.audit_folder};
    }
    checks.push_back(folder);
    if (facts.audit_chain) checks.push_back(judge(*facts.audit_chain));
    constexpr std::uint64_t enough = std::uint64_t{1} << 30U;
    constexpr std::uint64_t least = std::uint64_t{64} << 20U;
    Check disk{"disk", Severity::ok, render_bytes(facts.audit_space) + " free for the audit log", ""};
    if (facts.audit_space < enough) {
        disk.severity = facts.audit_space < least ? Severity::error : Severity::warning;
        disk.fix = "make room in the file system of " + facts.audit_folder;
    }
    checks.push_back(disk);
    return checks;
}

std::vector<Check> judge_all(const Facts& facts) {
    std::vector<Check> checks;
    for (const Look& look : facts.looks)
        checks.push_back(judge(look));
    for (const std::string& file : facts.open_files)
        checks.push_back(
            {"permissions", Severity::warning, "everybody may read the secret in " + file, "chmod 600 " + file});
    for (Check& check : judge_audit(facts))
        checks.push_back(std::move(check));
    Check clock{"clock", Severity::ok, "kept right by the system", ""};
    if (!facts.clock_kept) {
        clock.severity = Severity::warning;
        clock.text = "nothing keeps the clock right: times in the audit log may be wrong";
        clock.fix = "run a time service, such as chrony or systemd-timesyncd";
    }
    checks.push_back(clock);
    return checks;
}

}  // namespace

plan::View view_health(const Facts& facts) {
    plan::View view;
    view.columns = {"STATE", "CHECK", "FOUND"};
    nlohmann::json findings = nlohmann::json::array();
    std::size_t errors = 0;
    std::size_t warnings = 0;
    for (const Check& check : judge_all(facts)) {
        view.rows.push_back({std::string(word(check.severity)), check.id, check.text});
        findings.push_back(
            {{"id", check.id}, {"severity", word(check.severity)}, {"message", check.text}, {"fix", check.fix}});
        errors += check.severity == Severity::error ? 1 : 0;
        warnings += check.severity == Severity::warning ? 1 : 0;
        if (check.severity != Severity::ok && !check.fix.empty()) {
            view.notes.push_back(check.id + ": " + check.fix);
        }
    }
    view.notes.push_back(std::to_string(errors) + (errors == 1 ? " error, " : " errors, ") + std::to_string(warnings) +
                         (warnings == 1 ? " warning" : " warnings"));
    view.verdict = errors == 0 ? Kind::ok : Kind::unhealthy;
    view.document = std::make_shared<const nlohmann::json>(nlohmann::json{{"apiVersion", "flowlet/v1"},
                                                                          {"kind", "Doctor"},
                                                                          {"verdict", errors == 0 ? "ok" : "unhealthy"},
                                                                          {"findings", findings}});
    return view;
}

}  // namespace flowlet::commands::doctor
