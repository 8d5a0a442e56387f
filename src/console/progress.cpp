#include "console/progress.h"

#include <unistd.h>

#include <condition_variable>
#include <iostream>
#include <mutex>
#include <system_error>
#include <thread>

#include "console/look.h"

namespace flowlet::console {
namespace {

/// Keeps the lines on the screen alive while a step says nothing for long.
class LiveProgress : public run::Observer {
public:
    LiveProgress(std::ostream& out, const Look& look, Clock clock, std::function<int()> width)
        : screen_(out, look, std::move(clock), std::move(width)) {}
    LiveProgress(const LiveProgress&) = delete;
    LiveProgress& operator=(const LiveProgress&) = delete;
    ~LiveProgress() override {
        stop();
        screen_.erase();
    }

    void begin(const plan::Plan& plan, Time now) override {
        locked([&] { screen_.begin(plan, now); });
        try {
            ticker_ = std::thread([this] { tick(); });
        } catch (const std::system_error&) {
            // Without a thread it is drawn when something happens, which is good enough.
        }
    }
    void step_started(const run::StepReport& step, bool undo) override {
        locked([&] { screen_.step_started(step, undo); });
    }
    void step_waiting(const run::StepReport& step, const std::vector<std::string>& lines) override {
        locked([&] { screen_.step_waiting(step, lines); });
    }
    void step_ended(const run::StepReport& step, bool undo) override {
        locked([&] { screen_.step_ended(step, undo); });
    }
    void rollback_started(const plan::Cause& cause) override {
        locked([&] { screen_.rollback_started(cause); });
    }
    void end(run::Report& report) override {
        stop();
        screen_.end(report);
    }

private:
    template <typename Call>
    void locked(Call&& call) {
        const std::lock_guard lock(mutex_);
        call();
    }

    void tick() {
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, std::chrono::milliseconds(250), [this] { return stopping_; }))
            screen_.tick();
    }

    void stop() {
        locked([&] { stopping_ = true; });
        wake_.notify_all();
        if (ticker_.joinable()) ticker_.join();
    }

    ScreenProgress screen_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread ticker_;
};

}  // namespace

std::unique_ptr<run::Observer> make_progress(std::ostream& out, const Look& look) {
    const Clock clock = [] { return std::chrono::steady_clock::now(); };
    if (!look.terminal) return std::make_unique<LineProgress>(out, look, clock);
    const bool is_stderr = &out == &std::cerr;
    const auto width = [is_stderr, look] {
        return is_stderr ? terminal_width(STDERR_FILENO).value_or(look.width) : look.width;
    };
    return std::make_unique<LiveProgress>(out, look, clock, width);
}

}  // namespace flowlet::console
