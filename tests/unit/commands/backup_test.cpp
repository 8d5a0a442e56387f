#include <gtest/gtest.h>

#include <algorithm>

#include "commands/backup/backup.h"
#include "commands/backup/digests.h"
#include "unit/commands/deploy_world.h"

namespace flowlet::commands::backup {
namespace {

// A key for these tests only, made by `minisign -G -W`.
constexpr const char* key_file =
    "untrusted comment: flowletctl test key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXTHmd/0WZjEFue0htAAIhKIbeooL"
    "u9kW1IsVsgMe98K30qekSXkiaKHCvnTzd3VuPVKfsAGJQ7ZYVdnNTNIb//ssBDU9OsteAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAA=\n";

constexpr const char* config_file = R"(
apiVersion: flowlet/v1
project: bank
environments:
  test: {}
databases:
  primary: {type: postgres, host: db, user: keeper, name: bank}
backup: {store: /store, signing_key: "${file:/key}", recipients: [age1one, age1two]}
)";

Manifest example() {
    Manifest manifest;
    manifest.id = "20260822T101530Z-000007-full";
    manifest.system = "bank";
    manifest.job = "test";
    manifest.serial = 7;
    manifest.started = Time{std::chrono::microseconds{1787393730000000}};
    manifest.finished = manifest.started + std::chrono::seconds{9};
    manifest.run = "20260822T101530-0badcafe";
    manifest.by = "ana@ops-1";
    manifest.tools = {{"age", "1.1.1"}};
    manifest.recipients = {"age1one", "age1two"};
    manifest.previous = "20260821T101530Z-000006-full";
    manifest.previous_sha256 = "00ff";
    manifest.artifacts = {
        {Artifact::Kind::dump, "primary.dump.gz.age", "primary", {90, "aa", "", ""}, {30, "bb", "", ""}}};
    DatabaseRecord record;
    record.name = "primary";
    record.database = "bank";
    record.server = "db:5432";
    record.version = "15.18";
    record.encoding = "UTF8";
    record.collation = "C";
    record.ctype = "C";
    record.digested = true;
    record.tables = {{"public.account", "3", "12/-7"}};
    manifest.databases = {record};
    manifest.warnings = {"primary.dump.gz.age: a word"};
    return manifest;
}

std::string trouble(const std::string& text) {
    try {
        parse_manifest(text);
    } catch (const Error& error) {
        return error.kind() == Kind::verification ? error.what() : "another kind";
    }
    return "";
}

std::string with(const std::string& from, const std::string& to) {
    std::string text = render_manifest(example());
    text.replace(text.find(from), from.size(), to);
    return text;
}

TEST(BackupManifest, what_is_written_is_read_back) {
    const std::string text = render_manifest(example());
    EXPECT_EQ(render_manifest(parse_manifest(text)), text);
    EXPECT_TRUE(text.ends_with("}\n"));
}

TEST(BackupManifest, a_file_is_a_name_in_the_folder_of_the_backup) {
    for (const char* const name : {"../x", "/etc/passwd", "..", ".hidden", "", "a/b", "a\\u0000b", "a\\u001bb"})
        EXPECT_NE(trouble(with("primary.dump.gz.age\",\n   \"kind", std::string(name) + "\",\n   \"kind")), "") << name;
}

TEST(BackupManifest, what_is_no_manifest_is_refused_with_a_reason) {
    EXPECT_NE(trouble("").find("cannot be read"), std::string::npos);
    EXPECT_NE(trouble("{}").find("cannot be read"), std::string::npos);
    EXPECT_NE(trouble(with("flowlet/v1", "flowlet/v2")).find("not a manifest"), std::string::npos);
    EXPECT_NE(trouble(with("\"dump\"", "\"blob\"")).find("unknown kind"), std::string::npos);
    EXPECT_NE(trouble(with("\"serial\": 7", "\"serial\": \"7\"")).find("cannot be read"), std::string::npos);
    EXPECT_NE(trouble(with("2026-08-22T10", "2026-08-22X10")).find("a time that is none"), std::string::npos);
}

TEST(BackupManifest, sizes_are_told_in_the_unit_that_fits) {
    EXPECT_EQ(render_size(0), "0 B");
    EXPECT_EQ(render_size(1023), "1023 B");
    EXPECT_EQ(render_size(1536), "1.5 KiB");
    EXPECT_EQ(render_size(std::uint64_t{5} << 30U), "5.0 GiB");
    EXPECT_EQ(render_size(std::uint64_t{300} << 20U), "300 MiB");
}

using Tables = std::vector<TableDigest>;

TEST(BackupDigests, each_kind_of_difference_is_told_by_table) {
    const Tables wanted = {{"a", "3", "x"}, {"b", "4", "y"}, {"c", "0", "z"}};
    const Tables found = {{"a", "3", "x"}, {"b", "3", "y"}, {"d", "0", "z"}};
    EXPECT_EQ(compare(wanted, wanted, 10), std::vector<std::string>());
    EXPECT_EQ(compare(wanted, found, 10),
              (std::vector<std::string>{"b: 3 rows instead of 4", "c: missing", "d: was not in the backup"}));
    EXPECT_EQ(compare(wanted, found, 1), (std::vector<std::string>{"b: 3 rows instead of 4", "and 2 more"}));
    EXPECT_EQ(compare({wanted.begin(), 1}, Tables{{"a", "3", "w"}}, 9),
              (std::vector<std::string>{"a: 3 rows, but not the same"}));
}

TEST(BackupDigests, names_of_tables_are_used_as_the_server_quoted_them) {
    const plan::Survey survey = survey_tables({}, [](const Tables&) { return std::optional<plan::Cause>(); });
    host::Rows names;
    names.rows = {{"\"Odd\".\"it's\""}};
    const std::vector<std::string> statements = survey.choose(names);
    ASSERT_EQ(statements.size(), 1U);
    EXPECT_NE(statements[0].find("SELECT '\"Odd\".\"it''s\"', count(*)"), std::string::npos);
    EXPECT_NE(statements[0].find("FROM ONLY \"Odd\".\"it's\" AS t"), std::string::npos);
}

/// Facts as a server, a store and the programs would give them.
struct Bench : deploy::Desk {
    Bench() : Desk(config_file) {
        facts.store = {"/store/bank/test", "bank", "test", "", {}, {}, {}};
        const Tool tool = {"/usr/bin/tool", {1, 0, 0}};
        RunSource source;
        source.source.database = {"db", 5432, "bank", "keeper", Secret("hush-hush")};
        source.source.record = example().databases[0];
        source.source.bytes = 100;
        source.source.all_roles = true;
        source.dialect = make_postgres({tool, tool, tool});
        facts.sources = {source};
        facts.age = tool;
        facts.recipients = {"age1one", "age1two"};
        facts.one_run_recipient = "age1run";
        facts.one_run_identity = Secret("AGE-SECRET-KEY-1");
        facts.key = std::make_shared<const stream::SigningKey>(Secret(key_file));
        facts.timeout = Millis{1000};
        facts.free_space = 1000;
        facts.now = Time{std::chrono::microseconds{1787393730000000}};
    }
    [[nodiscard]] plan::Plan plan() const { return plan_run(session, facts); }

    RunFacts facts;
};

std::vector<std::string> ids(const plan::Plan& plan) {
    std::vector<std::string> found;
    for (const plan::Step& step : plan.steps)
        found.push_back(step.id);
    return found;
}

const plan::Step& step_of(const plan::Plan& plan, const std::string& id) {
    return *std::find_if(plan.steps.begin(), plan.steps.end(), [&](const plan::Step& step) { return step.id == id; });
}

TEST(BackupPlan, nothing_is_published_before_every_file_was_read_back_and_the_manifest_signed) {
    const plan::Plan plan = Bench().plan();
    plan::check(plan);
    EXPECT_EQ(ids(plan), (std::vector<std::string>{"lock", "folder", "write/primary.globals.sql.gz.age",
                                                   "read/primary.globals.sql.gz.age", "write/primary.dump.gz.age",
                                                   "read/primary.dump.gz.age", "manifest", "signature", "publish"}));
    EXPECT_EQ(step_of(plan, "manifest").after,
              (std::vector<std::string>{"read/primary.globals.sql.gz.age", "read/primary.dump.gz.age"}));
    EXPECT_EQ(step_of(plan, "publish").after, std::vector<std::string>{"signature"});
    EXPECT_TRUE(step_of(plan, "lock").always);
}

TEST(BackupPlan, what_a_dead_run_left_is_removed_under_the_lock_only) {
    Bench bench;
    bench.facts.store.names = {".partial-dead"};
    bench.facts.store.partial = {".partial-dead"};
    const plan::Plan plan = bench.plan();
    EXPECT_EQ(step_of(plan, "clear/.partial-dead").after, std::vector<std::string>{"lock"});
    EXPECT_EQ(step_of(plan, "folder").after, (std::vector<std::string>{"lock", "clear/.partial-dead"}));
}

TEST(BackupPlan, the_number_goes_on_from_the_highest_that_is_there_even_if_that_counts_for_nothing) {
    Bench bench;
    Entry broken;
    broken.id = "20260101T000000Z-000041-full";
    broken.trouble = "it is not signed";
    bench.facts.store.entries = {broken};
    const plan::Plan plan = bench.plan();
    EXPECT_NE(plan.title.find("20260822T101530Z-000042-full"), std::string::npos);
}

TEST(BackupPlan, a_clock_behind_the_last_backup_is_an_error) {
    Bench bench;
    Entry future;
    future.id = "20360101T000000Z-000001-full";
    future.manifest = example();
    future.manifest.started = bench.facts.now + std::chrono::hours{1};
    bench.facts.store.entries = {future};
    const plan::Plan plan = bench.plan();
    ASSERT_FALSE(plan.findings.empty());
    EXPECT_EQ(plan.findings.front().severity, plan::Finding::Severity::error);
}

TEST(BackupPlan, no_password_and_no_identity_stands_in_what_is_shown_or_digested) {
    const plan::Plan plan = Bench().plan();
    const std::string shown = plan::to_json(plan).dump();
    EXPECT_EQ(shown.find("hush-hush"), std::string::npos);
    EXPECT_EQ(shown.find("AGE-SECRET-KEY"), std::string::npos);
    EXPECT_NE(shown.find("--recipient=age1run"), std::string::npos);
}

TEST(BackupPlan, a_user_who_is_no_superuser_gets_roles_without_passwords_and_is_told) {
    Bench bench;
    bench.world.postgres = [](const host::Database&, const std::string&) {
        host::Rows rows;
        rows.rows = {{"0.9.1", "UTF8", "C", "C", "", "100", "f"}};
        return rows;
    };
    RunSource& source = bench.facts.sources[0];
    const DatabaseRecord record = source.source.record;
    source.source = source.dialect->observe(bench.session, "primary");
    source.source.record.name = record.name;
    const plan::Plan plan = bench.plan();
    EXPECT_NE(plan::render(step_of(plan, "write/primary.globals.sql.gz.age").action).find("--no-role-passwords"),
              std::string::npos);
    ASSERT_EQ(plan.findings.size(), 1U);
    EXPECT_NE(plan.findings[0].message.find("no superuser"), std::string::npos);
}

TEST(BackupPlan, without_digests_the_snapshot_is_held_all_the_same) {
    Bench bench;
    bench.facts.digests = RunFacts::Digests::off;
    const plan::Plan plan = bench.plan();
    const auto& transfer = std::get<plan::Transfer>(step_of(plan, "write/primary.dump.gz.age").action);
    ASSERT_TRUE(transfer.snapshot);
    EXPECT_TRUE(transfer.snapshot->choose({}).empty());
}

TEST(BackupStore, gaps_between_serials_are_found) {
    Store store;
    for (const char* const id : {"20260101T000000Z-000003-full", "20260102T000000Z-000006-full"}) {
        Entry entry;
        entry.id = id;
        store.entries.push_back(entry);
    }
    EXPECT_EQ(store.gaps(), (std::vector<unsigned>{4, 5}));
    EXPECT_EQ(store.next_serial(), 7U);
}

TEST(BackupStore, a_folder_without_a_signature_counts_for_nothing) {
    Bench bench;
    const std::string folder = "/store/bank/test/20260822T101530Z-000007-full";
    bench.world.folders.insert("/store/bank/test");
    bench.world.files[folder + "/manifest.json"] = {render_manifest(example()), 0600};
    const Store store = observe_store(bench.session, bench.facts.key->public_key());
    ASSERT_EQ(store.entries.size(), 1U);
    EXPECT_NE(store.entries[0].trouble, "");
    EXPECT_EQ(store.newest(), nullptr);
}

TEST(BackupStore, a_signed_folder_counts_only_with_all_its_files_in_their_size) {
    Bench bench;
    const std::string folder = "/store/bank/test/20260822T101530Z-000007-full";
    const std::string text = render_manifest(example());
    bench.world.folders.insert("/store/bank/test");
    bench.world.files[folder + "/manifest.json"] = {text, 0600};
    bench.world.files[folder + "/manifest.json.minisig"] = {bench.facts.key->sign(text, "x"), 0600};
    const std::string signer = bench.facts.key->public_key();
    EXPECT_EQ(observe_store(bench.session, signer).entries.at(0).trouble, "primary.dump.gz.age is missing");
    bench.world.files[folder + "/primary.dump.gz.age"] = {std::string(29, 'x'), 0600};
    EXPECT_EQ(observe_store(bench.session, signer).entries.at(0).trouble, "primary.dump.gz.age has another size");
    bench.world.files[folder + "/primary.dump.gz.age"] = {std::string(30, 'x'), 0600};
    const Store store = observe_store(bench.session, signer);
    ASSERT_NE(store.newest(), nullptr);
    EXPECT_EQ(store.newest()->manifest.serial, 7U);
}

TEST(BackupStore, the_newest_is_never_replaced_in_silence_by_an_older_one) {
    Store store;
    Entry good;
    good.id = "20260101T000000Z-000003-full";
    Entry broken;
    broken.id = "20260102T000000Z-000004-full";
    broken.trouble = "it is not signed";
    store.entries = {good};
    EXPECT_EQ(find_entry(store, "").id, good.id);
    store.entries = {good, broken};
    try {
        find_entry(store, "");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::verification);
        EXPECT_NE(std::string(error.hint()).find(good.id), std::string::npos);
    }
    EXPECT_EQ(find_entry(store, good.id).id, good.id);
}

StatusFacts aged(Millis age) {
    StatusFacts facts;
    facts.rpo = std::chrono::hours{1};
    facts.now = example().started + age;
    Entry entry;
    entry.id = example().id;
    entry.manifest = example();
    facts.store.entries = {entry};
    return facts;
}

TEST(BackupStatus, a_backup_within_its_time_is_well_and_one_beyond_it_is_not) {
    EXPECT_EQ(view_status(aged(std::chrono::minutes{59})).verdict, Kind::ok);
    const plan::View late = view_status(aged(std::chrono::minutes{61}));
    EXPECT_EQ(late.verdict, Kind::unhealthy);
    EXPECT_EQ(late.notes.at(0), "the newest backup is 1h1m old, and a disaster may cost 1h at most");
}

TEST(BackupStatus, no_backup_is_not_well_and_one_that_does_not_count_is_told) {
    StatusFacts facts = aged(Millis{0});
    facts.store.entries[0].trouble = "it is not signed";
    EXPECT_EQ(view_status(facts).verdict, Kind::unhealthy);
    facts.store.entries.push_back(aged(Millis{0}).store.entries[0]);
    const plan::View view = view_status(facts);
    EXPECT_EQ(view.verdict, Kind::unhealthy);
    EXPECT_NE(view.notes.at(0).find("counts for nothing: it is not signed"), std::string::npos);
    EXPECT_EQ(view_status({}).verdict, Kind::unhealthy);
}

TEST(BackupStatus, a_backup_of_a_time_to_come_is_not_well) {
    EXPECT_EQ(view_status(aged(-std::chrono::minutes{5})).verdict, Kind::unhealthy);
}

}  // namespace
}  // namespace flowlet::commands::backup
