#include <gtest/gtest.h>

#include <csignal>

#include "fakes/world.h"
#include "flowlet/run.h"

namespace flowlet::run {
namespace {

const Waiting silent = [](const std::vector<std::string>& lines) { (void)lines; };

plan::Invoke helm(std::vector<std::string> args) {
    plan::Invoke invoke;
    invoke.command.program = "/usr/bin/helm";
    invoke.command.args = std::move(args);
    return invoke;
}

host::Exit exit_with(int code, std::string err) {
    host::Exit exit;
    exit.code = code;
    exit.err = std::move(err);
    return exit;
}

TEST(Performance, a_program_that_exits_with_an_accepted_status_succeeds) {
    fakes::World world;
    world.program("helm", exit_with(0, ""));
    EXPECT_FALSE(make_performance(world, &world.stop)->perform(helm({"upgrade"}), silent).cause);
}

TEST(Performance, a_program_that_fails_is_quoted) {
    fakes::World world;
    world.program("helm", exit_with(1, "loading\nError: no such chart\x1b[31m\n"));
    const Result result = make_performance(world, &world.stop)->perform(helm({"upgrade", "x"}), silent);
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.cause->reason, "ToolFailed");
    EXPECT_NE(result.cause->message.find("no such chart"), std::string::npos);
    EXPECT_EQ(result.cause->message.find('\x1b'), std::string::npos);
    EXPECT_EQ(result.kind, Kind::failed);
}

TEST(Performance, a_program_stopped_half_way_is_an_interrupt) {
    fakes::World world;
    world.program("helm", [&](const host::Command&) {
        world.stop.raise(SIGINT);
        host::Exit exit = exit_with(130, "");
        exit.interrupted = true;
        return exit;
    });
    const Result result = make_performance(world, &world.stop)->perform(helm({"upgrade"}), silent);
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.kind, Kind::interrupted);
}

TEST(Performance, a_refused_request_carries_the_servers_words_and_its_own_kind) {
    fakes::World world;
    world.server = [](const host::Request&) {
        return host::Response{409,
                              R"({"kind":"Status","reason":"AlreadyExists","message":"leases \"x\" already exists"})"};
    };
    plan::Send send;
    send.request.method = "POST";
    send.request.path = "/apis/x?dryRun=no";
    send.refused = Kind::conflict;
    const Result result = make_performance(world, &world.stop)->perform(send, silent);
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.cause->reason, "AlreadyExists");
    EXPECT_EQ(result.cause->message, "leases \"x\" already exists");
    EXPECT_EQ(result.cause->object, "POST /apis/x");
    EXPECT_EQ(result.kind, Kind::conflict);
}

TEST(Performance, a_guarded_request_is_skipped_when_the_list_has_items) {
    fakes::World world;
    world.server = [](const host::Request& request) {
        return request.method == "GET" ? host::Response{200, R"({"items":[{}]})"} : host::Response{200, "{}"};
    };
    plan::Send send;
    send.request.method = "DELETE";
    send.request.path = "/api/v1/namespaces/x";
    send.only_if_empty = host::Request{"GET", "/claims", {}, {}, "application/json"};
    const Result result = make_performance(world, &world.stop)->perform(send, silent);
    EXPECT_FALSE(result.cause);
    EXPECT_NE(result.note.find("kept"), std::string::npos);
    EXPECT_EQ(world.did, (std::vector<std::string>{"GET /claims"}));
}

TEST(Performance, a_guarded_request_is_skipped_when_the_list_cannot_be_read) {
    fakes::World world;
    world.server = [](const host::Request&) { return host::Response{500, "{}"}; };
    plan::Send send;
    send.request.method = "DELETE";
    send.only_if_empty = host::Request{"GET", "/claims", {}, {}, "application/json"};
    EXPECT_FALSE(make_performance(world, &world.stop)->perform(send, silent).note.empty());
    EXPECT_EQ(world.did.size(), 1U);
}

TEST(Performance, a_guarded_request_is_sent_when_the_list_is_empty) {
    fakes::World world;
    world.server = [](const host::Request& request) {
        return request.method == "GET" ? host::Response{200, R"({"items":[]})"} : host::Response{200, "{}"};
    };
    plan::Send send;
    send.request.method = "DELETE";
    send.request.path = "/x";
    send.only_if_empty = host::Request{"GET", "/claims", {}, {}, "application/json"};
    EXPECT_TRUE(make_performance(world, &world.stop)->perform(send, silent).note.empty());
    EXPECT_EQ(world.did, (std::vector<std::string>{"GET /claims", "DELETE /x"}));
}

/// Fails as soon as it hears "bad", is content on "good".
class Ear final : public plan::Waiter {
public:
    std::vector<host::Request> open() override { return {host::Request{}}; }
    void on_line(std::size_t stream, std::string_view line, Time now) override {
        (void)stream;
        (void)now;
        heard_ = line;
    }
    std::optional<Again> on_end(std::size_t stream, const host::Response& end, Time now) override {
        (void)stream;
        (void)end;
        (void)now;
        return std::nullopt;
    }
    std::optional<Time> next(Time now) override {
        return heard_ == "good" || heard_ == "bad" ? std::nullopt : std::optional<Time>(now + std::chrono::hours(1));
    }
    [[nodiscard]] std::vector<std::string> waiting(Time now) const override {
        (void)now;
        return {"heard " + heard_};
    }
    [[nodiscard]] std::optional<plan::Cause> failure() const override {
        if (heard_ != "bad") {
            return std::nullopt;
        }
        plan::Cause cause;
        cause.reason = "Bad";
        return cause;
    }
    [[nodiscard]] std::vector<host::Request> evidence() const override {
        host::Request log;
        log.path = "/log";
        return {log};
    }
    [[nodiscard]] plan::Cause conclude(std::span<const host::Response> evidence) const override {
        plan::Cause cause = *failure();
        cause.log = {evidence.front().body};
        return cause;
    }

private:
    std::string heard_;
};

plan::Await listen() {
    plan::Await await;
    await.make = [](Time start) {
        (void)start;
        return std::make_unique<Ear>();
    };
    return await;
}

TEST(Performance, a_wait_tells_what_it_waits_for_and_ends_when_content) {
    fakes::World world;
    world.script = [](const std::vector<host::Request>&) {
        return std::vector<fakes::World::Event>{{Millis{5}, 0, "so so"}, {Millis{9}, 0, "good"}};
    };
    std::vector<std::string> told;
    const Waiting waiting = [&](const std::vector<std::string>& lines) { told.push_back(lines.front()); };
    EXPECT_FALSE(make_performance(world, &world.stop)->perform(listen(), waiting).cause);
    EXPECT_EQ(told, (std::vector<std::string>{"heard ", "heard so so"}));
}

TEST(Performance, the_evidence_is_read_before_a_failed_wait_is_reported) {
    fakes::World world;
    world.script = [](const std::vector<host::Request>&) {
        return std::vector<fakes::World::Event>{{Millis{5}, 0, "bad"}};
    };
    world.server = [](const host::Request& request) { return host::Response{200, "asked " + request.path}; };
    const Result result = make_performance(world, &world.stop)->perform(listen(), silent);
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.cause->log, (std::vector<std::string>{"asked /log"}));
}

TEST(Performance, a_wait_that_is_asked_to_stop_says_for_what_it_waited) {
    fakes::World world;
    world.script = [](const std::vector<host::Request>&) { return std::vector<fakes::World::Event>{}; };
    world.stop_at = {world.clock + std::chrono::minutes(1), SIGTERM};
    const Result result = make_performance(world, &world.stop)->perform(listen(), silent);
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.kind, Kind::terminated);
    EXPECT_EQ(result.cause->also, (std::vector<std::string>{"heard "}));
}

TEST(Rehearsal, nothing_is_performed) {
    fakes::World world;
    const std::unique_ptr<Performer> performer = make_rehearsal(world);
    EXPECT_FALSE(performer->perform(helm({"upgrade"}), silent).cause);
    EXPECT_TRUE(world.did.empty());
}

TEST(Performance, a_file_is_written_once) {
    fakes::World world;
    const auto performer = make_performance(world, &world.stop);
    const Result first = performer->perform(plan::Write{"/tmp/a", "one", 0644}, silent);
    EXPECT_FALSE(first.cause);
    EXPECT_EQ(first.status, 201);
    const Result second = performer->perform(plan::Write{"/tmp/a", "two", 0644}, silent);
    ASSERT_TRUE(second.cause);
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(second.kind, Kind::conflict);
    EXPECT_EQ(world.files.at("/tmp/a").bytes, "one");
}

TEST(Performance, a_file_that_cannot_be_written_is_a_failure_with_its_path) {
    fakes::World world;
    const Result result = make_performance(world, &world.stop)->perform(plan::Write{"/nowhere/a", "one", 0644}, silent);
    ASSERT_TRUE(result.cause);
    EXPECT_EQ(result.kind, Kind::failed);
    EXPECT_EQ(result.cause->object, "/nowhere/a");
}

TEST(Performance, only_the_file_that_was_written_is_erased) {
    fakes::World world;
    const auto performer = make_performance(world, &world.stop);
    world.files["/tmp/a"] = {"changed", 0644};
    EXPECT_NE(performer->perform(plan::Erase{"/tmp/a", "one"}, silent).note, "");
    EXPECT_TRUE(world.files.contains("/tmp/a"));
    EXPECT_EQ(performer->perform(plan::Erase{"/tmp/a", "changed"}, silent).note, "");
    EXPECT_FALSE(world.files.contains("/tmp/a"));
    EXPECT_FALSE(performer->perform(plan::Erase{"/tmp/a", "changed"}, silent).cause);
}

}  // namespace
}  // namespace flowlet::run
