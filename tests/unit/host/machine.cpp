// What the real host and the fake world promise alike, and what only the real one can show.
#include "fakes/world.h"
#include "flowlet/host.h"
#include "server.h"
#include "support.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>

namespace flowlet::host {
namespace {

using test::kind_of;

Request get(const std::string& path) {
    Request request;
    request.path = path;
    return request;
}

/// Opens "/watch"; when it ends, "/again"; is content with the line "last".
class Reader : public Follower {
public:
    std::vector<Request> open() override { return {get("/watch")}; }
    void on_line(std::size_t stream, std::string_view line, Time) override {
        story.push_back(std::to_string(stream) + ':' + std::string(line));
    }
    std::optional<Again> on_end(std::size_t, const Response& end, Time) override {
        story.push_back("end " + std::to_string(end.status));
        return Again{get("/again"), Millis{1}};
    }
    std::optional<Time> next(Time now) override {
        if (std::find(story.begin(), story.end(), "0:last") != story.end()) return std::nullopt;
        return now + std::chrono::hours(1);
    }
    std::vector<std::string> story;
};

struct RealSetting {
    test::TemporaryFolder temporary;
    test::Server server{[](const test::Server::Seen& request, const test::Server::Wire& wire) {
        if (request.path == "/watch") return wire.answer(200, "one\ntwo\n");
        if (request.path == "/again") return wire.answer(200, "last\n");
        wire.answer(request.method == "GET" ? 200 : 201, request.method + ' ' + request.path);
    }};
    fakes::Switch stop;
    std::unique_ptr<Host> owner = make_host(&stop);
    Host& host = *owner;
    std::string folder = temporary.path();
    Endpoint endpoint{server.socket()};
    std::size_t requests() { return server.seen().size(); }
};

struct FakeSetting {
    fakes::World world;
    fakes::Switch& stop = world.stop;
    Host& host = world;
    std::string folder = "/tmp/test";
    Endpoint endpoint{"/fake/s"};
    std::size_t requests() const { return world.requests.size(); }

    FakeSetting() {
        world.folders.insert(folder);
        world.program("cat", [](const Command& command) {
            Exit exit;
            exit.out = command.input;
            return exit;
        });
        Exit failed;
        failed.code = 1;
        world.program("false", failed);
        world.server = [](const Request& request) {
            return Response{request.method == "GET" ? 200 : 201, request.method + ' ' + request.path};
        };
        world.script = [](const std::vector<Request>&) {
            return std::vector<fakes::World::Event>{{Millis{1}, 0, "one"},
                                                    {Millis{1}, 0, "two"},
                                                    {Millis{2}, 0, Response{200, ""}},
                                                    {Millis{5}, 0, "last"}};
        };
    }
};

template <typename Setting>
class Contract : public testing::Test {
protected:
    Setting setting;
    Host& host = setting.host;
};
using Settings = testing::Types<RealSetting, FakeSetting>;
TYPED_TEST_SUITE(Contract, Settings);

TYPED_TEST(Contract, a_program_is_found_by_name_and_by_path) {
    const auto found = this->host.find_program("cat");
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->starts_with('/'));
    EXPECT_EQ(this->host.find_program(*found), found);
    EXPECT_FALSE(this->host.find_program("no-such-program"));
    EXPECT_FALSE(this->host.find_program("/nowhere/no-such-program"));
}

TYPED_TEST(Contract, a_program_gives_what_it_was_given) {
    Command command;
    command.program = this->host.find_program("cat").value();
    command.input = "text";
    EXPECT_EQ(this->host.query(command).out, "text");
    EXPECT_EQ(this->host.run(command).out, "text");
}

TYPED_TEST(Contract, a_failing_program_is_an_answer) {
    Command command;
    command.program = this->host.find_program("false").value();
    EXPECT_EQ(this->host.run(command).code, 1);
}

TYPED_TEST(Contract, a_program_that_is_not_there_is_a_missing_tool) {
    Command command;
    command.program = "/nowhere/no-such-program";
    EXPECT_EQ(kind_of([&] { this->host.query(command); }), Kind::tool_missing);
}

TYPED_TEST(Contract, what_is_written_is_read_and_replaced) {
    const std::string path = this->setting.folder + "/file";
    this->host.write_file(path, "one", 0600);
    EXPECT_EQ(this->host.read_file(path), "one");
    this->host.write_file(path, "second", 0640);
    EXPECT_EQ(this->host.read_file(path), "second");
    EXPECT_EQ(this->host.file_info(path).type, FileType::regular);
    EXPECT_EQ(this->host.file_info(path).size, 6U);
    EXPECT_EQ(this->host.file_info(path).mode, 0640U);
}

TYPED_TEST(Contract, files_that_cannot_be_read_or_written_are_told_by_kind) {
    const std::string& folder = this->setting.folder;
    this->host.write_file(folder + "/file", "12345", 0600);
    EXPECT_EQ(kind_of([&] { (void)this->host.read_file(folder + "/missing"); }), Kind::precondition);
    EXPECT_EQ(kind_of([&] { (void)this->host.read_file(folder + "/file", 4); }), Kind::config);
    EXPECT_EQ(kind_of([&] { (void)this->host.list_folder(folder + "/missing"); }), Kind::precondition);
    EXPECT_EQ(kind_of([&] { this->host.write_file(folder + "/missing/file", "x", 0600); }), Kind::failed);
    EXPECT_EQ(kind_of([&] { this->host.make_folder(folder + "/file/x", 0700); }), Kind::failed);
    EXPECT_EQ(this->host.file_info(folder + "/missing").type, FileType::none);
}

TYPED_TEST(Contract, folders_are_made_with_their_parents_and_listed_in_order) {
    const std::string& folder = this->setting.folder;
    this->host.make_folder(folder + "/b/c/d", 0700);
    this->host.write_file(folder + "/b/Z", "x", 0600);
    this->host.write_file(folder + "/b/a", "x", 0600);
    EXPECT_EQ(this->host.list_folder(folder + "/b"), (std::vector<std::string>{"Z", "a", "c"}));
    EXPECT_EQ(this->host.file_info(folder + "/b/c/d").type, FileType::folder);
    EXPECT_TRUE(this->host.list_folder(folder + "/b/c/d").empty());
}

TYPED_TEST(Contract, answers_stand_in_order) {
    Request rehearsal = get("/b?dryRun=All");
    rehearsal.method = "POST";
    const std::vector<Request> requests = {get("/a"), rehearsal, get("/c")};
    const auto answers = this->host.ask(this->setting.endpoint, requests, Millis{30000});
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0].body, "GET /a");
    EXPECT_EQ(answers[1].body, "POST /b?dryRun=All");
    EXPECT_EQ(answers[1].status, 201);
    EXPECT_EQ(answers[2].body, "GET /c");
}

TYPED_TEST(Contract, a_change_is_not_asked_but_sent) {
    Request change = get("/x");
    change.method = "DELETE";
    const std::vector<Request> requests = {get("/a"), change};
    EXPECT_EQ(kind_of([&] { this->host.ask(this->setting.endpoint, requests, Millis{30000}); }), Kind::bug);
    EXPECT_EQ(this->setting.requests(), 0U);
    EXPECT_EQ(this->host.send(this->setting.endpoint, change, Millis{30000}).body, "DELETE /x");
    EXPECT_EQ(this->setting.requests(), 1U);
}

TYPED_TEST(Contract, a_look_tells_lines_and_ends_in_order) {
    Reader reader;
    this->host.follow(this->setting.endpoint, reader);
    EXPECT_EQ(reader.story.front(), "0:one");
    EXPECT_EQ((std::vector(reader.story.begin(), reader.story.begin() + 4)),
              (std::vector<std::string>{"0:one", "0:two", "end 200", "0:last"}));
}

TYPED_TEST(Contract, time_passes_in_a_sleep) {
    const Time before = this->host.now();
    EXPECT_TRUE(this->host.sleep(Millis{3}));
    EXPECT_GE(this->host.now() - before, Millis{2});
}

TYPED_TEST(Contract, everything_ends_when_asked_to_stop) {
    this->setting.stop.raise(SIGTERM);
    Command command;
    command.program = this->host.find_program("cat").value();
    Reader reader;
    const std::vector<Request> requests = {get("/a")};
    const Endpoint& endpoint = this->setting.endpoint;
    EXPECT_TRUE(this->host.query(command).interrupted);
    EXPECT_TRUE(this->host.run(command).interrupted);
    EXPECT_FALSE(this->host.sleep(std::chrono::hours(1)));
    EXPECT_EQ(kind_of([&] { this->host.ask(endpoint, requests, Millis{30000}); }), Kind::terminated);
    EXPECT_EQ(kind_of([&] { this->host.send(endpoint, requests.front(), Millis{30000}); }), Kind::terminated);
    EXPECT_EQ(kind_of([&] { this->host.follow(endpoint, reader); }), Kind::terminated);
    this->setting.stop.shield(true);
    EXPECT_FALSE(this->host.query(command).interrupted);
}

TEST(Machine, only_absolute_folders_of_the_path_are_searched) {
    const test::TemporaryFolder folder;
    const auto host = make_host(nullptr);
    const std::string before = host->env("PATH").value_or("");
    for (const char* name : {"tool", "data"})
        host->write_file(folder.path() + '/' + name, "#!/bin/sh\n", 0755);
    ::chmod((folder.path() + "/data").c_str(), 0644);
    host->make_folder(folder.path() + "/sub", 0755);
    EXPECT_EQ(test::in_own_process([&] {
                  if (::chdir(folder.path().c_str()) != 0) return false;
                  ::setenv("PATH", ":.:relative", 1);
                  if (host->find_program("tool")) return false;
                  ::setenv("PATH", (":.:/nowhere:" + folder.path()).c_str(), 1);
                  return host->find_program("tool") == folder.path() + "/tool" && !host->find_program("data") &&
                         !host->find_program("sub") && !host->find_program("") &&
                         host->find_program("./tool") == folder.path() + "/./tool";
              }),
              0);
}

TEST(Machine, what_was_installed_for_itself_is_found_after_the_path) {
    const test::TemporaryFolder folder;
    const auto host = make_host(nullptr);
    const std::string tools = folder.path() + "/flowletctl/tools";
    for (const char* name : {"/bin", "/python/bin"})
        host->make_folder(tools + name, 0755);
    for (const char* name : {"/bin/made-here", "/python/bin/made-there", "/bin/true"})
        host->write_file(tools + name, "#!/bin/sh\n", 0755);
    EXPECT_EQ(test::in_own_process([&] {
                  ::setenv("XDG_DATA_HOME", folder.path().c_str(), 1);
                  const bool found = host->find_program("made-here") == tools + "/bin/made-here" &&
                                     host->find_program("made-there") == tools + "/python/bin/made-there" &&
                                     host->find_program("true") != tools + "/bin/true";
                  ::setenv("XDG_DATA_HOME", "relative", 1);
                  ::setenv("HOME", "/home/ana", 1);
                  const bool usual = host->tools_folder() == "/home/ana/.local/share/flowletctl/tools";
                  ::unsetenv("HOME");
                  return found && usual && host->tools_folder().empty() && !host->find_program("made-here");
              }),
              0);
}

TEST(Machine, the_environment_and_the_folder_are_those_of_the_process) {
    const auto host = make_host(nullptr);
    ::setenv("FLOWLET_TEST_X", "1", 1);
    EXPECT_EQ(host->env("FLOWLET_TEST_X"), "1");
    EXPECT_EQ(host->env_with_prefix("FLOWLET_TEST_").size(), 1U);
    ::unsetenv("FLOWLET_TEST_X");
    EXPECT_TRUE(host->current_folder().starts_with('/'));
}

TEST(World, what_was_not_scripted_fails_the_test) {
    fakes::World world;
    world.program("helm", {"version"}, Exit{});
    Command command;
    command.program = "/usr/bin/helm";
    command.args = {"upgrade", "x"};
    Reader reader;
    EXPECT_THROW(world.run(command), std::logic_error);
    EXPECT_THROW(world.send({}, get("/"), Millis{1}), std::logic_error);
    EXPECT_THROW(world.follow({}, reader), std::logic_error);
    EXPECT_EQ(world.did, (std::vector<std::string>{"run helm upgrade x", "GET /", "GET /watch"}));
}

TEST(World, the_last_match_counts) {
    fakes::World world;
    Exit old;
    old.out = "3";
    Exit other;
    other.out = "4";
    world.program("helm", old);
    world.program("helm", {"version"}, other);
    Command command;
    command.program = "/usr/bin/helm";
    command.args = {"version", "--short"};
    EXPECT_EQ(world.query(command).out, "4");
    command.args = {"list"};
    EXPECT_EQ(world.query(command).out, "3");
}

TEST(World, its_clock_stops_a_sleep_and_a_look_at_the_appointed_time) {
    fakes::World world;
    const Time start = world.now();
    world.stop_at = {start + Millis{500}, SIGINT};
    EXPECT_TRUE(world.sleep(Millis{400}));
    EXPECT_FALSE(world.sleep(Millis{400}));
    EXPECT_EQ(world.now() - start, Millis{500});
    fakes::World other;
    other.script = [](const auto&) { return std::vector<fakes::World::Event>{}; };
    other.stop_at = {start + Millis{500}, SIGINT};
    Reader reader;
    EXPECT_EQ(kind_of([&] { other.follow({}, reader); }), Kind::interrupted);
}

}  // namespace
}  // namespace flowlet::host
