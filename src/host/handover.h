// A link that hands bytes to another thread, so that what stands before it need not wait for what stands behind.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "flowlet/stream.h"

namespace flowlet::host {

/// What goes wrong behind it is thrown by the next write(), or by finish(), which returns once everything is through.
class Handover final : public stream::Sink {
public:
    explicit Handover(stream::Sink& next);
    Handover(const Handover&) = delete;
    Handover& operator=(const Handover&) = delete;
    ~Handover() override;

    void write(std::string_view bytes) override;
    void finish() override;
    /// Drops what is not through yet, and waits until nothing behind it is at work any more.
    void stop();

private:
    void work();
    void rethrow();

    static constexpr std::size_t most_blocks = 8;

    stream::Sink& next_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> blocks_;
    bool ending_ = false;   ///< no more will come
    bool stopped_ = false;  ///< what is there is not wanted any more
    bool done_ = false;
    std::exception_ptr failure_;
    std::thread thread_;
};

}  // namespace flowlet::host
