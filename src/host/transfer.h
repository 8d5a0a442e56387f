// One HTTP exchange over a unix socket, as part of a set of exchanges that one thread drives.
#pragma once

#include "flowlet/host.h"
#include "host/socket_path.h"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace flowlet::host {

/// Throws Error{bug} for what would not arrive as it is written: another method than capitals, a path that does not
/// begin with '/' or holds a '#', blanks or control characters, a header value of two lines.
void check_request(const Request& request);

/// GET, or any with dryRun=All in its query.
bool only_reads(const Request& request);

/// A set of exchanges and the connections they leave open for the next.
class Exchanges {
public:
    Exchanges();
    [[nodiscard]] CURLM* get() const { return set_.get(); }
    /// Does what can be done without waiting.
    void advance();
    /// Waits for the network, the Interrupt (null: never) or the time.
    void wait(const Interrupt* interrupt, int milliseconds);

private:
    struct Closer {
        void operator()(CURLM* set) const { curl_multi_cleanup(set); }
    };
    std::unique_ptr<CURLM, Closer> set_;
};

class Transfer {
public:
    /// Begins at once. A stream has no end in time, another ends after `timeout`.
    Transfer(Exchanges& exchanges, const Endpoint& endpoint, const Request& request, std::optional<Millis> timeout);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer();

    /// The next of the set that has ended, nullptr if none has.
    static Transfer* next_ended(Exchanges& exchanges);

    /// What came and was not taken out yet.
    [[nodiscard]] std::string& received() { return received_; }
    /// Of the answer so far, 0 before there is one.
    [[nodiscard]] int status() const;
    [[nodiscard]] bool complete() const { return result_ == CURLE_OK; }
    /// Once it has ended.
    [[nodiscard]] Response response();

private:
    struct Closer {
        void operator()(CURL* exchange) const { curl_easy_cleanup(exchange); }
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };
    template <typename Value>
    void set(CURLoption option, Value value);
    void set_target(const Endpoint& endpoint, const std::string& path);
    void set_method(const Request& request);
    void add_header(const std::string& line);
    static std::size_t receive(char* bytes, std::size_t size, std::size_t count, void* transfer);

    Exchanges& exchanges_;
    std::unique_ptr<CURL, Closer> exchange_;
    std::unique_ptr<curl_slist, Closer> headers_;
    std::string body_;
    std::string received_;
    std::array<char, CURL_ERROR_SIZE> reason_{};
    CURLcode result_ = CURLE_OK;
    bool attached_ = false;
    std::optional<SocketPath> socket_;
};

}  // namespace flowlet::host
