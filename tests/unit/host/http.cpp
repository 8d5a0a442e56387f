#include "host/http.h"

#include "flowlet/host.h"
#include "server.h"
#include "support.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>

namespace flowlet::host {
namespace {

using test::kind_of;
using test::Server;

constexpr Millis long_enough{30000};

Request get(const std::string& path) {
    Request request;
    request.path = path;
    return request;
}

Request with(const std::string& method, const std::string& path, const std::string& body) {
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.content_type = "application/json";
    return request;
}

void echo_path(const Server::Seen& request, const Server::Wire& wire) {
    wire.answer(200, request.path);
}

class HttpTest : public testing::Test {
protected:
    std::unique_ptr<Host> host = make_host(nullptr);
};

TEST_F(HttpTest, answers_stand_in_the_order_of_the_requests_and_sixteen_are_under_way) {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t now = 0;
    std::size_t most = 0;
    Server server([&](const Server::Seen& request, const Server::Wire& wire) {
        {
            std::unique_lock lock(mutex);
            most = std::max(most, ++now);
            changed.notify_all();
            changed.wait_for(lock, long_enough, [&] { return most >= 16; });
            --now;
        }
        wire.answer(200, request.path);
    });
    std::vector<Request> requests;
    for (int number = 0; number < 50; ++number)
        requests.push_back(get("/" + std::to_string(number)));
    const auto answers = host->ask({server.socket()}, requests, long_enough);
    ASSERT_EQ(answers.size(), 50U);
    for (std::size_t number = 0; number < 50; ++number)
        EXPECT_EQ(answers[number].body, "/" + std::to_string(number));
    EXPECT_EQ(most, 16U);
    EXPECT_LE(server.connections(), 16U);
}

TEST_F(HttpTest, connections_are_kept_from_call_to_call) {
    Server server(echo_path);
    for (int times = 0; times < 5; ++times) {
        const std::vector<Request> requests = {get("/a")};
        EXPECT_EQ(host->ask({server.socket()}, requests, long_enough).front().body, "/a");
        EXPECT_EQ(host->send({server.socket()}, get("/b"), long_enough).body, "/b");
    }
    EXPECT_EQ(server.connections(), 1U);
}

TEST_F(HttpTest, each_socket_gets_its_own_requests) {
    Server one([](const Server::Seen&, const Server::Wire& wire) { wire.answer(200, "one"); });
    Server two([](const Server::Seen&, const Server::Wire& wire) { wire.answer(200, "two"); });
    for (int times = 0; times < 3; ++times) {
        EXPECT_EQ(host->send({one.socket()}, get("/"), long_enough).body, "one");
        EXPECT_EQ(host->send({two.socket()}, get("/"), long_enough).body, "two");
    }
}

TEST_F(HttpTest, what_does_not_only_read_is_refused_without_a_byte) {
    Server server(echo_path);
    for (const auto& request :
         {with("POST", "/x", "{}"), with("DELETE", "/x", ""), with("PATCH", "/x?dryRun=None", "{}"),
          with("POST", "/x?dryRun=Allx", "{}"), with("POST", "/x?a=dryRun=All", "{}"),
          with("POST", "/dryRun=All", "{}"), with("POST", "/x?a#&dryRun=All", "{}"),
          with("POST", "/x?#b?dryRun=All", "{}"), with("get", "/x", "")}) {
        const std::vector<Request> requests = {get("/fine"), request};
        EXPECT_EQ(kind_of([&] { host->ask({server.socket()}, requests, long_enough); }), Kind::bug) << request.path;
    }
    EXPECT_EQ(server.connections(), 0U);
}

TEST_F(HttpTest, a_rehearsed_change_may_be_asked) {
    Server server(echo_path);
    const std::vector<Request> requests = {with("PATCH", "/x?fieldManager=f&dryRun=All", "{}"),
                                           with("POST", "/y?dryRun=All&force=true", "{}")};
    const auto answers = host->ask({server.socket()}, requests, long_enough);
    EXPECT_EQ(answers.at(0).body, "/x?fieldManager=f&dryRun=All");
    EXPECT_EQ(answers.at(1).body, "/y?dryRun=All&force=true");
}

TEST_F(HttpTest, a_request_that_would_not_arrive_as_written_is_a_bug) {
    Server server(echo_path);
    Request smuggled = get("/");
    smuggled.accept = "a\r\nX-Evil: 1";
    for (const auto& request : {get(""), get("x"), get("@evil/"), get("/a b"), get("/a\r\nX: 1"), get("/\xc3\xa4"),
                                with("GE T", "/", ""), with("", "/", ""), smuggled}) {
        EXPECT_EQ(kind_of([&] { host->send({server.socket()}, request, long_enough); }), Kind::bug) << request.path;
    }
    EXPECT_EQ(server.connections(), 0U);
}

TEST_F(HttpTest, method_path_headers_and_body_arrive) {
    Server server(echo_path);
    Request request = with("PATCH", "/apis/../a%2Fb?x=%20", std::string(2000000, 'b'));
    request.content_type = "application/apply-patch+yaml";
    request.accept = "application/json;as=Table";
    EXPECT_EQ(host->send({server.socket()}, request, long_enough).status, 200);
    const auto seen = server.seen().at(0);
    EXPECT_EQ(seen.method, "PATCH");
    EXPECT_EQ(seen.path, request.path);
    EXPECT_EQ(seen.body, request.body);
    EXPECT_NE(seen.head.find("Host: localhost\r\n"), std::string::npos);
    EXPECT_NE(seen.head.find("Content-Type: application/apply-patch+yaml\r\n"), std::string::npos);
    EXPECT_NE(seen.head.find("Accept: application/json;as=Table\r\n"), std::string::npos);
    EXPECT_EQ(seen.head.find("Expect"), std::string::npos);
}

TEST_F(HttpTest, every_method_reaches_the_server) {
    Server server(echo_path);
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
        EXPECT_EQ(host->send({server.socket()}, with(method, "/", ""), long_enough).status, 200) << method;
        EXPECT_EQ(server.seen().back().method, method);
    }
}

TEST_F(HttpTest, an_error_status_is_an_answer) {
    Server server([](const Server::Seen&, const Server::Wire& wire) { wire.answer(409, "conflict"); });
    const Response answer = host->send({server.socket()}, with("POST", "/", "{}"), long_enough);
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.body, "conflict");
    EXPECT_FALSE(answer.ok());
}

TEST_F(HttpTest, nobody_listening_is_no_answer_with_a_reason) {
    const Response answer = host->send({"/nowhere/s"}, get("/"), long_enough);
    EXPECT_EQ(answer.status, 0);
    EXPECT_FALSE(answer.body.empty());
}

TEST_F(HttpTest, half_an_answer_is_none) {
    Server server([](const Server::Seen&, const Server::Wire& wire) {
        wire.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":");
        wire.close();
    });
    const Response answer = host->send({server.socket()}, get("/"), long_enough);
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(answer.body.find("half"), std::string::npos);
}

TEST_F(HttpTest, an_answer_that_takes_too_long_is_none) {
    Server server([](const Server::Seen&, const Server::Wire& wire) { wire.wait_for_client_to_leave(); });
    const std::vector<Request> requests = {get("/")};
    const auto answers = host->ask({server.socket()}, requests, Millis{50});
    EXPECT_EQ(answers.at(0).status, 0);
    EXPECT_FALSE(answers.at(0).body.empty());
}

TEST_F(HttpTest, a_change_is_never_sent_twice) {
    Server server([](const Server::Seen& request, const Server::Wire& wire) {
        if (request.method == "GET") wire.answer(200, "");
        wire.close();
    });
    EXPECT_EQ(host->send({server.socket()}, get("/"), long_enough).status, 200);
    EXPECT_EQ(host->send({server.socket()}, with("POST", "/", "{}"), long_enough).status, 0);
    const auto seen = server.seen();
    EXPECT_EQ(std::count_if(seen.begin(), seen.end(), [](const auto& one) { return one.method == "POST"; }), 1);
}

TEST_F(HttpTest, a_proxy_in_the_environment_is_not_asked) {
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    Server server(echo_path);
    EXPECT_EQ(host->send({server.socket()}, get("/a"), long_enough).body, "/a");
    ::unsetenv("http_proxy");
    ::unsetenv("ALL_PROXY");
}

TEST_F(HttpTest, threads_get_their_own_answers) {
    Server server(echo_path);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < 6; ++number) {
        threads.emplace_back([&, number] {
            for (int times = 0; times < 40; ++times) {
                const std::string path = '/' + std::to_string(number) + '/' + std::to_string(times);
                const std::vector<Request> requests = {get(path + 'a'), get(path + 'b')};
                const auto answers = host->ask({server.socket()}, requests, long_enough);
                if (answers[0].body != path + 'a' || answers[1].body != path + 'b') ++wrong;
                if (host->send({server.socket()}, with("POST", path, "x"), long_enough).body != path) ++wrong;
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, 0);
}

TEST(Http, asking_ends_with_an_interrupt) {
    for (const auto& [signal, kind] : {std::pair{SIGINT, Kind::interrupted}, std::pair{SIGTERM, Kind::terminated}}) {
        test::Bell bell;
        Server server([&, signal = signal](const Server::Seen&, const Server::Wire& wire) {
            bell.ring(signal);
            wire.wait_for_client_to_leave();
        });
        const auto host = make_host(&bell);
        const std::vector<Request> requests = {get("/")};
        EXPECT_EQ(kind_of([&] { host->ask({server.socket()}, requests, std::chrono::hours(1)); }), kind);
    }
}

TEST(Http, a_change_under_way_may_still_be_answered_after_an_interrupt) {
    test::Bell bell;
    Server server([&](const Server::Seen&, const Server::Wire& wire) {
        bell.ring(SIGINT);
        wire.answer(201, "made");
    });
    const auto host = make_host(&bell);
    EXPECT_EQ(host->send({server.socket()}, with("POST", "/", "{}"), long_enough).status, 201);
    EXPECT_EQ(kind_of([&] { host->send({server.socket()}, with("POST", "/", "{}"), long_enough); }), Kind::interrupted);
    EXPECT_EQ(server.seen().size(), 1U);
}

}  // namespace
}  // namespace flowlet::host
