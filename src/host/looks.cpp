#include "host/looks.h"

#include "flowlet/base.h"

#include <sys/eventfd.h>

#include <cerrno>

namespace flowlet::host {

namespace {

std::string result_of(const std::function<std::string()>& look) {
    try {
        return look();
    } catch (const std::exception& error) {
        const std::string text = error.what();
        return text.empty() ? "it cannot be looked at" : text;
    }
}

}  // namespace

Looks::Looks() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_.open()) throw Error(Kind::failed, "cannot watch services: " + system_text(errno));
}

Looks::~Looks() {
    for (auto& [number, thread] : threads_)
        thread.join();
}

void Looks::begin(int number, std::function<std::string()> look) {
    if (threads_.contains(number)) throw Error(Kind::bug, "two looks at one service at a time");
    threads_.emplace(number, std::thread([this, number, what = std::move(look)] {
                         std::string result = result_of(what);
                         const std::lock_guard lock(mutex_);
                         ended_.emplace_back(number, std::move(result));
                         ::eventfd_write(event_.get(), 1);
                     }));
}

std::vector<std::pair<int, std::string>> Looks::take() {
    std::vector<std::pair<int, std::string>> taken;
    {
        const std::lock_guard lock(mutex_);
        eventfd_t count = 0;
        ::eventfd_read(event_.get(), &count);
        taken.swap(ended_);
    }
    for (const auto& [number, result] : taken) {
        const auto thread = threads_.find(number);
        thread->second.join();
        threads_.erase(thread);
    }
    return taken;
}

}  // namespace flowlet::host
