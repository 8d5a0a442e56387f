// The thread that long-lived children are born in. The kernel ends a child with the thread that forked it, not with the
// process: a relay that was started from a worker would end with that worker.
#pragma once

#include "host/spawn.h"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace flowlet::host {

class Nursery {
public:
    Nursery();
    Nursery(const Nursery&) = delete;
    Nursery& operator=(const Nursery&) = delete;
    ~Nursery();

    /// spawn(), in the thread of the nursery. The child is killed when the nursery or the process ends.
    Child spawn(const Command& command, const Stdio& stdio);

private:
    void work();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::packaged_task<Child()>> jobs_;
    bool closing_ = false;
    std::thread thread_;
};

}  // namespace flowlet::host
