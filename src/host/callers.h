// Who asks a keeper: HTTP/1.1 requests without a body on a unix socket, one a connection, answered in pieces.
#pragma once

#include "flowlet/host/keeper.h"
#include "host/descriptor.h"

#include <map>
#include <optional>
#include <string>

namespace flowlet::host {

/// The first line of a request and the end of its head. Nothing: more has to come. An empty method: it is none.
struct RequestHead {
    std::string method;
    std::string path;
};
std::optional<RequestHead> parse_request_head(std::string_view text);

class Callers {
public:
    /// Listens at that path. `epoll` is told of each caller by `tag` and its descriptor.
    Callers(const std::string& path, int epoll, std::uint64_t tag);
    Callers(const Callers&) = delete;
    Callers& operator=(const Callers&) = delete;
    ~Callers();

    [[nodiscard]] int listener() const { return listener_.get(); }
    void accept();
    /// What that caller's descriptor has become ready for. A call once it is whole.
    struct News {
        std::optional<Call> call;
        bool left = false;
    };
    News attend(int caller, std::uint32_t events);
    void answer(int caller, int status, std::string_view text, Keeper::More more);

private:
    struct Caller {
        Descriptor socket;
        std::string in;
        std::string out;
        bool asked = false;
        bool begun = false;
        bool last = false;
        bool dropped = false;
    };
    void flush(int number, Caller& caller);
    void watch(int number, const Caller& caller, int operation);
    static bool is_of_this_user(int socket);

    std::string path_;
    int epoll_;
    std::uint64_t tag_;
    Descriptor listener_;
    std::map<int, Caller> callers_;
};

}  // namespace flowlet::host
