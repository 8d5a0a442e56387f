// Programs that offer HTTP on a unix socket for as long as this process lives.
#pragma once

#include "flowlet/host.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace flowlet::host {

class Nursery;
class Relay;

class Relays {
public:
    explicit Relays(const Interrupt* interrupt);
    Relays(const Relays&) = delete;
    Relays& operator=(const Relays&) = delete;
    /// Ends them all: SIGTERM, two seconds later SIGKILL.
    ~Relays();

    /// The one of this command, started now if there is none or the last one has ended.
    Endpoint open(const Command& command, Millis wait);

private:
    struct Slot {
        std::mutex mutex;
        std::unique_ptr<Relay> relay;
    };

    const Interrupt* interrupt_;
    std::unique_ptr<Nursery> nursery_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Slot>> slots_;
};

}  // namespace flowlet::host
