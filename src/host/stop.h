// What the waits of this room have in common: they end when an Interrupt is raised.
#pragma once

#include "flowlet/base.h"
#include "flowlet/host.h"

#include <chrono>
#include <string>

namespace flowlet::host {

/// 0 without an Interrupt.
int stop_signal(const Interrupt* interrupt);

/// The descriptor to poll, or -1, which poll ignores.
int stop_descriptor(const Interrupt* interrupt);

/// Throws Error{interrupted} for SIGINT, Error{terminated} for another signal, when the Interrupt is raised.
void check_stop(const Interrupt* interrupt, const std::string& doing);

/// What is left until `end`, rounded up to whole milliseconds and made fit for poll.
template <typename Clock, typename Duration>
int poll_timeout(std::chrono::time_point<Clock, Duration> end, std::chrono::time_point<Clock, Duration> now) {
    constexpr auto most = Millis{std::chrono::hours{1}};
    if (end <= now) return 0;
    if (end - now >= most) return static_cast<int>(most.count());
    return static_cast<int>(std::chrono::ceil<Millis>(end - now).count());
}

}  // namespace flowlet::host
