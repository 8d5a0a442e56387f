// The reading end of a pipe that a program writes its words to.
#pragma once

#include <cstddef>
#include <string>

#include "host/descriptor.h"

namespace flowlet::host {

/// Keeps what comes out, up to `most` bytes; what is more is read and dropped, and said so.
class Drain {
public:
    static constexpr std::size_t most = std::size_t{64} << 20U;
    Drain(Descriptor pipe, std::string& text, bool& clipped);
    [[nodiscard]] int descriptor() const { return pipe_.get(); }
    [[nodiscard]] bool open() const { return pipe_.open(); }
    /// Reads once. False when there was nothing.
    bool read();

private:
    Descriptor pipe_;
    std::string& text_;
    bool& clipped_;
};

}  // namespace flowlet::host
