#include "host/drain.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace flowlet::host {

Drain::Drain(Descriptor pipe, std::string& text, bool& clipped)
    : pipe_(std::move(pipe)), text_(text), clipped_(clipped) {
    ::fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
}

bool Drain::read() {
    if (!open()) return false;
    std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    const auto got = ::read(pipe_.get(), buffer.data(), buffer.size());
    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR) pipe_.close();
        return false;
    }
    if (got == 0) {
        pipe_.close();
        return false;
    }
    const auto size = static_cast<std::size_t>(got);
    const auto kept = std::min(size, most - text_.size());
    text_.append(buffer.data(), kept);
    clipped_ = clipped_ || kept < size;
    return true;
}

}  // namespace flowlet::host
