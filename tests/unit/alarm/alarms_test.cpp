#include "flowlet/alarm.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "fakes/world.h"

namespace flowlet::alarm {
namespace {

using nlohmann::json;

constexpr const char* all_channels = R"(
apiVersion: flowlet/v1
project: shop
environments: {test: {}}
backup:
  alarm: {webhook: "${HOOK}", mail: ops@example.com, command: [page, --urgent]}
)";

/// A job whose three channels write down what they are told, and may refuse it.
struct Job {
    fakes::World world;
    std::optional<config::Config> config;
    stream::Scrubber scrubber;
    std::vector<std::string> lines;
    std::vector<json> posted;
    std::vector<std::string> mails;
    std::vector<json> paged;
    std::vector<int> answers;  ///< of the webhook, the next one last; then 200
    int sendmail = 0;
    int runs = 0;

    explicit Job(const std::string& text = all_channels) {
        world.files["/p/flowlet.yaml"] = {text, 0644};
        world.folders.insert("/p");
        world.variables["HOOK"] = "https://hooks.example.com/t/secret-token-1";
        config = config::load(world, {"/p", "test", {}});
        world.server = [this](const host::Request& request) {
            const int status = answers.empty() ? 200 : answers.back();
            if (!answers.empty()) answers.pop_back();
            if (status == 200) posted.push_back(json::parse(request.body));
            return host::Response{status, status == 0 ? "no route to host" : ""};
        };
        world.program("sendmail", [this](const host::Command& command) {
            if (sendmail == 0) mails.push_back(command.input);
            host::Exit exit;
            exit.code = sendmail;
            return exit;
        });
        world.program("page", [this](const host::Command& command) {
            paged.push_back(json::parse(command.input));
            return host::Exit{};
        });
    }

    [[nodiscard]] Options options(const std::string& command) {
        return {world,
                *config,
                scrubber,
                "/audit/alarms",
                command,
                "run-" + std::to_string(++runs),
                "ana",
                "ops-1",
                "0.1.0",
                [this](std::string_view) { return Secret(world.variables["HOOK"]); },
                [this](const std::string& line) { lines.push_back(line); }};
    }

    /// One command of the job from its beginning to its end.
    void end(const Ending& ending, const std::string& command = "backup") {
        const auto alarms = make_alarms(options(command));
        alarms->deliver_owed();
        alarms->tell(ending);
    }

    [[nodiscard]] json book() const {
        for (const auto& [path, file] : world.files) {
            if (path.starts_with("/audit/alarms/") && path.ends_with(".json")) return json::parse(file.bytes);
        }
        return json{{"owed", json::array()}, {"troubles", json::object()}};
    }
};

const Ending failed{Kind::precondition, "the database does not answer", "start it", "", {}};
const Ending well{Kind::ok, "", "", "b-1", {}};

Ending late(const std::vector<std::string>& reasons) {
    return {Kind::unhealthy, "the newest backup is late", "", "b-1", reasons};
}

TEST(Alarms, without_a_channel_there_are_none) {
    Job job("apiVersion: flowlet/v1\nproject: shop\nenvironments: {test: {}}\n");
    EXPECT_EQ(make_alarms(job.options("backup")), nullptr);
}

TEST(Alarms, success_says_nothing_and_touches_nothing) {
    Job job;
    job.end(well);
    EXPECT_TRUE(job.world.did.empty());
    EXPECT_TRUE(job.lines.empty());
}

TEST(Alarms, a_failure_is_told_once_to_all_that_are_set) {
    Job job;
    job.end(failed);
    ASSERT_EQ(job.posted.size(), 1U);
    EXPECT_EQ(job.posted, job.paged);
    const json& told = job.posted.front();
    EXPECT_EQ(told["event"], "failed");
    EXPECT_EQ(told["id"], "run-1");
    EXPECT_EQ(told["exit"], 5);
    EXPECT_EQ(told["code"], "precondition");
    EXPECT_EQ(told["job"], "test");
    EXPECT_EQ(told["text"], "backup of shop (test) on ops-1 failed: the database does not answer");
    ASSERT_EQ(job.mails.size(), 1U);
    EXPECT_NE(job.mails.front().find("To: ops@example.com\nSubject: shop (test): backup failed\n"), std::string::npos);
    EXPECT_EQ(job.world.requests.front().path, "/t/secret-token-1");
    EXPECT_TRUE(job.book()["owed"].empty());
}

TEST(Alarms, ten_failures_are_ten_alarms_and_one_recovery) {
    Job job;
    for (int i = 0; i < 10; ++i)
        job.end(failed);
    job.end(well);
    job.end(well);
    ASSERT_EQ(job.posted.size(), 11U);
    std::set<std::string> ids;
    for (const json& told : job.posted)
        ids.insert(told["id"].get<std::string>());
    EXPECT_EQ(ids.size(), 11U);
    EXPECT_EQ(job.posted.back()["event"], "recovered");
    EXPECT_EQ(job.posted.back()["failures"], 10);
}

TEST(Alarms, what_the_webhook_refuses_is_kept_for_the_next_command_and_told_by_it_alone) {
    Job job;
    job.answers = {503, 503, 503};
    job.end(failed);
    EXPECT_EQ(job.world.requests.size(), 3U);
    EXPECT_EQ(job.book()["owed"][0]["to"], json::array({"webhook"}));
    EXPECT_EQ(job.lines.front(), "alarm: the webhook did not take it: HTTP 503; the next run tries again");
    job.end(well, "backup verify");
    ASSERT_EQ(job.posted.size(), 1U);
    EXPECT_EQ(job.posted.front()["command"], "backup");
    EXPECT_EQ(job.mails.size(), 1U);
    EXPECT_EQ(job.paged.size(), 1U);
}

TEST(Alarms, a_wrong_address_is_not_asked_again_at_once_but_by_the_next_run) {
    Job job;
    job.answers = {404};
    job.end(failed);
    EXPECT_EQ(job.world.requests.size(), 1U);
    job.end(well, "backup verify");
    EXPECT_EQ(job.posted.size(), 1U);
}

TEST(Alarms, a_hanging_webhook_costs_no_more_than_the_time_there_is) {
    Job job;
    job.world.server = [&](const host::Request&) {
        job.world.clock += std::chrono::seconds{10};
        return host::Response{0, "timed out"};
    };
    const Time start = job.world.clock;
    job.end(failed);
    job.end(failed);
    const json kept = job.book();
    for (const json& owed : kept["owed"])
        EXPECT_EQ(owed["to"], json::array({"webhook"}));
    const Time before = job.world.clock;
    EXPECT_LE(before - start, std::chrono::seconds{31});
    job.end(failed);
    EXPECT_LE(job.world.clock - before, std::chrono::seconds{21});
    EXPECT_EQ(job.mails.size(), 3U);
}

TEST(Alarms, one_that_answers_with_no_keeps_no_later_one_waiting) {
    Job job;
    job.answers = {413};
    job.end(failed);
    job.answers = {413, 413};
    job.end(failed);
    EXPECT_EQ(job.book()["owed"].size(), 1U);
    ASSERT_EQ(job.posted.size(), 1U);
    EXPECT_EQ(job.posted.front()["id"], "run-2");
}

TEST(Alarms, after_a_week_it_is_given_up_and_said) {
    Job job;
    job.answers = {404};
    job.end(failed);
    job.world.clock += std::chrono::hours{24 * 7 + 1};
    job.lines.clear();
    job.end(well, "backup verify");
    EXPECT_TRUE(job.posted.empty());
    EXPECT_TRUE(job.book()["owed"].empty());
    ASSERT_EQ(job.lines.size(), 1U);
    EXPECT_EQ(job.lines.front(),
              "alarm: gave up telling webhook of: backup failed at 2026-08-22T10:15:30.000000Z; that was more than "
              "seven days ago");
}

TEST(Alarms, a_lasting_trouble_is_told_once_and_its_end_once) {
    Job job;
    for (int i = 0; i < 5; ++i)
        job.end(late({"late after b-1"}), "backup status");
    EXPECT_EQ(job.posted.size(), 1U);
    job.end(late({"late after b-1", "counts for nothing: b-0"}), "backup status");
    EXPECT_EQ(job.posted.size(), 2U);
    job.end(late({"late after b-1"}), "backup status");
    EXPECT_EQ(job.posted.size(), 2U);
    job.end(late({"late after b-2"}), "backup status");
    EXPECT_EQ(job.posted.size(), 3U);
    job.end(well, "backup status");
    job.end(well, "backup status");
    ASSERT_EQ(job.posted.size(), 4U);
    EXPECT_EQ(job.posted.back()["event"], "recovered");
}

TEST(Alarms, one_command_that_is_well_says_nothing_of_another) {
    Job job;
    job.end(failed, "backup");
    job.end(well, "backup verify");
    EXPECT_EQ(job.posted.size(), 1U);
    EXPECT_TRUE(job.book()["troubles"].contains("backup"));
}

TEST(Alarms, where_nothing_can_be_kept_it_is_told_all_the_same) {
    Job job;
    job.world.files["/audit"] = {"in the way", 0644};
    job.end(failed);
    EXPECT_EQ(job.posted.size(), 1U);
    job.answers = {404};
    job.lines.clear();
    job.end(failed);
    ASSERT_EQ(job.lines.size(), 4U);
    EXPECT_EQ(job.lines[1], "alarm: the webhook did not take it: HTTP 404; it is lost");
}

TEST(Alarms, no_secret_and_no_token_is_told) {
    Job job;
    job.scrubber.add(Secret("hunter2-hunter2"));
    job.sendmail = 75;
    job.answers = {500, 500, 500};
    job.end({Kind::failed, "login with hunter2-hunter2 refused", "set hunter2-hunter2", "", {}});
    for (const auto& [path, file] : job.world.files) {
        if (!path.starts_with("/audit")) continue;
        EXPECT_EQ(file.bytes.find("hunter2"), std::string::npos) << path;
        EXPECT_EQ(file.bytes.find("secret-token"), std::string::npos) << path;
        EXPECT_TRUE(!path.ends_with(".json") || file.mode == 0600U) << path;
    }
    EXPECT_EQ(job.paged.front()["message"], "login with *** refused");
    for (const std::string& line : job.lines)
        EXPECT_EQ(line.find("secret-token"), std::string::npos) << line;
}

TEST(Alarms, a_channel_that_cannot_be_used_is_said_before_it_is_needed) {
    Job job;
    job.world.variables["HOOK"] = "http://hooks.example.com/t/secret-token-1";
    job.end(well);
    ASSERT_EQ(job.lines.size(), 1U);
    EXPECT_EQ(job.lines.front(),
              "alarm: no alarm can be sent by webhook: backup.alarm.webhook (/p/flowlet.yaml:6:20): the webhook would "
              "be spoken to in plain text; write https:// instead of http://");
    job.end(failed);
    EXPECT_EQ(job.book()["owed"][0]["to"], json::array({"webhook"}));
    EXPECT_TRUE(job.world.requests.empty());
}

/// Whatever happens, each channel takes each alarm exactly once, in the end.
TEST(Alarms, over_any_course_of_events_each_alarm_is_taken_once) {
    std::mt19937 draw(20261121);
    for (int course = 0; course < 60; ++course) {
        Job job;
        std::size_t expected = 0;
        bool trouble = false;
        for (int i = 0; i < 12; ++i) {
            job.answers.assign(draw() % 4, draw() % 2 == 0 ? 503 : 0);
            job.sendmail = draw() % 3 == 0 ? 75 : 0;
            const bool fails = draw() % 2 == 0;
            expected += fails || trouble ? 1 : 0;
            trouble = fails;
            job.end(fails ? failed : well);
        }
        job.answers.clear();
        job.sendmail = 0;
        for (int i = 0; i < 2; ++i)
            job.end(well, "backup verify");
        EXPECT_EQ(job.posted.size(), expected);
        EXPECT_EQ(job.mails.size(), expected);
        EXPECT_EQ(job.paged.size(), expected);
        EXPECT_TRUE(job.book()["owed"].empty());
    }
}

}  // namespace
}  // namespace flowlet::alarm
