#include "flowlet/host.h"
#include "server.h"
#include "support.h"

#include <algorithm>
#include <csignal>
#include <thread>

namespace flowlet::host {
namespace {

using test::kind_of;
using test::Server;

Request get(const std::string& path) {
    Request request;
    request.path = path;
    return request;
}

/// Writes down what it is told and is content after so many lines and ends.
class Diary : public Follower {
public:
    Diary(std::vector<std::string> paths, std::size_t enough) : paths_(std::move(paths)), enough_(enough) {}

    std::vector<Request> open() override {
        std::vector<Request> requests;
        for (const auto& path : paths_)
            requests.push_back(get(path));
        return requests;
    }
    void on_line(std::size_t stream, std::string_view line, Time) override {
        strangers_ = strangers_ || std::this_thread::get_id() != thread_;
        lines.push_back(std::to_string(stream) + ':' + std::string(line));
    }
    std::optional<Again> on_end(std::size_t stream, const Response& end, Time) override {
        ends.push_back(end);
        (void)stream;
        return ends.size() <= again.size() ? std::optional(again[ends.size() - 1]) : std::nullopt;
    }
    std::optional<Time> next(Time now) override {
        ++asked;
        if (lines.size() + ends.size() >= enough_) return std::nullopt;
        return now + std::chrono::hours(1);
    }
    [[nodiscard]] bool told_by_strangers() const { return strangers_; }

    std::vector<std::string> lines;
    std::vector<Response> ends;
    std::vector<Again> again;
    std::size_t asked = 0;

private:
    std::vector<std::string> paths_;
    std::size_t enough_;
    bool strangers_ = false;
    std::thread::id thread_ = std::this_thread::get_id();
};

using Lines = std::vector<std::string>;

TEST(Follow, lines_arrive_whole_however_they_are_cut) {
    Server server([](const Server::Seen&, const Server::Wire& wire) {
        wire.begin_stream();
        for (const char* piece : {"{\"a\"", ":1}\n{\"b\":", "2}\n\n{", "}"}) {
            wire.say(piece);
            std::this_thread::sleep_for(Millis{2});
        }
        wire.close();
    });
    const auto host = make_host(nullptr);
    Diary diary({"/"}, 5);
    host->follow({server.socket()}, diary);
    EXPECT_EQ(diary.lines, (Lines{"0:{\"a\":1}", "0:{\"b\":2}", "0:", "0:{}"}));
    ASSERT_EQ(diary.ends.size(), 1U);
    EXPECT_EQ(diary.ends[0].status, 200);
    EXPECT_FALSE(diary.told_by_strangers());
}

TEST(Follow, each_stream_keeps_its_number) {
    Server server([](const Server::Seen& request, const Server::Wire& wire) { wire.answer(200, request.path + "\n"); });
    const auto host = make_host(nullptr);
    Diary diary({"/a", "/b", "/c"}, 6);
    host->follow({server.socket()}, diary);
    std::sort(diary.lines.begin(), diary.lines.end());
    EXPECT_EQ(diary.lines, (Lines{"0:/a", "1:/b", "2:/c"}));
}

TEST(Follow, a_batch_is_followed_by_the_question_what_next) {
    Server server([](const Server::Seen&, const Server::Wire& wire) {
        wire.begin_stream();
        wire.say("one\n");
        wire.wait_for_client_to_leave();
    });
    const auto host = make_host(nullptr);
    Diary diary({"/"}, 1);
    host->follow({server.socket()}, diary);  // would take an hour if it were only asked at the time it named
    EXPECT_EQ(diary.lines, Lines{"0:one"});
    EXPECT_EQ(diary.asked, 2U);
}

TEST(Follow, an_ended_stream_is_opened_again) {
    Server server([](const Server::Seen& request, const Server::Wire& wire) { wire.answer(200, request.path); });
    const auto host = make_host(nullptr);
    Diary diary({"/first"}, 6);
    diary.again = {{get("/second")}, {get("/third"), Millis{20}}};
    host->follow({server.socket()}, diary);
    EXPECT_EQ(diary.lines, (Lines{"0:/first", "0:/second", "0:/third"}));
}

TEST(Follow, an_error_is_told_at_the_end_and_not_as_lines) {
    Server server([](const Server::Seen&, const Server::Wire& wire) { wire.answer(410, "too\nold\n"); });
    const auto host = make_host(nullptr);
    Diary diary({"/"}, 1);
    host->follow({server.socket()}, diary);
    EXPECT_TRUE(diary.lines.empty());
    ASSERT_EQ(diary.ends.size(), 1U);
    EXPECT_EQ(diary.ends[0].status, 410);
    EXPECT_EQ(diary.ends[0].body, "too\nold\n");
}

TEST(Follow, half_a_line_of_a_broken_connection_is_none) {
    Server server([](const Server::Seen&, const Server::Wire& wire) {
        wire.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nwhole\nh\r\n3\r\nal");
        wire.close();
    });
    const auto host = make_host(nullptr);
    Diary diary({"/"}, 2);
    host->follow({server.socket()}, diary);
    EXPECT_EQ(diary.lines, Lines{"0:whole"});
    ASSERT_EQ(diary.ends.size(), 1U);
    EXPECT_EQ(diary.ends[0].status, 0);
    EXPECT_FALSE(diary.ends[0].body.empty());
}

TEST(Follow, nobody_listening_is_an_end) {
    const auto host = make_host(nullptr);
    Diary diary({"/"}, 1);
    host->follow({"/nowhere/s"}, diary);
    ASSERT_EQ(diary.ends.size(), 1U);
    EXPECT_EQ(diary.ends[0].status, 0);
}

TEST(Follow, a_long_line_arrives_and_one_that_is_too_long_ends_the_stream) {
    const std::string mebibyte(std::size_t{1} << 20U, 'x');
    Server server([&](const Server::Seen& request, const Server::Wire& wire) {
        wire.begin_stream();
        for (int times = 0; times < (request.path == "/long" ? 8 : 17); ++times)
            wire.say(mebibyte);
        wire.close();
    });
    const auto host = make_host(nullptr);
    Diary fine({"/long"}, 2);
    host->follow({server.socket()}, fine);
    ASSERT_EQ(fine.lines.size(), 1U);
    EXPECT_EQ(fine.lines[0].size(), 2 + 8 * mebibyte.size());
    Diary too_long({"/longer"}, 1);
    host->follow({server.socket()}, too_long);
    EXPECT_TRUE(too_long.lines.empty());
    ASSERT_EQ(too_long.ends.size(), 1U);
    EXPECT_EQ(too_long.ends[0].status, 0);
}

TEST(Follow, it_wakes_at_the_time_that_was_named) {
    class Clockwork : public Follower {
    public:
        std::vector<Request> open() override { return {}; }
        void on_line(std::size_t, std::string_view, Time) override {}
        std::optional<Again> on_end(std::size_t, const Response&, Time) override { return std::nullopt; }
        std::optional<Time> next(Time now) override {
            early = early || now < due;
            if (++asked == 4) return std::nullopt;
            due = now + Millis{5};
            return due;
        }
        Time due{};
        int asked = 0;
        bool early = false;
    };
    const auto host = make_host(nullptr);
    Clockwork clockwork;
    host->follow({"/nowhere/s"}, clockwork);
    EXPECT_EQ(clockwork.asked, 4);
    EXPECT_FALSE(clockwork.early);
}

TEST(Follow, a_stream_that_is_no_get_is_a_bug) {
    class Wrong : public Diary {
    public:
        Wrong() : Diary({}, 1) {}
        std::vector<Request> open() override {
            Request request = get("/?dryRun=All");
            request.method = "POST";
            return {request};
        }
    };
    const auto host = make_host(nullptr);
    Wrong wrong;
    EXPECT_EQ(kind_of([&] { host->follow({"/nowhere/s"}, wrong); }), Kind::bug);
}

TEST(Follow, it_ends_with_an_interrupt) {
    for (const auto& [signal, kind] : {std::pair{SIGINT, Kind::interrupted}, std::pair{SIGHUP, Kind::terminated}}) {
        test::Bell bell;
        Server server([&, signal = signal](const Server::Seen&, const Server::Wire& wire) {
            wire.begin_stream();
            bell.ring(signal);
            wire.wait_for_client_to_leave();
        });
        const auto host = make_host(&bell);
        Diary diary({"/"}, 100);
        EXPECT_EQ(kind_of([&] { host->follow({server.socket()}, diary); }), kind);
    }
}

}  // namespace
}  // namespace flowlet::host
