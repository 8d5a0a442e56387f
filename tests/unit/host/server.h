// A small HTTP server on a unix socket, in threads of the test, that says exactly what a test tells it to say.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace flowlet::host::test {

/// A fresh folder that is removed with all it holds.
class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

class Server {
public:
    struct Seen {
        std::string method;
        std::string path;
        std::string head;
        std::string body;
    };
    /// The way back to one client.
    class Wire {
    public:
        explicit Wire(int socket) : socket_(socket) {}
        void say(std::string_view bytes) const;
        /// A whole answer that keeps the connection.
        void answer(int status, std::string_view body) const;
        /// The head of an answer that lasts until the connection is closed.
        void begin_stream() const;
        void close() const;
        /// Returns when the client has gone, or the server ends.
        void wait_for_client_to_leave() const;

    private:
        int socket_;
    };
    using Handler = std::function<void(const Seen&, const Wire&)>;

    explicit Server(Handler handler);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    [[nodiscard]] std::string socket() const { return folder_.path() + "/s"; }
    [[nodiscard]] std::vector<Seen> seen() const;
    [[nodiscard]] std::size_t connections() const { return accepted_; }

private:
    void accept_all();
    void serve(int socket);
    static bool read_request(int socket, std::string& buffer, Seen& request);

    TemporaryFolder folder_;
    Handler handler_;
    int listener_ = -1;
    std::atomic<std::size_t> accepted_{0};
    mutable std::mutex mutex_;
    std::vector<Seen> seen_;
    std::list<std::pair<int, std::thread>> clients_;
    std::thread acceptor_;
};

}  // namespace flowlet::host::test
