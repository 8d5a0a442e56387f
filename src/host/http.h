// Requests over unix sockets, several at once, on connections that are kept.
#pragma once

#include "flowlet/host.h"
#include "host/transfer.h"

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace flowlet::host {

/// May be used from several threads: each call works on a set of exchanges of its own, taken from those at rest.
class Http {
public:
    explicit Http(const Interrupt* interrupt);
    std::vector<Response> ask(const Endpoint& endpoint, std::span<const Request> requests, Millis timeout);
    Response send(const Endpoint& endpoint, const Request& request, Millis timeout);

private:
    std::unique_ptr<Exchanges> take();
    void give_back(std::unique_ptr<Exchanges> exchanges);

    const Interrupt* interrupt_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<Exchanges>> resting_;
};

/// See Probe::follow.
void follow(const Endpoint& endpoint, Follower& follower, const Interrupt* interrupt);

/// The wall clock.
Time now();

}  // namespace flowlet::host
