#include "host/nursery.h"

#include <csignal>

namespace flowlet::host {

Nursery::Nursery() : thread_([this] { work(); }) {}

Nursery::~Nursery() {
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

Child Nursery::spawn(const Command& command, const Stdio& stdio) {
    std::packaged_task<Child()> job([&] { return host::spawn(command, stdio, SIGKILL); });
    auto child = job.get_future();
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    changed_.notify_all();
    return child.get();
}

void Nursery::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
}

}  // namespace flowlet::host
