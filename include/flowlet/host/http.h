// Requests and streams of answers.
#pragma once

#include "flowlet/base.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flowlet::host {

/// Where requests go: an HTTP server on a unix socket (the Host header sent is "localhost"), or at an address. Plain
/// http is for this machine only: another is Error{config}.
struct Endpoint {
    std::string socket;
    std::string address = {};  ///< "https://hooks.example.com", where `socket` is empty
};

struct Request {
    std::string method = "GET";
    std::string path;  ///< with its query, already percent-encoded
    std::string body;
    std::string content_type;
    std::string accept = "application/json";
};

/// `status` 0: no whole answer came (refused, reset, timed out, larger than 256 MiB); `body` then holds the reason.
struct Response {
    int status = 0;
    std::string body;
    [[nodiscard]] bool ok() const noexcept { return status >= 200 && status < 300; }
};

/// A long look: several streaming GETs at once, fed line by line to one state machine. All calls come from one thread.
class Follower {
public:
    virtual ~Follower() = default;
    /// The streams to open first, all GET. Their numbers are their positions here. next() is asked right after.
    virtual std::vector<Request> open() = 0;
    /// A complete line of that stream's 2xx answer, without its newline. A body that ends without one counts as a line;
    /// what a broken connection leaves of a line does not.
    virtual void on_line(std::size_t stream, std::string_view line, Time now) = 0;
    /// That stream has ended: the status, and the body unless it was told as lines; status 0 and a reason if it broke
    /// or a line grew beyond 16 MiB. What is returned is opened in its place under the same number, after `delay`.
    struct Again {
        Request request;
        Millis delay{0};
    };
    virtual std::optional<Again> on_end(std::size_t stream, const Response& end, Time now) = 0;
    /// Asked after each batch of lines and at the time it named itself: nothing ends the look.
    virtual std::optional<Time> next(Time now) = 0;
};

}  // namespace flowlet::host
