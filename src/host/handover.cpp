#include "host/handover.h"

#include <csignal>
#include <utility>

namespace flowlet::host {

Handover::Handover(stream::Sink& next) : next_(next) {
    // The signals of this process are for the thread that waits for them.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { work(); });
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Handover::~Handover() {
    stop();
}

void Handover::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void Handover::rethrow() {
    if (failure_) std::rethrow_exception(failure_);
}

void Handover::write(std::string_view bytes) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return blocks_.size() < most_blocks || done_; });
    rethrow();
    blocks_.emplace_back(bytes);
    changed_.notify_all();
}

void Handover::finish() {
    std::unique_lock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return done_; });
    rethrow();
}

void Handover::work() {
    std::exception_ptr failure;
    try {
        for (;;) {
            std::string block;
            {
                std::unique_lock lock(mutex_);
                changed_.wait(lock, [this] { return !blocks_.empty() || ending_ || stopped_; });
                if (stopped_) break;
                if (blocks_.empty()) {
                    lock.unlock();
                    next_.finish();
                    break;
                }
                block = std::move(blocks_.front());
                blocks_.pop_front();
                changed_.notify_all();
            }
            next_.write(block);
        }
    } catch (...) {
        failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    done_ = true;
    changed_.notify_all();
}

}  // namespace flowlet::host
