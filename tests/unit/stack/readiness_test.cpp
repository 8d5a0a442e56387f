#include "stack/readiness.h"

#include <gtest/gtest.h>

#include <csignal>

#include "fakes/world.h"
#include "stack/words.h"

namespace flowlet::stack {
namespace {

host::ProcessInfo process(int pid, std::uint64_t started = 1) {
    host::ProcessInfo info;
    info.id = {pid, started};
    info.command = "python3 serve.py";
    return info;
}

host::Listener listener(int port, std::optional<host::ProcessInfo> owner) {
    return {"127.0.0.1", port, std::move(owner)};
}

plan::Keep web(std::vector<int> ports = {8080}) {
    plan::Keep keep;
    keep.service = "web";
    keep.ports = std::move(ports);
    return keep;
}

std::string stranger(const plan::Keep& keep, const std::vector<host::Listener>& listeners,
                     const std::vector<host::ProcessInfo>& members) {
    return find_stranger(keep, listeners, members);
}

// ---- who answers ---------------------------------------------------------------------------------------------------

TEST(Stranger, a_member_who_accepts_is_none) {
    EXPECT_EQ(stranger(web(), {listener(8080, process(5))}, {process(4), process(5)}), "");
}

TEST(Stranger, whoever_else_accepts_is_named) {
    EXPECT_EQ(stranger(web(), {listener(8080, process(9))}, {process(5)}),
              "port 8080 is answered by 9 (python3 serve.py), not by web");
}

TEST(Stranger, a_number_that_was_taken_by_another_is_no_member) {
    EXPECT_NE(stranger(web(), {listener(8080, process(5, 2))}, {process(5, 1)}), "");
}

TEST(Stranger, one_whose_owner_cannot_be_seen_is_named_so) {
    EXPECT_EQ(stranger(web(), {listener(8080, std::nullopt)}, {process(5)}),
              "port 8080 is answered by a process of another user, not by web");
}

TEST(Stranger, one_beside_a_member_on_another_address_is_let_be) {
    EXPECT_EQ(stranger(web(), {listener(8080, process(9)), listener(8080, process(5))}, {process(5)}), "");
}

TEST(Stranger, other_ports_and_nobody_do_not_count) {
    EXPECT_EQ(stranger(web(), {listener(9090, process(9))}, {process(5)}), "");
    EXPECT_EQ(stranger(web(), {}, {process(5)}), "");
    EXPECT_EQ(stranger(web({}), {listener(8080, process(9))}, {process(5)}), "");
}

TEST(Stranger, each_port_is_looked_at) {
    EXPECT_EQ(stranger(web({8080, 8081}), {listener(8080, process(5)), listener(8081, process(9))}, {process(5)}),
              "port 8081 is answered by 9 (python3 serve.py), not by web");
}

// ---- looks ---------------------------------------------------------------------------------------------------------

TEST(Look, a_line_alone_is_nothing_to_look_at) {
    plan::Ready ready;
    EXPECT_FALSE(has_look(ready));
    ready.log = "ready";
    EXPECT_FALSE(has_look(ready));
}

TEST(Look, each_of_the_others_is) {
    plan::Ready http;
    http.http = "http://127.0.0.1:8080/";
    plan::Ready tcp;
    tcp.tcp = 8080;
    plan::Ready exec;
    exec.exec = {"/bin/true"};
    plan::Ready postgres;
    postgres.postgres = host::Database{};
    for (const plan::Ready& ready : {http, tcp, exec, postgres})
        EXPECT_TRUE(has_look(ready));
}

TEST(Look, a_port_is_open_on_either_address) {
    for (const std::string open : {"127.0.0.1", "::1"}) {
        fakes::World world;
        world.knocks = [&](const std::string& address, int port) {
            return address == open && port == 8080 ? "" : "Connection refused";
        };
        plan::Keep keep = web();
        keep.ready.tcp = 8080;
        EXPECT_EQ(make_look(world, keep)(), "");
        keep.ready.tcp = 8081;
        EXPECT_EQ(make_look(world, keep)(), "port 8081: Connection refused");
    }
}

TEST(Look, an_url_has_to_answer_well) {
    fakes::World world;
    int status = 204;
    world.server = [&](const host::Request& request) {
        EXPECT_EQ(request.path, "/health?deep=1");
        return host::Response{status, status == 0 ? "Connection refused" : "sorry"};
    };
    plan::Keep keep = web();
    keep.ready.http = "http://127.0.0.1:8080/health?deep=1";
    EXPECT_EQ(make_look(world, keep)(), "");
    status = 503;
    EXPECT_EQ(make_look(world, keep)(), keep.ready.http + " answers with status 503");
    status = 0;
    EXPECT_EQ(make_look(world, keep)(), keep.ready.http + ": Connection refused");
}

TEST(Look, an_url_without_a_path_asks_for_the_root) {
    fakes::World world;
    world.server = [](const host::Request&) { return host::Response{200, ""}; };
    plan::Keep keep = web();
    keep.ready.http = "http://127.0.0.1:8080";
    EXPECT_EQ(make_look(world, keep)(), "");
    EXPECT_EQ(world.did, (std::vector<std::string>{"GET /"}));
}

TEST(Look, a_program_decides_by_its_status_in_the_folder_and_with_the_variables_of_the_service) {
    fakes::World world;
    host::Exit exit;
    world.program("check", [&](const host::Command& command) {
        EXPECT_EQ(command.folder, "/srv/web");
        EXPECT_EQ(command.env.at("TOKEN"), "s3cret");
        EXPECT_EQ(command.args, (std::vector<std::string>{"--fast"}));
        return exit;
    });
    plan::Keep keep = web();
    keep.launch.command.folder = "/srv/web";
    keep.launch.env.emplace("TOKEN", Secret("s3cret"));
    keep.ready.exec = {"/usr/bin/check", "--fast"};
    EXPECT_EQ(make_look(world, keep)(), "");
    exit.code = 2;
    exit.err = "first\nno table yet\x1b[31m\n";
    const std::string why = make_look(world, keep)();
    EXPECT_TRUE(why.starts_with("the check /usr/bin/check ended with status 2: no table yet")) << why;
    EXPECT_EQ(why.find('\x1b'), std::string::npos);
}

TEST(Look, what_is_not_so_first_is_said_and_the_rest_not_asked) {
    fakes::World world;
    plan::Keep keep = web();
    keep.ready.tcp = 8080;
    keep.ready.exec = {"/usr/bin/check"};
    EXPECT_EQ(make_look(world, keep)(), "port 8080: Connection refused");
    EXPECT_TRUE(world.did.empty());
}

// ---- words ---------------------------------------------------------------------------------------------------------

TEST(Words, an_end_is_described_by_its_status_or_its_signal) {
    EXPECT_EQ(describe({1, 0}, 0, false), "ended with status 1");
    EXPECT_EQ(describe({0, 0}, 0, true), "ended with status 0 before it was ready");
    EXPECT_EQ(describe({139, SIGSEGV}, 0, false), "was killed by SIGSEGV");
    EXPECT_EQ(describe({137, SIGKILL}, 3, true), "was killed by SIGKILL before it was ready");
    EXPECT_EQ(describe({128 + 34, 34}, 0, false), "was killed by 34");
}

TEST(Words, one_that_ends_well_and_leaves_somebody_goes_into_the_background) {
    EXPECT_EQ(describe({0, 0}, 1, false),
              "ended with status 0 and left 1 process behind: it goes into the background, and has to be told to stay "
              "in the foreground");
    EXPECT_NE(describe({0, 0}, 2, true).find("left 2 processes behind"), std::string::npos);
    EXPECT_EQ(describe({4, 0}, 2, false), "ended with status 4");
}

TEST(Words, a_refusal_is_told_from_an_answer) {
    EXPECT_TRUE(is_refusal("port 8080: Connection refused"));
    EXPECT_TRUE(is_refusal("nobody answers"));
    EXPECT_FALSE(is_refusal("http://x/ answers with status 503"));
    EXPECT_FALSE(is_refusal("the check /x ended with status 1"));
    EXPECT_FALSE(is_refusal(""));
}

}  // namespace
}  // namespace flowlet::stack
