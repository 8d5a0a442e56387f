#include "commands/backup/prune.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "commands/backup/backup.h"
#include "commands/shared/chain.h"

namespace flowlet::commands::backup {
namespace {

constexpr std::string_view pruned_prefix = ".partial-pruned-";

using Severity = plan::Finding::Severity;

std::string count(std::size_t number, const std::string& word) {
    return std::to_string(number) + " " + word + (number == 1 ? "" : "s");
}

class PrunePlan {
public:
    PrunePlan(const Session& session, const PruneFacts& facts)
        : session_(session), facts_(facts), job_(facts.store.folder) {
        for (const PruneFacts::Begun& begun : facts.begun)
            begun_[begun.id] = begun.content;
        for (std::size_t i = 0; i < facts.judgement.verdicts.size(); ++i) {
            const Verdict& verdict = facts.judgement.verdicts[i];
            if (verdict.fate == Verdict::Fate::goes) {
                goes_.push_back(i);
            } else if (begun_.contains(verdict.id) && digest_in(begun_[verdict.id]) == entry(i).manifest_sha256) {
                stays_after_all_.push_back(verdict.id);
            }
        }
        for (const std::string& name : facts.store.partial) {
            if (name.starts_with(pruned_prefix)) left_.push_back(name);
        }
    }

    plan::Plan make() {
        describe();
        find_obstacles();
        tell_what_stays();
        if (goes_.empty() && left_.empty() && stays_after_all_.empty()) return std::move(plan_);
        add_locks();
        for (const std::string& name : left_)
            add("clear/" + name, "remove " + name + ", which an earlier prune has left",
                plan::Clear{job_ + "/" + name});
        for (const std::string& id : stays_after_all_)
            add("forget/" + id, "take back the tombstone of " + id + ", which stays",
                plan::Erase{tombstone_path(job_, id), begun_[id]});
        if (!goes_.empty() && facts_.tombstones == PruneFacts::Folder::missing) {
            const std::string folder = job_ + "/" + std::string(tombstones_folder);
            add("tombstones", "create " + folder, plan::MakeFolder{folder});
        }
        for (const std::size_t i : goes_)
            add_removal(i);
        return std::move(plan_);
    }

private:
    [[nodiscard]] const Entry& entry(std::size_t i) const { return facts_.store.entries[i]; }

    void say(Severity severity, const std::string& object, const std::string& message, const std::string& hint = "") {
        plan_.findings.push_back({severity, object, message, "", hint});
    }

    /// Each step after the one before: one backup is gone before the next is touched.
    plan::Step& add(const std::string& id, const std::string& what, plan::Action action) {
        return add_after_last(plan_, id, what, std::move(action));
    }

    void add_lock(const std::string& id, const std::string& what, const plan::Claim& claim) {
        plan::Step& step = add(id, "lock " + what, claim);
        step.undo.push_back({"unlock " + what, plan::Release{claim.lock}});
        step.always = true;
    }

    /// That of the runs, so that none is at work and the folder is as it was looked at; and that of the holds, for none
    /// may come now.
    void add_locks() {
        add_lock("lock", job_, {job_ + "/" + std::string(lock_file), job_, facts_.store.names});
        const std::string holds = job_ + "/" + std::string(holds_folder);
        add_lock("holds", "the holds", {hold_lock(facts_.store), holds, facts_.hold_names});
    }

    void add_removal(std::size_t i) {
        const Entry& gone = entry(i);
        const Verdict& verdict = facts_.judgement.verdicts[i];
        const std::string away = job_ + "/" + std::string(pruned_prefix) + gone.id;
        if (!begun_.contains(gone.id)) {
            constexpr std::uint32_t owner_only = 0600;
            const Tombstone stone = {gone.id,
                                     gone.manifest.serial,
                                     gone.manifest_sha256,
                                     gone.manifest.started,
                                     stored_bytes(gone),
                                     facts_.now,
                                     session_.user,
                                     session_.run_id,
                                     verdict.why};
            add("tombstone/" + gone.id, "write the tombstone of " + gone.id,
                plan::Write{tombstone_path(job_, gone.id), render_tombstone(stone), owner_only});
        }
        add("retire/" + gone.id, "take " + gone.id + " out of the store", plan::Publish{gone.folder, away});
        add("clear/" + gone.id, "remove " + gone.id, plan::Clear{away});
    }

    void describe() {
        const Store& store = facts_.store;
        const std::size_t all = store.entries.size();
        const std::string which = goes_.empty() ? "the" : std::to_string(goes_.size()) + " of " + std::to_string(all);
        plan_.title = "prune " + which + " backups of " + store.system + " (" + store.job + ")";
        plan_.effect = plan::Effect::data;
        plan_.subject.command = "backup prune";
        plan_.subject.environment = session_.config->environment();
        plan_.subject.facts = {{"path", job_}, {"config", session_.config->digest()}};
        plan_.unchanged = all - goes_.size();
        std::uint64_t bytes = 0;
        nlohmann::json removed = nlohmann::json::array();
        for (const std::size_t i : goes_) {
            const Verdict& verdict = facts_.judgement.verdicts[i];
            plan_.changes.push_back({plan::Op::remove,
                                     verdict.id,
                                     {{"why", "", nlohmann::json(verdict.why).dump()}},
                                     join(verdict.why, "; ")});
            bytes += stored_bytes(entry(i));
            removed.push_back(
                {{"id", verdict.id}, {"manifest_sha256", entry(i).manifest_sha256}, {"why", verdict.why}});
        }
        plan::Result result;
        result.text = (goes_.empty() ? "nothing goes, "
                                     : std::to_string(goes_.size()) + " removed, " + render_size(bytes) + " freed, ") +
                      std::to_string(plan_.unchanged) + (plan_.unchanged == 1 ? " stays" : " stay");
        result.document = std::make_shared<const nlohmann::json>(
            nlohmann::json{{"removed", removed}, {"bytes", bytes}, {"kept", plan_.unchanged}});
        plan_.result = [result] { return result; };
    }

    void find_obstacles() {
        const Judgement& judgement = facts_.judgement;
        if (!judgement.stop.empty())
            say(goes_.empty() ? Severity::warning : Severity::error, "", judgement.stop, judgement.hint);
        if (facts_.tombstones == PruneFacts::Folder::strange)
            say(Severity::error, job_ + "/" + std::string(tombstones_folder), "is no folder of this store",
                "move it away");
        if (goes_.empty() || facts_.guarded.empty()) return;
        plan_.confirm = {facts_.guarded, count(goes_.size(), "backup") + " of " + facts_.guarded +
                                             ", which is protected, would go and not come back"};
    }

    void tell_what_stays() {
        if (facts_.policy.retention == Policy::Retention::unset) {
            say(Severity::note, "backup.retention", "is not set, so nothing is ever removed",
                "for example: retention: {keep_last: 7, daily: 30, monthly: 12, yearly: 6}");
        }
        std::size_t lawful = 0;
        for (std::size_t i = 0; i < facts_.judgement.verdicts.size(); ++i) {
            const Verdict& verdict = facts_.judgement.verdicts[i];
            if (verdict.fate == Verdict::Fate::goes) continue;
            if (verdict.by == Verdict::By::law) ++lawful;
            if (verdict.by == Verdict::By::hold) say(Severity::note, verdict.id, "stays, " + verdict.why.front());
            if (verdict.by == Verdict::By::trouble)
                say(Severity::warning, verdict.id, "stays, it " + verdict.why.back(),
                    "prune never removes such a one: look at it, then remove it by hand");
        }
        if (lawful > 0)
            say(Severity::note, "",
                count(lawful, "backup") + " would go, but the law keeps " + (lawful == 1 ? "it" : "them"));
        if (!facts_.judgement.note.empty()) say(Severity::warning, "", facts_.judgement.note);
        for (const std::string& name : facts_.store.foreign)
            say(Severity::note, printable(name), "is nothing that a backup wrote, and stays");
    }

    const Session& session_;
    const PruneFacts& facts_;
    const std::string& job_;
    std::map<std::string, std::string> begun_;  ///< the text of the tombstone, by id
    std::vector<std::size_t> goes_;             ///< among the entries, oldest first
    std::vector<std::string> stays_after_all_;
    std::vector<std::string> left_;
    plan::Plan plan_;
};

/// Whether that name in a folder is a link, or in a link: from a folder of its own the way up leads back.
bool is_elsewhere(const Session& session, const std::string& folder, const std::string& name) {
    const auto differ = [&] {
        return session.probe.list_folder(folder + "/" + name + "/..") != session.probe.list_folder(folder);
    };
    // Once more, for something may have been written between the two looks.
    return differ() && differ();
}

/// A folder goes only if every name in it is one that its backup wrote.
std::string find_strange(const Session& session, const Store& store, const Entry& entry) {
    if (is_elsewhere(session, store.folder, entry.id)) return "is a link";
    std::set<std::string> own = {std::string(manifest_file), std::string(signature_file)};
    for (const Artifact& artifact : entry.manifest.artifacts)
        own.insert(artifact.file);
    for (const std::string& name : session.probe.list_folder(entry.folder)) {
        if (!own.contains(name)) return "holds " + printable(name) + ", which no backup wrote";
    }
    return "";
}

std::optional<Time> stamp_in(const std::string& id) {
    // 20261121T194955Z-000001-full
    constexpr std::size_t size = 16;
    if (id.size() < size) return std::nullopt;
    const auto part = [&](std::size_t from, std::size_t length) { return id.substr(from, length); };
    return parse_time(part(0, 4) + "-" + part(4, 2) + "-" + part(6, 5) + ":" + part(11, 2) + ":" + part(13, 3));
}

PruneFacts::Folder look_at_tombstones(const Session& session, const Store& store) {
    const std::string name(tombstones_folder);
    const host::FileType type = session.probe.file_info(store.folder + "/" + name).type;
    if (type == host::FileType::folder && !is_elsewhere(session, store.folder, name)) return PruneFacts::Folder::there;
    const bool named = std::find(store.names.begin(), store.names.end(), name) != store.names.end();
    return named ? PruneFacts::Folder::strange : PruneFacts::Folder::missing;
}

std::string find_guarded(const config::Config& config) {
    const std::string& name = config.environment();
    return !name.empty() && config.text("environments." + name + ".protected") == "true" ? name : "";
}

/// Throws Error{conflict} if somebody was at work in the folder while it was read.
void check_unchanged(const Session& session, const Store& store) {
    std::vector<std::string> names;
    if (session.probe.file_info(store.folder).type == host::FileType::folder)
        names = session.probe.list_folder(store.folder);
    std::erase(names, lock_file);
    if (names == store.names) return;
    throw Error(Kind::conflict, "somebody is at work in " + store.folder, "run it again when that has ended");
}

void keep(Verdict& verdict, const std::string& why) {
    verdict.fate = Verdict::Fate::stays;
    verdict.by = Verdict::By::trouble;
    verdict.why.push_back(why);
}

/// The lock step compares with `hold_names`: no hold may have come since it was judged.
void check_holds(const PruneFacts& facts) {
    std::vector<std::string> judged;
    for (const Hold& hold : facts.store.holds)
        judged.push_back(hold.id);
    if (ids_among(facts.hold_names) == judged) return;
    throw Error(Kind::conflict, "a hold has come or gone in " + facts.store.folder + " meanwhile", "run it again");
}

/// What is not in the manifests: locks and tombstones, and whether what goes is nothing but a backup.
void look_closer(const Session& session, PruneFacts& facts) {
    facts.tombstones = look_at_tombstones(session, facts.store);
    const std::string holds = facts.store.folder + "/" + std::string(holds_folder);
    if (session.probe.file_info(holds).type == host::FileType::folder) {
        facts.hold_names = session.probe.list_folder(holds);
        std::erase(facts.hold_names, lock_file);
    }
    check_holds(facts);
    const std::set<std::string> stones(facts.store.tombstones.begin(), facts.store.tombstones.end());
    for (std::size_t i = 0; i < facts.store.entries.size(); ++i) {
        const Entry& entry = facts.store.entries[i];
        Verdict& verdict = facts.judgement.verdicts[i];
        if (stones.contains(entry.id)) {
            facts.begun.push_back({entry.id, session.probe.read_file(tombstone_path(facts.store.folder, entry.id))});
            if (digest_in(facts.begun.back().content) != entry.manifest_sha256)
                keep(verdict, "has the tombstone of another backup");
        }
        if (verdict.fate == Verdict::Fate::stays) continue;
        const std::string strange = find_strange(session, facts.store, entry);
        if (!strange.empty()) keep(verdict, strange);
    }
}

}  // namespace

Policy read_policy(const config::Config& config) {
    Policy policy;
    unsigned sum = 0;
    std::string first;
    const auto read = [&](const std::string& key) -> unsigned {
        const std::string path = "backup.retention." + key;
        if (config.find(path) == nullptr) return 0;
        policy.retention = Policy::Retention::set;
        if (first.empty()) first = path;
        const auto number = static_cast<unsigned>(config.integer(path));
        sum += number;
        return number;
    };
    policy.keep_last = read("keep_last");
    for (const Period period : periods)
        policy.keep[period] = read(std::string(name(period)));
    if (policy.retention == Policy::Retention::set && sum == 0) {
        throw Error(Kind::config, render_place(config.require(first).place) + ": backup.retention keeps nothing",
                    "without backup.retention nothing is removed; with it, say what stays: {keep_last: 7, daily: 30}");
    }
    policy.legal = find_class(config.text("backup.class"));
    policy.max_gap = config.duration("backup.retention.max_gap");
    return policy;
}

std::vector<Point> points_of(const Store& store) {
    std::vector<Point> points;
    for (const Entry& entry : store.entries) {
        Point point;
        point.id = entry.id;
        point.trouble = entry.trouble;
        if (entry.trouble.empty()) {
            point.started = entry.manifest.started;
            point.previous = stamp_in(entry.manifest.previous);
            point.legal_class = entry.manifest.legal_class;
            point.keep_until = entry.manifest.keep_until;
        }
        for (const Hold& hold : store.holds) {
            if (hold.id == entry.id) point.hold = hold.reason;
        }
        points.push_back(std::move(point));
    }
    return points;
}

PruneFacts observe_prune(const Session& session) {
    PruneFacts facts;
    facts.store = observe_store(session, find_signer(session));
    facts.policy = read_policy(*session.config);
    facts.now = session.probe.now();
    facts.judgement = judge(points_of(facts.store), facts.policy, facts.now);
    facts.guarded = find_guarded(*session.config);
    try {
        look_closer(session, facts);
    } catch (const Error&) {
        // What vanished under the look was removed by somebody; that is what is to be told then.
        check_unchanged(session, facts.store);
        throw;
    }
    check_unchanged(session, facts.store);
    return facts;
}

plan::Plan plan_prune(const Session& session, const PruneFacts& facts) {
    return PrunePlan(session, facts).make();
}

}  // namespace flowlet::commands::backup
