#include "host/flow.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <list>

#include "host/drain.h"
#include "host/spawn.h"
#include "host/stop.h"
#include "host/stretch.h"

namespace flowlet::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int pipe_bytes = 1 << 20;
/// How long a stretch may stand still once every program has ended: only a pipe that somebody else holds open does.
constexpr Millis settle_time{2000};

std::string program_name(const Command& command) {
    return command.program.substr(command.program.find_last_of('/') + 1);
}

Descriptor open_source(const std::string& path) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW));
    if (!file.open()) throw Error(Kind::precondition, "cannot read " + path + ": " + system_text(errno));
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return file;
}

/// One program of the flow. Whatever happens it is ended and waited for.
class Part {
public:
    Part(const Command& command, const Stdio& stdio, Pipe words)
        : command_(command), words_(std::move(words.reader), exit_.err, exit_.clipped) {
        child_ = spawn(command, {stdio.in, stdio.out, words.writer.get()}, SIGKILL);
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() {
        if (running_) reap(child_);
    }

    [[nodiscard]] const Command& command() const { return command_; }
    [[nodiscard]] bool running() const { return running_; }
    [[nodiscard]] int ended() const { return running_ ? child_.ended.get() : -1; }
    [[nodiscard]] Drain& words() { return words_; }
    [[nodiscard]] Exit& exit() { return exit_; }

    void signal(int number) const {
        if (running_) ::kill(-child_.pid, number);
    }
    void take_end() {
        const int status = reap(child_);
        running_ = false;
        constexpr int most_reads = 32;
        for (int reads = 0; reads < most_reads && words_.read(); ++reads) {
        }
        exit_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        exit_.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

private:
    const Command& command_;
    Exit exit_;
    Drain words_;
    Child child_;
    bool running_ = true;
};

class Course {
public:
    /// `kept`: what the last program writes; null: that is dropped.
    Course(const Flow& flow, const Interrupt* interrupt, std::string* kept)
        : flow_(flow), interrupt_(interrupt), kept_(kept) {
        lay();
    }
    Course(const Course&) = delete;
    Course& operator=(const Course&) = delete;
    /// The stretches are waited for before the programs are ended: none may still wait for a program.
    ~Course() { signals_.give_up(); }

    FlowEnd to_the_end() {
        for (Stretch& stretch : stretches_)
            stretch.start();
        const auto now = Clock::now();
        deadline_ = now + flow_.timeout;
        still_until_ = now + flow_.idle;
        while (!all_done()) {
            wait();
            check_clock();
        }
        for (Stretch& stretch : stretches_)
            stretch.join();
        return conclude();
    }

private:
    enum class Phase { running, ending, killed };

    void lay() {
        const auto& stages = flow_.stages;
        std::size_t from = 0;
        Spring in;
        for (std::size_t i = 0; i < stages.size(); ++i) {
            const auto* const command = std::get_if<Command>(&stages[i]);
            const auto* const file = std::get_if<ReadFile>(&stages[i]);
            const auto* const object = std::get_if<ReadObject>(&stages[i]);
            if (file != nullptr || object != nullptr) {
                if (i != 0) throw Error(Kind::bug, "a flow reads a file in its middle");
                if (file != nullptr) in.in = open_source(file->path);
                in.object = object;
                in.rate = flow_.rate;
                from = 1;
            } else if (command != nullptr) {
                Descriptor out =
                    lay_program(*command, std::move(in), std::span(stages).subspan(from, i - from), i == 0);
                in = {std::move(out), nullptr, i == 0 ? flow_.rate : 0};
                from = i + 1;
            }
        }
        if (!in.there()) throw Error(Kind::bug, "a flow comes from nowhere");
        stretches_.emplace_back(signals_, std::move(in), std::span(stages).subspan(from),
                                Stretch::Mouth{{}, Command::Reads::all, kept_});
        sources_.push_back(parts_.size());
    }

    /// Starts it and gives back what it writes to. What stands before it is handed through a stretch, if it is more
    /// than a pipe.
    Descriptor lay_program(const Command& command, Spring in, std::span<const Stage> before, bool first) {
        Descriptor input;
        if (first) {
            input = open_input(command.input);
        } else if (before.empty() && in.in.open() && in.rate == 0) {
            input = std::move(in.in);
        } else {
            Pipe to = open_pipe();
            ::fcntl(to.writer.get(), F_SETPIPE_SZ, pipe_bytes);
            stretches_.emplace_back(signals_, std::move(in), before,
                                    Stretch::Mouth{std::move(to.writer), command.reads, nullptr});
            feeds_.emplace_back(&stretches_.back(), parts_.size());
            sources_.push_back(parts_.size());
            input = std::move(to.reader);
        }
        Pipe out = open_pipe();
        ::fcntl(out.writer.get(), F_SETPIPE_SZ, pipe_bytes);
        parts_.emplace_back(command, Stdio{input.get(), out.writer.get(), -1}, open_pipe());
        return std::move(out.reader);
    }

    [[nodiscard]] bool any_running() const {
        return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.running(); });
    }
    [[nodiscard]] bool all_done() const {
        return !any_running() &&
               std::all_of(stretches_.begin(), stretches_.end(), [](const Stretch& one) { return one.done(); });
    }

    [[nodiscard]] bool any_broken() const {
        return std::any_of(stretches_.begin(), stretches_.end(),
                           [](const Stretch& one) { return one.done() && one.broken().has_value(); });
    }

    void wait() {
        std::vector<pollfd> watched = {{signals_.ended(), POLLIN, 0},
                                       {phase_ == Phase::running ? stop_descriptor(interrupt_) : -1, POLLIN, 0}};
        for (Part& part : parts_) {
            watched.push_back({part.ended(), POLLIN, 0});
            watched.push_back({part.words().descriptor(), POLLIN, 0});
        }
        const bool in_time = phase_ != Phase::killed && any_running();
        const auto wake = in_time ? std::min(deadline_, still_until_) : still_until_;
        if (::poll(watched.data(), watched.size(), poll_timeout(wake, Clock::now())) <= 0) return;
        if (watched[0].revents != 0) signals_.hear();
        std::size_t at = 2;
        for (Part& part : parts_) {
            const bool ended = watched[at].revents != 0;
            if (watched[at + 1].revents != 0) part.words().read();
            if (ended) take_end(part);
            at += 2;
        }
        // One that has stopped reading may still have something to say before it ends.
        const Part* const refusing = find_refusing();
        if (any_broken() || (refusing != nullptr && !refusing->running())) end_with(SIGTERM);
    }

    void take_end(Part& part) {
        part.take_end();
        if (flow_.ends == Flow::Ends::with_last && &part == &parts_.back() && part.exit().code == 0) {
            enough_ = true;
            end_with(SIGTERM);
        } else if (part.exit().code != 0) {
            // Who writes to a program that has gone away fails, too: that is what followed.
            if (phase_ == Phase::running && find_refusing() == nullptr && !any_broken()) end_.failed = index_of(part);
            end_with(SIGTERM);
        }
        if (!any_running()) still_until_ = Clock::now() + settle_time;
    }

    [[nodiscard]] std::size_t index_of(const Part& part) const {
        std::size_t index = 0;
        for (const Part& one : parts_) {
            if (&one == &part) break;
            ++index;
        }
        return index;
    }

    void check_clock() {
        const auto now = Clock::now();
        if (phase_ == Phase::running && stop_signal(interrupt_) != 0) {
            end_.interrupted = true;
            end_with(SIGTERM);
        } else if (phase_ == Phase::running && now >= deadline_ && any_running()) {
            end_.timed_out = true;
            end_with(SIGTERM);
        } else if (phase_ == Phase::ending && now >= deadline_) {
            for (const Part& part : parts_)
                part.signal(SIGKILL);
            phase_ = Phase::killed;
        }
        if (now >= still_until_) check_movement();
    }

    void check_movement() {
        const std::uint64_t moved = signals_.moved;
        if (moved == moved_) {
            if (!any_running()) {
                signals_.give_up();
            } else if (phase_ == Phase::running) {
                end_.stood_still = true;
                end_with(SIGTERM);
            }
        }
        moved_ = moved;
        still_until_ = Clock::now() + (any_running() ? flow_.idle : settle_time);
    }

    void end_with(int number) {
        if (phase_ != Phase::running) return;
        for (const Part& part : parts_)
            part.signal(number);
        signals_.give_up();
        deadline_ = Clock::now() + grace();
        phase_ = Phase::ending;
    }

    [[nodiscard]] Millis grace() const {
        Millis most{1000};
        for (const Part& part : parts_)
            most = std::max(most, part.command().grace);
        return most;
    }

    FlowEnd conclude() {
        auto sources = sources_.begin();
        for (Stretch& stretch : stretches_) {
            if (stretch.broken() && !end_.broken) {
                end_.broken = stretch.broken();
                if (stretch.dry()) blame_source(*sources);
            }
            ++sources;
            for (const auto& [name, measured] : stretch.measured())
                end_.measured[name] = measured;
        }
        if (enough_) {
            end_.failed.reset();
            end_.broken.reset();
        } else if (end_.ok()) {
            blame();
        }
        for (Part& part : parts_)
            end_.exits.push_back(std::move(part.exit()));
        return std::move(end_);
    }

    /// It was not ended because of another.
    static bool failed_by_itself(const Exit& exit) {
        return exit.code != 0 && exit.signal != SIGTERM && exit.signal != SIGKILL && exit.signal != SIGPIPE;
    }

    /// What a stretch got was too little, because one of the first `count` programs, which it came from, has failed.
    /// Which of the two is seen first is chance.
    void blame_source(std::size_t count) {
        const auto end = std::next(parts_.begin(), static_cast<std::ptrdiff_t>(count));
        const auto failed = std::find_if(parts_.begin(), end, [](Part& part) { return failed_by_itself(part.exit()); });
        if (failed != end && !end_.failed) end_.failed = index_of(*failed);
    }

    /// The last program that did not read all that it was given; those before it only followed.
    Part* find_refusing() {
        const auto feed =
            std::find_if(feeds_.rbegin(), feeds_.rend(), [](const auto& one) { return one.first->refused(); });
        if (feed == feeds_.rend()) return nullptr;
        return &*std::next(parts_.begin(), static_cast<std::ptrdiff_t>(feed->second));
    }

    /// Nobody has said yet what went wrong; but did all bytes get through?
    void blame() {
        if (Part* const part = find_refusing()) {
            if (failed_by_itself(part->exit())) {
                end_.failed = index_of(*part);
            } else {
                end_.broken = Error(Kind::tool_failed, program_name(part->command()) +
                                                           " ended before it had read everything it was given");
            }
            return;
        }
        const auto failed =
            std::find_if(parts_.begin(), parts_.end(), [](Part& part) { return part.exit().code != 0; });
        if (failed != parts_.end()) {
            end_.failed = index_of(*failed);
            return;
        }
        const bool loose = std::any_of(stretches_.begin(), stretches_.end(),
                                       [](const Stretch& stretch) { return stretch.given_up(); });
        if (loose) {
            end_.broken = Error(Kind::tool_failed, "a program left another one behind that still holds its output");
        }
    }

    const Flow& flow_;
    const Interrupt* interrupt_;
    std::string* kept_;
    bool enough_ = false;
    FlowEnd end_;
    Phase phase_ = Phase::running;
    Clock::time_point deadline_;
    Clock::time_point still_until_;
    std::uint64_t moved_ = 0;
    Signals signals_;
    std::list<Part> parts_;
    std::list<Stretch> stretches_;
    std::vector<std::pair<Stretch*, std::size_t>> feeds_;  ///< what a stretch hands to which program
    std::vector<std::size_t> sources_;                     ///< of each stretch, how many programs stand before it
};

FlowEnd run_course(const Flow& flow, const Interrupt* interrupt, std::string* kept) {
    FlowEnd end;
    if (stop_signal(interrupt) != 0) {
        end.interrupted = true;
        return end;
    }
    try {
        Course course(flow, interrupt, kept);
        return course.to_the_end();
    } catch (const Error& error) {
        if (error.kind() == Kind::bug || error.kind() == Kind::tool_missing) throw;
        end.broken = error;
        return end;
    }
}

}  // namespace

FlowEnd run_flow(const Flow& flow, const Interrupt* interrupt) {
    return run_course(flow, interrupt, nullptr);
}

Exit look_through(const Flow& flow, const Interrupt* interrupt) {
    if (flow.stages.empty() || !std::holds_alternative<Command>(flow.stages.back())) {
        throw Error(Kind::bug, "a flow that only looks ends with a program");
    }
    Flow until_then = flow;
    until_then.ends = Flow::Ends::with_last;
    std::string out;
    FlowEnd end = run_course(until_then, interrupt, &out);
    // Who has failed by itself knows more than whoever got nothing from it.
    const auto failed = std::find_if(end.exits.begin(), end.exits.end(),
                                     [](const Exit& one) { return one.code != 0 && one.signal == 0; });
    if (end.broken && failed == end.exits.end()) throw Error(*end.broken);
    if (end.broken && !end.failed) end.failed = static_cast<std::size_t>(failed - end.exits.begin());
    Exit exit;
    if (!end.exits.empty()) exit = std::move(end.exits[end.failed.value_or(end.exits.size() - 1)]);
    exit.timed_out = end.timed_out || end.stood_still;
    exit.interrupted = end.interrupted;
    exit.clipped = exit.clipped || out.size() >= Drain::most;
    exit.out = std::move(out);
    return exit;
}

}  // namespace flowlet::host
