// Programs that offer HTTP on a unix socket, or a port that leads elsewhere, for as long as this process lives.
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
    /// The same for a program that says on which port it listens.
    int open_port(const Command& command, Millis wait);

private:
    enum class Way { socket, port };
    std::shared_ptr<Relay> find(const Command& command, Way way, Millis wait);

    struct Slot {
        std::mutex mutex;
        std::shared_ptr<Relay> relay;
    };

    const Interrupt* interrupt_;
    std::unique_ptr<Nursery> nursery_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Slot>> slots_;
};

}  // namespace flowlet::host
