#include <sys/resource.h>

#include <csignal>
#include <random>

#include "unit/audit/scene.h"

namespace flowlet::audit {
namespace {

using test::append_to;
using test::deploy_plan;
using test::in_child;
using test::Json;
using test::report_of;
using test::says;

class Recovery : public test::Scene {};

TEST_F(Recovery, a_torn_tail_is_closed_and_named_by_the_next_writer) {
    run_once();
    const std::size_t offset = log_text().size();
    append_to(log_path(), "{\"act\":\"dep");
    run_once();
    expect_whole(5);
    const Json recover = record(2);
    EXPECT_EQ(recover["phase"], "recover");
    EXPECT_EQ(recover["torn"]["off"], offset);
    EXPECT_EQ(recover["torn"]["len"], 11);
    EXPECT_TRUE(says(log_text(), "{\"act\":\"dep\n"));
}

TEST_F(Recovery, a_torn_tail_of_zeros_or_of_a_cut_recovery_is_named_too) {
    run_once();
    append_to(log_path(), std::string(700, '\0'));
    run_once();
    append_to(log_path(), "half\n{\"act\":\"audit.rec");
    run_once();
    append_to(log_path(), "half a line that ends\n");
    run_once();
    expect_whole(11);
}

TEST_F(Recovery, a_log_that_is_only_a_torn_first_record_is_gone_on_with) {
    std::filesystem::create_directory(folder_);
    append_to(log_path(), "{\"act");
    std::filesystem::permissions(log_path(), std::filesystem::perms(0600));
    run_once();
    expect_whole(3);
    EXPECT_EQ(record(0)["phase"], "recover");
}

TEST_F(Recovery, a_changed_last_record_is_not_taken_for_a_torn_one) {
    run_once();
    std::string text = log_text();
    text.replace(text.rfind("success"), 7, "failure");
    std::filesystem::remove(log_path());
    append_to(log_path(), text);
    std::filesystem::permissions(log_path(), std::filesystem::perms(0600));
    EXPECT_TRUE(says(refusal(), "was changed after it was written"));
    EXPECT_EQ(log_text(), text);
    EXPECT_FALSE(evidence::verify(text).faults.empty());
}

TEST_F(Recovery, too_many_foreign_bytes_at_the_end_are_refused) {
    run_once();
    append_to(log_path(), std::string(std::size_t{300} * 1024, 'x') + "\n");
    EXPECT_TRUE(says(refusal(), "audit verify"));
    append_to(log_path(), std::string(std::size_t{2000} * 1024, 'x'));
    EXPECT_TRUE(says(refusal(), "audit verify"));
}

TEST_F(Recovery, a_long_log_is_gone_on_with_from_its_end) {
    options_.actor.args.assign(2, std::string(3000, 'a'));
    for (int i = 0; i < 90; ++i)
        run_once();
    ASSERT_GT(log_text().size(), std::size_t{1024} * 1024);
    run_once();
    expect_whole(182);
}

TEST_F(Recovery, an_abandoned_intent_gets_an_unknown_outcome_once) {
    EXPECT_EQ(in_child([this] {
                  make_log(options_)->begin(deploy_plan(), Time{});
                  return 0;
              }),
              0);
    EXPECT_EQ(evidence::verify(log_text()).open_intents, 1U);
    run_once();
    run_once();
    expect_whole(6);
    const Json outcome = record(1);
    EXPECT_EQ(outcome["phase"], "outcome");
    EXPECT_EQ(outcome["of"], 0);
    EXPECT_EQ(outcome["id"], record(0)["id"]);
    EXPECT_EQ(outcome["out"]["status"], "unknown");
    EXPECT_EQ(outcome["from"]["pid"], ::getpid());
    EXPECT_EQ(evidence::verify(log_text()).open_intents, 0U);
}

TEST_F(Recovery, the_intent_of_a_process_that_lives_or_ran_elsewhere_stays_open) {
    const auto alive = make_log(options_);
    alive->begin(deploy_plan(), Time{});
    run_once();
    EXPECT_EQ(evidence::verify(log_text()).open_intents, 1U);
    in_child([this] {
        options_.actor.host = "another-host";
        make_log(options_)->begin(deploy_plan(), Time{});
        return 0;
    });
    run_once();
    EXPECT_EQ(evidence::verify(log_text()).open_intents, 2U);
}

TEST_F(Recovery, an_intent_of_an_earlier_boot_is_abandoned_whatever_its_process) {
    Options before = options_;
    before.actor.boot = "00000000-0000-0000-0000-000000000000";
    const auto log = make_log(before);
    log->begin(deploy_plan(), Time{});
    run_once();
    EXPECT_EQ(record(1)["out"]["status"], "unknown");
}

// A file may not grow past a limit: the write fails short, as on a full disk.
int begin_with_file_limit(const Options& options, rlim_t limit) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit most{limit, limit};
    ::setrlimit(RLIMIT_FSIZE, &most);
    try {
        make_log(options)->begin(deploy_plan(), Time{});
    } catch (const Error& error) {
        return exit_code(error.kind());
    }
    return 0;
}

TEST_F(Recovery, a_write_that_fails_short_is_audit_unavailable_and_the_next_writer_recovers) {
    run_once();
    const std::string before = log_text();
    for (const std::size_t more : {std::size_t{0}, std::size_t{1}, std::size_t{10}, std::size_t{300}}) {
        const std::size_t size = log_text().size();
        const int code = in_child([&] { return begin_with_file_limit(options_, size + more); });
        EXPECT_EQ(code, exit_code(Kind::audit_unavailable));
        EXPECT_EQ(log_text().size(), size + more);
        EXPECT_EQ(evidence::verify(log_text()).torn_tail, more > 0 || size > before.size());
    }
    EXPECT_EQ(log_text().substr(0, before.size()), before);
    run_once();
    const auto found = evidence::verify(log_text());
    EXPECT_TRUE(found.faults.empty());
    EXPECT_FALSE(found.torn_tail);
    EXPECT_EQ(found.records.size(), 5U);
}

TEST_F(Recovery, altered_torn_bytes_are_found_by_verification) {
    run_once();
    append_to(log_path(), "torn");
    run_once();
    std::string text = log_text();
    text[text.find("torn\n")] = 'T';
    EXPECT_FALSE(evidence::verify(text).faults.empty());
}

}  // namespace
}  // namespace flowlet::audit
