#include "flowlet/host.h"
#include "host/descriptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <thread>

namespace flowlet::host {

namespace {

class SignalInterrupt : public Interrupt {
public:
    SignalInterrupt() {
        sigset_t wanted;
        sigemptyset(&wanted);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP})
            sigaddset(&wanted, signal);
        // Blocked in every thread, so that a Keeper can wait for it; nobody else does.
        sigset_t blocked = wanted;
        sigaddset(&blocked, SIGCHLD);
        ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
        struct sigaction ignored = {};
        ignored.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &ignored, nullptr);

        signals_ = Descriptor(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
        raised_event_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        end_ = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!signals_.open() || !raised_event_.open() || !end_.open()) {
            throw Error(Kind::failed, "cannot watch for signals: " + system_text(errno));
        }
        reader_ = std::thread([this] { read(); });
    }
    SignalInterrupt(const SignalInterrupt&) = delete;
    SignalInterrupt& operator=(const SignalInterrupt&) = delete;
    ~SignalInterrupt() override {
        ::eventfd_write(end_.get(), 1);
        reader_.join();
    }

    [[nodiscard]] int raised() const override { return raised_; }
    [[nodiscard]] int descriptor() const override { return raised_event_.get(); }

    void shield(bool up) override {
        const std::lock_guard lock(mutex_);
        // Two signals that came in a burst before the shield, as when a terminal closes, do not pass it.
        needed_ = up ? std::max(2, count_ + 1) : 1;
        settle();
    }

private:
    void read() {
        for (;;) {
            std::array<pollfd, 2> watched = {{{signals_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}}};
            ::poll(watched.data(), watched.size(), -1);
            if (watched[1].revents != 0) return;
            signalfd_siginfo came = {};
            if (::read(signals_.get(), &came, sizeof came) != sizeof came) continue;
            const std::lock_guard lock(mutex_);
            if (count_ == 0) first_ = static_cast<int>(came.ssi_signo);
            ++count_;
            settle();
        }
    }

    void settle() {
        const int now = count_ >= needed_ ? first_ : 0;
        if ((now != 0) == (raised_ != 0)) return;
        raised_ = now;
        eventfd_t drained = 0;
        if (now != 0) {
            ::eventfd_write(raised_event_.get(), 1);
        } else {
            ::eventfd_read(raised_event_.get(), &drained);
        }
    }

    Descriptor signals_;
    Descriptor raised_event_;
    Descriptor end_;
    std::mutex mutex_;
    int first_ = 0;
    int count_ = 0;
    int needed_ = 1;
    std::atomic<int> raised_{0};
    std::thread reader_;
};

}  // namespace

std::unique_ptr<Interrupt> install_interrupt() {
    return std::make_unique<SignalInterrupt>();
}

}  // namespace flowlet::host
