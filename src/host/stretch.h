// What happens to the bytes of a Flow between two programs: read, measured, compressed or inflated, handed on.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "flowlet/host.h"
#include "flowlet/stream.h"
#include "host/descriptor.h"
#include "host/handover.h"

namespace flowlet::host {

/// What the stretches of one flow tell the thread that watches over it, and the other way round.
class Signals {
public:
    Signals();
    /// Readable whenever a stretch has ended.
    [[nodiscard]] int ended() const { return ended_.get(); }
    void tell_ended() const;
    /// Readable once nobody is to wait any more.
    [[nodiscard]] int given_up() const { return given_up_.get(); }
    void give_up() const;
    /// Clears ended().
    void hear() const;
    std::atomic<std::uint64_t> moved{0};  ///< bytes that were read so far, by all

private:
    Descriptor ended_;
    Descriptor given_up_;
};

/// Where the bytes of a stretch come from, and how fast at most (bytes a second, 0: as they come).
struct Spring {
    Descriptor in;
    const ReadObject* object = nullptr;  ///< instead of `in`
    std::uint64_t rate = 0;
    [[nodiscard]] bool there() const { return in.open() || object != nullptr; }
};

class Stretch {
public:
    /// Where its bytes go: into a NewFile, if that is the last stage; else to a program, or to a text, or nowhere.
    struct Mouth {
        Descriptor out;  ///< a program's input
        Command::Reads reads = Command::Reads::all;
        std::string* kept = nullptr;  ///< at most Drain::most of it
    };
    Stretch(Signals& signals, Spring spring, std::span<const Stage> stages, Mouth mouth);
    Stretch(const Stretch&) = delete;
    Stretch& operator=(const Stretch&) = delete;
    ~Stretch();

    void start();
    [[nodiscard]] bool done() const { return done_; }
    /// The program that reads from it went away before everything was handed over.
    [[nodiscard]] bool refused() const { return refused_; }
    /// The rest is for after it is done.
    void join();
    [[nodiscard]] const std::optional<Error>& broken() const { return broken_; }
    /// It has had all that there was to be had.
    [[nodiscard]] bool dry() const { return dry_; }
    /// It waited for a program when nobody was to wait any more.
    [[nodiscard]] bool given_up() const { return given_up_; }
    [[nodiscard]] const std::map<std::string, FlowEnd::Measured>& measured() const { return measured_; }

private:
    void carry();
    void carry_object();
    void hand_on(std::string_view bytes);
    void build(std::span<const Stage> stages);
    stream::Sink& put_before(std::unique_ptr<stream::Sink> sink);
    void put_handover();

    Signals& signals_;
    Spring spring_;
    Mouth mouth_;
    std::chrono::steady_clock::time_point began_;
    std::uint64_t handed_on_ = 0;
    std::vector<std::unique_ptr<stream::Sink>> sinks_;  ///< the last one first
    std::vector<Handover*> handovers_;                  ///< among them
    std::vector<std::pair<std::string, std::function<FlowEnd::Measured()>>> taps_;
    std::map<std::string, FlowEnd::Measured> measured_;
    std::optional<Error> broken_;
    std::atomic<bool> done_{false};
    std::atomic<bool> refused_{false};
    bool given_up_ = false;
    bool dry_ = false;
    std::thread thread_;
};

}  // namespace flowlet::host
