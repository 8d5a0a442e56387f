// What several tests of this room share.
#pragma once

#include "flowlet/host.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace flowlet::host::test {

/// Waits until it holds; false after half a minute, which only a broken program takes.
inline bool eventually(const std::function<bool()>& holds) {
    for (int tries = 0; tries < 15000; ++tries) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
}

/// The kind of Error that it throws, ok when it throws none.
inline Kind kind_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.kind();
    }
    return Kind::ok;
}

/// An Interrupt that a test raises, with a descriptor that can be polled.
class Bell : public Interrupt {
public:
    Bell() : descriptor_(::eventfd(0, EFD_CLOEXEC)) {}
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;
    ~Bell() override { ::close(descriptor_); }
    void ring(int signal) {
        raised_ = signal;
        ::eventfd_write(descriptor_, 1);
    }
    [[nodiscard]] int raised() const override { return raised_; }
    [[nodiscard]] int descriptor() const override { return descriptor_; }
    void shield(bool /*up*/) override {}

private:
    int descriptor_;
    std::atomic<int> raised_{0};
};

/// Runs it in a process of its own. The exit status: 0 when it returned true.
int in_own_process(const std::function<bool()>& action);

/// It runs no more (a zombie that nobody has waited for counts as gone).
bool is_gone(pid_t process);

/// A command for /bin/sh, which plays the foreign program.
Command script(const std::string& text);

/// A program that accepts connections on the socket named by its argument and answers every request with 200 and
/// "hello".
Command relay_program();

}  // namespace flowlet::host::test
