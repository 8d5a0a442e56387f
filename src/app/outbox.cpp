#include "app/outbox.h"

#include <algorithm>
#include <chrono>

namespace flowlet::app {
namespace {

constexpr std::size_t most_waiting = std::size_t{4} << 20U;
constexpr std::chrono::milliseconds patience{200};

}  // namespace

Outbox::Outbox(std::ostream& out) : out_(out), target_(out.rdbuf()), thread_([this] { write(); }) {
    out_.rdbuf(this);
}

Outbox::~Outbox() {
    sync();
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    thread_.join();
    out_.rdbuf(target_);
}

Outbox::int_type Outbox::overflow(int_type letter) {
    if (!traits_type::eq_int_type(letter, traits_type::eof())) open_ += traits_type::to_char_type(letter);
    return traits_type::not_eof(letter);
}

std::streamsize Outbox::xsputn(const char* bytes, std::streamsize count) {
    open_.append(bytes, static_cast<std::size_t>(count));
    return count;
}

int Outbox::sync() {
    std::unique_lock lock(mutex_);
    const auto room = [&] { return waiting_.size() <= most_waiting; };
    if (!stuck_ && !changed_.wait_for(lock, patience, room)) stuck_ = true;
    if (stuck_) {
        dropped_ += static_cast<std::size_t>(std::count(open_.begin(), open_.end(), '\n'));
    } else {
        waiting_ += open_;
    }
    open_.clear();
    lock.unlock();
    changed_.notify_all();
    return 0;
}

void Outbox::write() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return over_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        std::string text;
        text.swap(waiting_);
        lock.unlock();
        changed_.notify_all();
        target_->sputn(text.data(), static_cast<std::streamsize>(text.size()));
        target_->pubsync();
        lock.lock();
        stuck_ = false;  // somebody reads again
        if (dropped_ == 0) continue;
        waiting_ += "(" + std::to_string(dropped_) + " lines are not shown here, for nobody read them)\n";
        dropped_ = 0;
    }
}

}  // namespace flowlet::app
