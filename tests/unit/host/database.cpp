#include "host/database.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <thread>

#include "host/descriptor.h"
#include "support.h"

namespace flowlet::host {
namespace {

/// Something that accepts connections and, unless told to close them, never says a word.
class Mute {
public:
    Mute() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
        ::listen(socket_.get(), 8);
        socklen_t size = sizeof address;
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    void stop() { socket_.close(); }
    [[nodiscard]] Database database() const { return {"127.0.0.1", port_, "shop", "app", Secret("planted-secret")}; }

private:
    Descriptor socket_;
    int port_ = 0;
};

TEST(Database, a_server_that_says_nothing_is_given_up_in_time) {
    const Mute mute;
    const Rows rows = run_statement(mute.database(), "SELECT 1", Purpose::look, Millis{200}, nullptr);
    EXPECT_EQ(rows.state, "08001");
    EXPECT_EQ(rows.message, "it did not answer in time");
}

TEST(Database, a_port_that_nobody_listens_on_is_told_as_unreachable_without_the_password) {
    Mute mute;
    mute.stop();
    const Rows rows = run_statement(mute.database(), "SELECT 1", Purpose::look, Millis{5000}, nullptr);
    EXPECT_EQ(rows.state, "08001");
    EXPECT_FALSE(rows.ok());
    EXPECT_EQ(rows.message.find("planted-secret"), std::string::npos);
    EXPECT_NE(rows.message, "");
}

TEST(Database, a_folder_without_a_socket_is_told_as_unreachable) {
    const Database database{"/nowhere", 5432, "shop", "app", Secret("planted-secret")};
    EXPECT_EQ(run_statement(database, "SELECT 1", Purpose::change, Millis{5000}, nullptr).state, "08001");
}

TEST(Database, a_wish_to_stop_ends_the_wait) {
    const Mute mute;
    test::Bell bell;
    std::thread person([&] { bell.ring(SIGTERM); });
    EXPECT_EQ(
        test::kind_of([&] { run_statement(mute.database(), "SELECT 1", Purpose::change, Millis{600000}, &bell); }),
        Kind::terminated);
    person.join();
}

}  // namespace
}  // namespace flowlet::host
