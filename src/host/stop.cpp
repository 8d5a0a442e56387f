#include "host/stop.h"

#include <csignal>

namespace flowlet::host {

int stop_signal(const Interrupt* interrupt) {
    return interrupt == nullptr ? 0 : interrupt->raised();
}

int stop_descriptor(const Interrupt* interrupt) {
    return interrupt == nullptr ? -1 : interrupt->descriptor();
}

void check_stop(const Interrupt* interrupt, const std::string& doing) {
    const int signal = stop_signal(interrupt);
    if (signal == 0) return;
    throw Error(signal == SIGINT ? Kind::interrupted : Kind::terminated, "asked to stop while " + doing);
}

}  // namespace flowlet::host
