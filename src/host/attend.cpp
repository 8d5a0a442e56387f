#include "host/attend.h"

#include "host/drain.h"
#include "host/spawn.h"
#include "host/stop.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace flowlet::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Millis drain_time{100};

class Attendance {
public:
    Attendance(const Command& command, Purpose purpose, const Interrupt* interrupt)
        : command_(command),
          interrupt_(interrupt),
          stop_with_(purpose == Purpose::change ? SIGINT : SIGTERM),
          out_pipe_(open_pipe()),
          err_pipe_(open_pipe()),
          out_(std::move(out_pipe_.reader), exit_.out, exit_.clipped),
          err_(std::move(err_pipe_.reader), exit_.err, exit_.clipped) {
        const Descriptor input = open_input(command.input);
        deadline_ = Clock::now() + command.timeout;
        // A change gets the chance to end in order even if this process is killed.
        child_ = spawn(command, {input.get(), out_pipe_.writer.get(), err_pipe_.writer.get()},
                       purpose == Purpose::change ? SIGTERM : SIGKILL);
        out_pipe_.writer.close();
        err_pipe_.writer.close();
    }
    Attendance(const Attendance&) = delete;
    Attendance& operator=(const Attendance&) = delete;
    ~Attendance() {
        if (!reaped_) reap(child_);  // only when memory ran out in between
    }

    Exit to_the_end() {
        while (!wait())
            check_clock();
        const int status = reap(child_);
        reaped_ = true;
        read_the_rest();
        exit_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        exit_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        return std::move(exit_);
    }

private:
    enum class Phase { running, ending, killed };

    /// Waits for whatever comes next. True when the child has ended.
    bool wait() {
        std::array<pollfd, 4> watched = {{{out_.descriptor(), POLLIN, 0},
                                          {err_.descriptor(), POLLIN, 0},
                                          {child_.ended.get(), POLLIN, 0},
                                          {phase_ == Phase::running ? stop_descriptor(interrupt_) : -1, POLLIN, 0}}};
        const int timeout = phase_ == Phase::killed ? -1 : poll_timeout(deadline_, Clock::now());
        if (::poll(watched.data(), watched.size(), timeout) <= 0) return false;
        if (watched[0].revents != 0) out_.read();
        if (watched[1].revents != 0) err_.read();
        return watched[2].revents != 0;
    }

    void check_clock() {
        if (phase_ == Phase::running && stop_signal(interrupt_) != 0) {
            exit_.interrupted = true;
            end_with(stop_with_);
        } else if (phase_ == Phase::running && Clock::now() >= deadline_) {
            exit_.timed_out = true;
            end_with(SIGTERM);
        } else if (phase_ == Phase::ending && Clock::now() >= deadline_) {
            ::kill(-child_.pid, SIGKILL);
            phase_ = Phase::killed;
        }
    }

    void end_with(int signal) {
        ::kill(-child_.pid, signal);
        deadline_ = Clock::now() + command_.grace;
        phase_ = Phase::ending;
    }

    /// What the child wrote is in the pipes already; whoever left its group and still holds them is not waited for.
    void read_the_rest() {
        const auto end = Clock::now() + drain_time;
        while ((out_.open() || err_.open()) && Clock::now() < end) {
            std::array<pollfd, 2> watched = {{{out_.descriptor(), POLLIN, 0}, {err_.descriptor(), POLLIN, 0}}};
            if (::poll(watched.data(), watched.size(), poll_timeout(end, Clock::now())) <= 0) continue;
            out_.read();
            err_.read();
        }
        constexpr int most_reads = 32;  // twice the largest pipe an unprivileged process can have
        for (Drain* drain : {&out_, &err_}) {
            for (int reads = 0; reads < most_reads && drain->read();)
                ++reads;
        }
    }

    const Command& command_;
    const Interrupt* interrupt_;
    int stop_with_;
    Exit exit_;
    Pipe out_pipe_;
    Pipe err_pipe_;
    Drain out_;
    Drain err_;
    Child child_;
    Clock::time_point deadline_;
    Phase phase_ = Phase::running;
    bool reaped_ = false;
};

}  // namespace

Exit attend(const Command& command, Purpose purpose, const Interrupt* interrupt) {
    if (const int signal = stop_signal(interrupt); signal != 0) {
        Exit exit;
        exit.code = 128 + signal;
        exit.interrupted = true;
        return exit;
    }
    return Attendance(command, purpose, interrupt).to_the_end();
}

}  // namespace flowlet::host
