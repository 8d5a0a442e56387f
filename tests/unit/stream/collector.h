// What the tests of sinks share.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "flowlet/stream.h"

namespace flowlet::stream {

/// Keeps what it is given.
struct Collector : Sink {
    void write(std::string_view bytes) override {
        text += bytes;
        largest = std::max(largest, bytes.size());
    }
    void finish() override { ++finished; }
    std::string text;
    std::size_t largest = 0;
    int finished = 0;
};

/// Writes `bytes` in pieces of `step`, and finishes.
inline void feed(Sink& sink, std::string_view bytes, std::size_t step) {
    for (std::size_t at = 0; at < bytes.size(); at += step)
        sink.write(bytes.substr(at, step));
    sink.finish();
}

inline std::string packed(std::string_view plain, std::size_t step = 65536) {
    Collector out;
    feed(*make_gzip(out), plain, step);
    return out.text;
}

inline std::string unpacked(std::string_view bytes, std::size_t step = 65536) {
    Collector out;
    feed(*make_gunzip(out), bytes, step);
    return out.text;
}

/// Bytes that do not compress, the same each time.
inline std::string noise(std::size_t count) {
    std::string bytes(count, '\0');
    std::uint64_t state = 1;
    for (char& byte : bytes) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        byte = static_cast<char>(state >> 56U);
    }
    return bytes;
}

}  // namespace flowlet::stream
