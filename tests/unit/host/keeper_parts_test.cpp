// What a keeper is made of: request heads, logs, addresses of sockets.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "host/callers.h"
#include "host/log_file.h"
#include "host/output.h"
#include "host/socket_path.h"
#include "server.h"
#include "support.h"

namespace flowlet::host {
namespace {

std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// ---- heads of requests ---------------------------------------------------------------------------------------------

TEST(RequestHead, a_head_is_taken_once_it_is_whole) {
    const std::string text = "POST /stop?services=db HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_FALSE(parse_request_head(text.substr(0, length))) << length;
    const auto head = parse_request_head(text);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->method, "POST");
    EXPECT_EQ(head->path, "/stop?services=db");
    EXPECT_TRUE(parse_request_head("GET / HTTP/1.0\r\n\r\nwhat follows"));
}

TEST(RequestHead, what_is_none_has_no_method) {
    for (const std::string line : {"", "GET", "GET /", "GET / HTTP/2", "GET  / HTTP/1.1", "GET status HTTP/1.1",
                                   " /x HTTP/1.1", "GET /\x1b HTTP/1.1", "GET /\xc3\xa4 HTTP/1.1", "GET /\tx HTTP/1.1",
                                   "GET /a b HTTP/1.1", "GET /\nx HTTP/1.1"}) {
        const auto head = parse_request_head(line + "\r\n\r\n");
        ASSERT_TRUE(head) << line;
        EXPECT_EQ(head->method, "") << line;
    }
}

TEST(RequestHead, one_that_does_not_end_is_not_waited_for) {
    EXPECT_FALSE(parse_request_head("GET /" + std::string(8186, 'x')));
    const auto head = parse_request_head("GET /" + std::string(8187, 'x'));
    ASSERT_TRUE(head);
    EXPECT_EQ(head->method, "");
}

// ---- lines ---------------------------------------------------------------------------------------------------------

TEST(LineCutter, lines_are_told_when_they_are_whole) {
    LineCutter cutter;
    std::vector<std::string> told;
    const auto note = [&](std::string_view lines) { told.emplace_back(lines); };
    cutter.feed("a", note);
    EXPECT_TRUE(told.empty());
    cutter.feed("b\nc\nd\r", note);
    cutter.feed("\n", note);
    cutter.feed("x\ry\n\r\n", note);
    cutter.feed("end", note);
    cutter.finish(note);
    cutter.finish(note);
    EXPECT_EQ(told, (std::vector<std::string>{"ab\nc\n", "d\n", "x\ry\n\n", "end\n"}));
}

// ---- logs ----------------------------------------------------------------------------------------------------------

TEST(LogFile, it_begins_anew_at_its_size_and_keeps_so_many_older) {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() + "/db.log";
    const auto log = open_log_file(path, 10, 2);
    for (const char* const lines : {"1111\n", "2222\n", "3333\n", "4444\n", "5555\n", "6666\n", "7777\n"})
        log->append(lines);
    EXPECT_EQ(content(path), "7777\n");
    EXPECT_EQ(content(path + ".1"), "5555\n6666\n");
    EXPECT_EQ(content(path + ".2"), "3333\n4444\n");
    EXPECT_FALSE(std::filesystem::exists(path + ".3"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 3);
}

TEST(LogFile, what_is_there_counts_and_is_kept) {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() + "/db.log";
    open_log_file(path, 10, 1)->append("1111\n");
    const auto log = open_log_file(path, 10, 1);
    log->append("2222\n");
    EXPECT_EQ(content(path), "1111\n2222\n");
    log->append("3\n");
    EXPECT_EQ(content(path), "3\n");
    struct stat info = {};
    ASSERT_EQ(::stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST(LogFile, lines_larger_than_its_size_are_kept_whole) {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() + "/db.log";
    const auto log = open_log_file(path, 4, 1);
    log->append("much too long\n");
    EXPECT_EQ(content(path), "much too long\n");
    log->append("x\n");
    EXPECT_EQ(content(path + ".1"), "much too long\n");
}

TEST(LogFile, without_older_ones_it_is_begun_anew) {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() + "/db.log";
    const auto log = open_log_file(path, 5, 0);
    log->append("1111\n");
    log->append("2222\n");
    EXPECT_EQ(content(path), "2222\n");
    EXPECT_FALSE(std::filesystem::exists(path + ".0"));
    EXPECT_FALSE(std::filesystem::exists(path + ".1"));
}

TEST(LogFile, a_link_is_not_followed) {
    const test::TemporaryFolder folder;
    std::filesystem::create_symlink(folder.path() + "/elsewhere", folder.path() + "/db.log");
    EXPECT_EQ(test::kind_of([&] { open_log_file(folder.path() + "/db.log", 5, 0); }), Kind::failed);
    EXPECT_FALSE(std::filesystem::exists(folder.path() + "/elsewhere"));
}

// ---- addresses -----------------------------------------------------------------------------------------------------

TEST(SocketPath, a_long_one_is_reached_through_its_folder) {
    const test::TemporaryFolder folder;
    const std::string deep = folder.path() + "/" + std::string(100, 'a') + "/" + std::string(100, 'b');
    std::filesystem::create_directories(deep);
    const SocketPath path(deep + "/control");
    EXPECT_LT(path.name().size(), 108U);
    const Descriptor listener = listen_at(path);
    EXPECT_TRUE(std::filesystem::is_socket(deep + "/control"));
    EXPECT_TRUE(connect_to(SocketPath(deep + "/control")).open());
}

TEST(SocketPath, what_fits_is_taken_as_it_is) {
    const std::string longest = "/" + std::string(106, 'x');
    EXPECT_EQ(SocketPath(longest).name(), longest);
    EXPECT_EQ(test::kind_of([&] { SocketPath("/nowhere/" + std::string(100, 'x')); }), Kind::precondition);
}

TEST(SocketPath, what_nobody_listens_at_any_more_is_taken_over) {
    const test::TemporaryFolder folder;
    const std::string path = folder.path() + "/control";
    listen_at(SocketPath(path));
    const Descriptor refused = connect_to(SocketPath(path));
    EXPECT_EQ(errno, ECONNREFUSED);
    EXPECT_FALSE(refused.open());
    const Descriptor listener = listen_at(SocketPath(path));
    EXPECT_TRUE(connect_to(SocketPath(path)).open());
}

}  // namespace
}  // namespace flowlet::host
