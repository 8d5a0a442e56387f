#include <algorithm>
#include <nlohmann/json.hpp>

#include "commands/backup/prune.h"

namespace flowlet::commands::backup {
namespace {

std::string check_reason(const std::string& reason) {
    constexpr std::size_t longest = 500;
    std::string text(trim(reason));
    if (text.empty()) {
        throw Error(Kind::usage, "--reason is empty", "say why, as whoever reads it in six years needs it");
    }
    if (text.size() > longest || printable(text) != text || text.find('\n') != std::string::npos) {
        throw Error(Kind::usage, "--reason: one line of at most " + std::to_string(longest) + " characters");
    }
    return text;
}

HoldFacts observe(const Session& session, const HoldOptions& options) {
    HoldFacts facts;
    facts.reason = check_reason(options.reason);
    facts.store = observe_store(session, find_signer(session));
    facts.id = options.id;
    facts.now = session.probe.now();
    return facts;
}

std::optional<Hold> find_hold(const Store& store, const std::string& id) {
    const auto found =
        std::find_if(store.holds.begin(), store.holds.end(), [&](const Hold& hold) { return hold.id == id; });
    return found == store.holds.end() ? std::nullopt : std::optional(*found);
}

/// What both have in common: under the lock of the holds, while the job's folder is as it was looked at.
plan::Plan begin(const Session& session, const HoldFacts& facts, const std::string& command) {
    plan::Plan plan;
    const std::string verb = command.substr(command.rfind(' ') + 1);
    plan.title = verb + " backup " + facts.id;
    plan.effect = plan::Effect::files;
    plan.subject.command = command;
    plan.subject.environment = session.config->environment();
    plan.subject.facts = {{"id", facts.id}, {"path", facts.store.folder + "/" + facts.id}, {"reason", facts.reason}};
    return plan;
}

void add_lock(plan::Plan& plan, const Store& store) {
    const std::string lock = hold_lock(store);
    std::vector<std::string> names = store.names;
    // The lock step itself makes that folder where it is missing.
    if (std::find(names.begin(), names.end(), holds_folder) == names.end()) names.emplace_back(holds_folder);
    std::sort(names.begin(), names.end());
    plan::Step claim{"lock", "lock the holds", plan::Claim{lock, store.folder, names}, {}, {}, true};
    claim.undo.push_back({"unlock the holds", plan::Release{lock}});
    plan.steps.push_back(std::move(claim));
}

plan::Result tell(const std::string& text, const HoldFacts& facts) {
    plan::Result result;
    result.text = text;
    result.document =
        std::make_shared<const nlohmann::json>(nlohmann::json{{"id", facts.id}, {"reason", facts.reason}});
    return result;
}

}  // namespace

std::string hold_lock(const Store& store) {
    return store.folder + "/" + std::string(holds_folder) + "/" + std::string(lock_file);
}

HoldFacts observe_hold(const Session& session, const HoldOptions& options) {
    HoldFacts facts = observe(session, options);
    std::vector<std::string> ids;
    for (const Entry& entry : facts.store.entries)
        ids.push_back(entry.id);
    if (std::find(ids.begin(), ids.end(), facts.id) == ids.end()) {
        const auto near = did_you_mean(facts.id, ids);
        throw Error(Kind::precondition, "there is no backup " + printable(facts.id) + " in " + facts.store.folder,
                    near ? "did you mean " + *near + "?" : "flowletctl backup list names them");
    }
    facts.held = find_hold(facts.store, facts.id);
    if (facts.held && facts.held->reason != facts.reason) {
        throw Error(Kind::conflict, facts.id + " is held already: " + facts.held->reason,
                    "one hold is enough; to give another reason, release it first");
    }
    return facts;
}

HoldFacts observe_release(const Session& session, const HoldOptions& options) {
    HoldFacts facts = observe(session, options);
    facts.held = find_hold(facts.store, facts.id);
    if (!facts.held) {
        std::vector<std::string> held;
        for (const Hold& hold : facts.store.holds)
            held.push_back(hold.id);
        throw Error(Kind::precondition, printable(facts.id) + " is not held",
                    held.empty() ? "no backup is" : "held are: " + join(held, ", "));
    }
    return facts;
}

plan::Plan plan_hold(const Session& session, const HoldFacts& facts) {
    plan::Plan plan = begin(session, facts, "backup hold");
    if (facts.held) {
        plan.unchanged = 1;
        return plan;
    }
    add_lock(plan, facts.store);
    Hold hold;
    hold.id = facts.id;
    hold.reason = facts.reason;
    hold.by = session.user;
    hold.since = facts.now;
    hold.run = session.run_id;
    const std::string path = hold_path(facts.store.folder, facts.id);
    constexpr std::uint32_t owner_only = 0600;
    constexpr int created = 201;
    plan::Step write{"hold", "write " + path, plan::Write{path, render_hold(hold), owner_only}, {"lock"}, {}, false};
    write.undo.push_back({"remove " + path, plan::Erase{path, render_hold(hold)}, created});
    plan.steps.push_back(std::move(write));
    plan.result = [facts] { return tell("it stays until somebody releases it", facts); };
    return plan;
}

plan::Plan plan_release(const Session& session, const HoldFacts& facts) {
    plan::Plan plan = begin(session, facts, "backup release");
    add_lock(plan, facts.store);
    const std::string path = hold_path(facts.store.folder, facts.id);
    plan.subject.facts.emplace_back("held for", facts.held->reason);
    plan.subject.facts.emplace_back("held by", facts.held->by);
    plan.steps.push_back({"release", "remove " + path, plan::Erase{path, facts.held->content}, {"lock"}, {}, false});
    const bool there = std::any_of(facts.store.entries.begin(), facts.store.entries.end(),
                                   [&](const Entry& entry) { return entry.id == facts.id; });
    plan.findings.push_back({plan::Finding::Severity::warning, facts.id,
                             there ? "it was held for: " + facts.held->reason : "there is no such backup any more", "",
                             there ? "from now on the retention decides on it" : ""});
    plan.result = [facts] { return tell("the retention decides on it again", facts); };
    return plan;
}

}  // namespace flowlet::commands::backup
