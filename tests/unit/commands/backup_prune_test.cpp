#include "commands/backup/prune.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "commands/backup/backup.h"
#include "unit/commands/deploy_world.h"

namespace flowlet::commands::backup {
namespace {

// A key for these tests only, made by `minisign -G -W`.
constexpr const char* key_file =
    "untrusted comment: flowletctl test key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXTHmd/0WZjEFue0htAAIhKIbeooL"
    "u9kW1IsVsgMe98K30qekSXkiaKHCvnTzd3VuPVKfsAGJQ7ZYVdnNTNIb//ssBDU9OsteAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAA=\n";

constexpr const char* job = "/store/bank/test";

/// The way up from a folder, too.
struct Disk : fakes::World {
    [[nodiscard]] std::vector<std::string> list_folder(const std::string& path) const override {
        const std::string up = path.ends_with("/..") ? path.substr(0, path.size() - 3) : path;
        if (up == path) return World::list_folder(path);
        if (links.contains(up)) return {"elsewhere"};
        return World::list_folder(up.substr(0, up.rfind('/')));
    }
    std::set<std::string> links;
};

/// A store in memory with one backup a day, and what performs a plan on it.
struct Bench {
    explicit Bench(const std::string& backup = "retention: {keep_last: 2}", const std::string& more = "") {
        deploy::Desk::prepare(world);
        world.folders.insert("/p");
        world.files["/key"] = {key_file, 0600};
        world.files["/p/flowlet.yaml"] = {"apiVersion: flowlet/v1\nproject: bank\nenvironments: {test: {" + more +
                                              "}}\nbackup: {store: /store, signing_key: \"${file:/key}\", " + backup +
                                              "}\n",
                                          0644};
        config.emplace(config::load(world, {"/p", "test", {}}));
        world.folders.insert(job);
    }

    std::string add(unsigned serial) {
        Manifest manifest;
        manifest.started = parse_time("2026-08-01T02:00:00Z").value() + std::chrono::hours{24 * serial};
        std::string stamp = render_time(manifest.started).substr(0, 19);
        std::erase(stamp, '-');
        std::erase(stamp, ':');
        manifest.id = stamp + "Z-" + std::to_string(1000000 + serial).substr(1) + "-full";
        manifest.system = "bank";
        manifest.job = "test";
        manifest.serial = serial;
        manifest.artifacts = {{Artifact::Kind::dump, "a.age", "primary", {9, "aa", "", ""}, {3, "bb", "", ""}}};
        const std::string text = render_manifest(manifest);
        const std::string folder = std::string(job) + "/" + manifest.id;
        world.files[folder + "/manifest.json"] = {text, 0600};
        world.files[folder + "/manifest.json.minisig"] = {key.sign(text, "x"), 0600};
        world.files[folder + "/a.age"] = {"xxx", 0600};
        world.clock = manifest.started + std::chrono::hours{1};
        return manifest.id;
    }
    std::vector<std::string> add_days(unsigned count) {
        std::vector<std::string> ids;
        for (unsigned serial = 1; serial <= count; ++serial)
            ids.push_back(add(serial));
        return ids;
    }

    Session session() { return {world, &*config, "/audit", "run-1", "ana@ops"}; }
    PruneFacts facts() { return observe_prune(session()); }
    plan::Plan plan() {
        const Session now = session();
        return plan_prune(now, observe_prune(now));
    }
    Store store() { return observe_store(session(), key.public_key()); }

    void perform(const plan::Action& action) {
        if (const auto* claim = std::get_if<plan::Claim>(&action))
            world.make_folder(claim->lock.substr(0, claim->lock.rfind('/')), 0700);
        if (const auto* write = std::get_if<plan::Write>(&action))
            world.create_file(write->path, write->content, write->mode);
        if (const auto* erase = std::get_if<plan::Erase>(&action)) {
            if (world.read_file(erase->path) == erase->content) world.remove_file(erase->path);
        }
        if (const auto* folder = std::get_if<plan::MakeFolder>(&action)) world.make_folder(folder->path, 0700);
        if (const auto* publish = std::get_if<plan::Publish>(&action)) world.move_folder(publish->from, publish->to);
        if (const auto* clear = std::get_if<plan::Clear>(&action)) world.remove_folder(clear->path);
    }
    /// The first so many steps, in their order: then the power fails.
    void perform(const plan::Plan& plan, std::size_t steps) {
        for (std::size_t i = 0; i < std::min(steps, plan.steps.size()); ++i)
            perform(plan.steps[i].action);
    }

    Disk world;
    std::optional<config::Config> config;
    stream::SigningKey key{Secret(key_file)};
};

std::vector<std::string> good(const Store& store) {
    std::vector<std::string> ids;
    for (const Entry& entry : store.entries) {
        EXPECT_EQ(entry.trouble, "") << entry.id;
        ids.push_back(entry.id);
    }
    return ids;
}

std::vector<std::string> errors(const plan::Plan& plan) {
    std::vector<std::string> found;
    for (const plan::Finding& finding : plan.findings) {
        if (finding.severity == plan::Finding::Severity::error) found.push_back(finding.object + finding.message);
    }
    return found;
}

bool says(const plan::Plan& plan, const std::string& object, const std::string& words) {
    return std::any_of(plan.findings.begin(), plan.findings.end(), [&](const plan::Finding& finding) {
        return finding.object == object && finding.message.find(words) != std::string::npos;
    });
}

TEST(BackupPrune, what_goes_has_a_tombstone_before_it_is_touched) {
    Bench bench;
    const auto ids = bench.add_days(3);
    const plan::Plan plan = bench.plan();
    plan::check(plan);
    std::vector<std::string> steps;
    for (const plan::Step& step : plan.steps)
        steps.push_back(step.id);
    EXPECT_EQ(steps, (std::vector<std::string>{"lock", "holds", "tombstones", "tombstone/" + ids[0], "retire/" + ids[0],
                                               "clear/" + ids[0]}));
    for (std::size_t i = 1; i < plan.steps.size(); ++i)
        EXPECT_EQ(plan.steps[i].after, std::vector<std::string>{plan.steps[i - 1].id});
    EXPECT_EQ(plan.effect, plan::Effect::data);
    bench.perform(plan, plan.steps.size());
    EXPECT_EQ(good(bench.store()), (std::vector<std::string>{ids[1], ids[2]}));
    const std::string stone = bench.world.files.at(tombstone_path(job, ids[0])).bytes;
    EXPECT_EQ(digest_in(stone).value().size(), 64U);
    EXPECT_NE(stone.find("not one of the last 2"), std::string::npos);
    EXPECT_TRUE(bench.plan().steps.empty());
}

TEST(BackupPrune, ended_after_any_step_it_leaves_whole_ones_and_tombstones_and_the_next_one_ends_it) {
    const std::size_t all = [] {
        Bench bench;
        bench.add_days(5);
        return bench.plan().steps.size();
    }();
    for (std::size_t steps = 0; steps <= all; ++steps) {
        SCOPED_TRACE(steps);
        Bench bench;
        const auto ids = bench.add_days(5);
        bench.perform(bench.plan(), steps);
        Store store = bench.store();
        const auto there = good(store);
        EXPECT_TRUE(store.gaps().empty());
        for (const std::string& id : ids) {
            const bool whole = std::find(there.begin(), there.end(), id) != there.end();
            EXPECT_TRUE(whole || bench.world.files.contains(tombstone_path(job, id))) << id;
        }
        bench.perform(bench.plan(), all);
        store = bench.store();
        EXPECT_EQ(good(store), (std::vector<std::string>{ids[3], ids[4]}));
        EXPECT_EQ(store.tombstones, (std::vector<std::string>{ids[0], ids[1], ids[2]}));
        EXPECT_TRUE(store.partial.empty());
        EXPECT_TRUE(bench.plan().steps.empty());
    }
}

TEST(BackupPrune, one_that_is_held_after_its_removal_was_begun_loses_its_tombstone) {
    Bench bench;
    const auto ids = bench.add_days(3);
    bench.perform(bench.plan(), 4);
    ASSERT_TRUE(bench.world.files.contains(tombstone_path(job, ids[0])));
    const Session session = bench.session();
    const plan::Plan hold = plan_hold(session, observe_hold(session, {ids[0], "case 4711"}));
    bench.perform(hold, hold.steps.size());
    const plan::Plan plan = bench.plan();
    EXPECT_TRUE(says(plan, ids[0], "hold: case 4711"));
    bench.perform(plan, plan.steps.size());
    EXPECT_EQ(good(bench.store()).size(), 3U);
    EXPECT_FALSE(bench.world.files.contains(tombstone_path(job, ids[0])));
}

TEST(BackupPrune, a_tombstone_of_another_backup_keeps_the_one_that_is_there) {
    Bench bench;
    const auto ids = bench.add_days(3);
    for (const std::string content : {"", "{}", R"({"kind": "BackupTombstone", "manifest_sha256": "00"})"}) {
        bench.world.files[tombstone_path(job, ids[0])] = {content, 0600};
        const plan::Plan plan = bench.plan();
        EXPECT_TRUE(plan.steps.empty()) << content;
        EXPECT_TRUE(says(plan, ids[0], "the tombstone of another backup")) << content;
    }
}

TEST(BackupPrune, what_no_backup_wrote_stays_and_is_named) {
    Bench bench;
    const auto ids = bench.add_days(4);
    bench.world.files[std::string(job) + "/notes.txt"] = {"mine", 0600};
    bench.world.files[std::string(job) + "/" + ids[0] + "/letter.txt"] = {"mine", 0600};
    bench.world.links.insert(std::string(job) + "/" + ids[1]);
    const plan::Plan plan = bench.plan();
    EXPECT_TRUE(plan.steps.empty());
    EXPECT_TRUE(says(plan, "notes.txt", "stays"));
    EXPECT_TRUE(says(plan, ids[0], "holds letter.txt, which no backup wrote"));
    EXPECT_TRUE(says(plan, ids[1], "is a link"));
}

TEST(BackupPrune, one_that_does_not_count_stays_and_is_named) {
    Bench bench;
    const auto ids = bench.add_days(4);
    bench.world.files.erase(std::string(job) + "/" + ids[0] + "/manifest.json.minisig");
    const plan::Plan plan = bench.plan();
    EXPECT_TRUE(says(plan, ids[0], "does not count"));
    ASSERT_EQ(plan.changes.size(), 1U);
    EXPECT_EQ(plan.changes[0].object, ids[1]);
}

TEST(BackupPrune, a_protected_environment_wants_its_name) {
    Bench bench("retention: {keep_last: 2}", "protected: true");
    bench.add_days(2);
    EXPECT_FALSE(bench.plan().confirm);
    bench.add(3);
    const plan::Plan plan = bench.plan();
    ASSERT_TRUE(plan.confirm);
    EXPECT_EQ(plan.confirm->name, "test");
    EXPECT_EQ(plan.confirm->what, "1 backup of test, which is protected, would go and not come back");
    EXPECT_EQ(plan::to_json(plan)["confirm"]["name"], "test");
}

TEST(BackupPrune, without_a_retention_it_says_so_and_with_an_empty_one_it_refuses) {
    Bench bench("class: none");
    bench.add_days(4);
    const plan::Plan plan = bench.plan();
    EXPECT_TRUE(plan.steps.empty());
    EXPECT_TRUE(says(plan, "backup.retention", "nothing is ever removed"));
    Bench empty("retention: {keep_last: 0, daily: 0}");
    try {
        empty.plan();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::config);
        EXPECT_NE(std::string(error.what()).find("flowlet.yaml:4"), std::string::npos) << error.what();
    }
}

TEST(BackupPrune, a_wrong_clock_stops_it) {
    Bench bench;
    bench.add_days(4);
    bench.world.clock -= std::chrono::hours{48};
    EXPECT_NE(errors(bench.plan()).at(0).find("time to come"), std::string::npos);
    bench.world.clock += std::chrono::hours{24 * 400};
    EXPECT_NE(errors(bench.plan()).at(0).find("backups have stopped"), std::string::npos);
}

TEST(BackupPrune, a_tombstone_is_no_gap_and_its_number_is_not_given_again) {
    Bench bench;
    bench.add_days(5);
    plan::Plan plan = bench.plan();
    bench.perform(plan, plan.steps.size());
    bench.add(7);
    EXPECT_EQ(bench.store().gaps(), std::vector<unsigned>{6});
    Store alone = bench.store();
    alone.entries.clear();
    EXPECT_EQ(alone.next_serial(), 4U);
}

TEST(BackupPrune, it_takes_the_locks_of_runs_and_of_holds_with_what_was_seen) {
    Bench bench;
    const auto ids = bench.add_days(3);
    bench.world.files[hold_path(job, ids[2])] = {"{}", 0600};
    const plan::Plan plan = bench.plan();
    const auto& run = std::get<plan::Claim>(plan.steps.at(0).action);
    EXPECT_EQ(run.lock, std::string(job) + "/.lock");
    EXPECT_EQ(run.names, (std::vector<std::string>{ids[0], ids[1], ids[2], "holds"}));
    const auto& holds = std::get<plan::Claim>(plan.steps.at(1).action);
    EXPECT_EQ(holds.folder, std::string(job) + "/holds");
    EXPECT_EQ(holds.names, std::vector<std::string>{ids[2] + ".json"});
    EXPECT_TRUE(plan.steps[0].always && plan.steps[1].always);
}

// ---- holds -------------------------------------------------------------------------------------------------------

TEST(BackupHold, what_is_written_is_read_back_and_what_cannot_be_read_holds) {
    Hold hold;
    hold.id = "20260801T020000Z-000001-full";
    hold.reason = "case 4711";
    hold.by = "ana@ops";
    hold.since = parse_time("2026-11-21T02:00:00Z").value();
    const Hold back = parse_hold(hold.id, render_hold(hold));
    EXPECT_EQ(render_hold(back), render_hold(hold));
    for (const char* const content : {"", "{}", "[]", R"({"kind": "BackupHold", "id": "other", "reason": "x"})"})
        EXPECT_EQ(parse_hold(hold.id, content).reason, "its record cannot be read") << content;
}

TEST(BackupHold, a_hold_and_its_release_are_one_file) {
    Bench bench;
    const auto ids = bench.add_days(3);
    const Session session = bench.session();
    const plan::Plan hold = plan_hold(session, observe_hold(session, {ids[0], "case 4711"}));
    plan::check(hold);
    const auto& claim = std::get<plan::Claim>(hold.steps.at(0).action);
    EXPECT_EQ(claim.names, (std::vector<std::string>{ids[0], ids[1], ids[2], "holds"}));
    bench.perform(hold, hold.steps.size());
    EXPECT_TRUE(bench.plan().steps.empty());
    EXPECT_TRUE(plan_hold(session, observe_hold(session, {ids[0], "case 4711"})).steps.empty());
    EXPECT_THROW(observe_hold(session, {ids[0], "another"}), Error);
    EXPECT_THROW(observe_hold(session, {"20260801T020000Z-000099-full", "x"}), Error);
    EXPECT_THROW(observe_hold(session, {ids[0], " "}), Error);
    EXPECT_THROW(observe_hold(session, {ids[0], "two\nlines"}), Error);
    EXPECT_THROW(observe_release(session, {ids[1], "x"}), Error);
    const plan::Plan release = plan_release(session, observe_release(session, {ids[0], "closed"}));
    plan::check(release);
    bench.perform(release, release.steps.size());
    EXPECT_EQ(bench.plan().changes.size(), 1U);
}

// ---- the class in the manifest -----------------------------------------------------------------------------------

TEST(BackupClass, a_manifest_of_before_there_were_classes_has_none) {
    Manifest manifest;
    manifest.id = "20260801T020000Z-000001-full";
    std::string text = render_manifest(manifest);
    for (const std::string line : {"\"class\": \"none\",\n", "\"keep_until\": null,\n"}) {
        ASSERT_NE(text.find(line), std::string::npos);
        text.erase(text.find(line), line.size());
    }
    EXPECT_EQ(parse_manifest(text).legal_class, "");
    EXPECT_FALSE(parse_manifest(text).keep_until);
}

TEST(BackupClass, a_class_without_an_end_is_no_manifest) {
    Manifest manifest;
    manifest.id = "20260801T020000Z-000001-full";
    manifest.legal_class = "sox-7y";
    manifest.keep_until = parse_time("2033-08-01T02:00:00Z");
    const std::string text = render_manifest(manifest);
    EXPECT_EQ(parse_manifest(text).keep_until, manifest.keep_until);
    manifest.keep_until.reset();
    EXPECT_THROW(parse_manifest(render_manifest(manifest)), Error);
}

}  // namespace
}  // namespace flowlet::commands::backup
