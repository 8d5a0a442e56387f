// A wish to stop that a test utters itself.
#pragma once

#include "flowlet/host.h"

#include <algorithm>
#include <atomic>
#include <csignal>

namespace flowlet::fakes {

/// An Interrupt that a test raises itself.
class Switch : public host::Interrupt {
public:
    void raise(int signal) {
        int none = 0;
        first_.compare_exchange_strong(none, signal);
        ++count_;
    }
    [[nodiscard]] int raised() const override { return count_ >= needed_ ? first_.load() : 0; }
    [[nodiscard]] int descriptor() const override { return -1; }
    void shield(bool up) override { needed_ = up ? std::max(2, count_ + 1) : 1; }

private:
    std::atomic<int> first_{0};
    std::atomic<int> count_{0};
    std::atomic<int> needed_{1};
};

}  // namespace flowlet::fakes
