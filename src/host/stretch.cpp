#include "host/stretch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <exception>

#include "host/drain.h"
#include "host/s3.h"
#include "host/stop.h"

namespace flowlet::host {
namespace {

constexpr std::size_t block = std::size_t{256} << 10U;

/// The reader of a pipe is gone.
struct Refused {};
/// Nobody waits for this any more.
struct GivenUp {};

void set_flag(int descriptor, int flag) {
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | flag);
}

void wait_for(int descriptor, short events, const Signals& signals) {
    for (;;) {
        std::array<pollfd, 2> watched = {{{descriptor, events, 0}, {signals.given_up(), POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;
        if (watched[0].revents != 0) return;
        if (watched[1].revents != 0) throw GivenUp();
    }
}

class Drop final : public stream::Sink {
public:
    void write(std::string_view bytes) override { (void)bytes; }
    void finish() override {}
};

class Tap final : public stream::Sink {
public:
    explicit Tap(Sink& next) : next_(next) {}
    void write(std::string_view bytes) override {
        digest_.update(bytes);
        if (head_.size() < head_size) head_ += bytes.substr(0, head_size - head_.size());
        if (bytes.size() >= tail_size) {
            tail_ = bytes.substr(bytes.size() - tail_size);
        } else {
            tail_ += bytes;
            if (tail_.size() > tail_size) tail_.erase(0, tail_.size() - tail_size);
        }
        next_.write(bytes);
    }
    void finish() override { next_.finish(); }
    [[nodiscard]] FlowEnd::Measured end() { return {digest_.bytes(), digest_.hex(), head_, tail_}; }

private:
    static constexpr std::size_t head_size = 16;
    static constexpr std::size_t tail_size = 256;
    Sink& next_;
    stream::Digest digest_;
    std::string head_;
    std::string tail_;
};

/// Keeps what comes.
class Keep final : public stream::Sink {
public:
    explicit Keep(std::string& text) : text_(text) {}
    void write(std::string_view bytes) override {
        text_ += bytes.substr(0, Drain::most - std::min(text_.size(), Drain::most));
    }
    void finish() override {}

private:
    std::string& text_;
};

/// Looks for a text in what passes.
class Lookout final : public stream::Sink {
public:
    Lookout(const Spot& spot, Sink& next) : spot_(spot), next_(next) {}
    void write(std::string_view bytes) override {
        if (!found_) look(bytes);
        next_.write(bytes);
    }
    void finish() override {
        if (!found_) spot_.seen();
        next_.finish();
    }

private:
    void look(std::string_view bytes) {
        // The text may lie across two writes.
        std::string text = end_;
        text += bytes;
        found_ = text.find(spot_.text) != std::string::npos;
        if (found_) {
            spot_.seen();
        } else {
            end_ = text.substr(text.size() - std::min(text.size(), spot_.text.size()));
        }
    }

    const Spot& spot_;
    Sink& next_;
    std::string end_;
    bool found_ = false;
};

/// Standard input of the next program.
class Outlet final : public stream::Sink {
public:
    Outlet(Descriptor& pipe, Command::Reads reads, const Signals& signals)
        : pipe_(pipe), reads_(reads), signals_(signals) {
        set_flag(pipe_.get(), O_NONBLOCK);
    }
    void write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto written = ::write(pipe_.get(), bytes.data(), bytes.size());
            if (written >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno == EPIPE && reads_ == Command::Reads::some) {
                // What it does not want is measured all the same.
                return;
            } else if (errno == EPIPE) {
                throw Refused();
            } else if (errno == EAGAIN) {
                wait_for(pipe_.get(), POLLOUT, signals_);
            } else if (errno != EINTR) {
                throw Error(Kind::failed, "cannot hand bytes to a program: " + system_text(errno));
            }
        }
    }
    void finish() override { pipe_.close(); }

private:
    Descriptor& pipe_;
    Command::Reads reads_;
    const Signals& signals_;
};

class FileSink final : public stream::Sink {
public:
    explicit FileSink(std::string path) : path_(std::move(path)) {
        constexpr mode_t owner_only = 0600;
        file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, owner_only));
        if (!file_.open()) fail("create", errno == EEXIST ? Kind::conflict : Kind::failed);
    }
    void write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto written = ::write(file_.get(), bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) fail("write", Kind::failed);
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    void finish() override {
        if (::fsync(file_.get()) != 0) fail("write", Kind::failed);
    }

private:
    [[noreturn]] void fail(const char* what, Kind kind) const {
        throw Error(kind, std::string("cannot ") + what + ' ' + path_ + ": " + system_text(errno));
    }

    std::string path_;
    Descriptor file_;
};

}  // namespace

Signals::Signals()
    : ended_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), given_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!ended_.open() || !given_up_.open()) {
        throw Error(Kind::failed, "cannot watch over a flow of bytes: " + system_text(errno));
    }
}

void Signals::tell_ended() const {
    ::eventfd_write(ended_.get(), 1);
}

void Signals::give_up() const {
    ::eventfd_write(given_up_.get(), 1);
}

void Signals::hear() const {
    eventfd_t count = 0;
    ::eventfd_read(ended_.get(), &count);
}

Stretch::Stretch(Signals& signals, Spring spring, std::span<const Stage> stages, Mouth mouth)
    : signals_(signals), spring_(std::move(spring)), mouth_(std::move(mouth)) {
    build(stages);
}

Stretch::~Stretch() {
    join();
}

void Stretch::join() {
    if (thread_.joinable()) thread_.join();
}

stream::Sink& Stretch::put_before(std::unique_ptr<stream::Sink> sink) {
    return *sinks_.emplace_back(std::move(sink));
}

void Stretch::put_handover() {
    auto handover = std::make_unique<Handover>(*sinks_.back());
    handovers_.push_back(handover.get());
    put_before(std::move(handover));
}

/// From the end to the beginning: each link must know the next. To compress and to inflate takes longest, so the rest
/// goes on meanwhile: what reads, before the one, and what hashes and hands on, behind the other.
void Stretch::build(std::span<const Stage> stages) {
    const auto* const file = stages.empty() ? nullptr : std::get_if<NewFile>(&stages.back());
    if (file != nullptr) {
        put_before(std::make_unique<FileSink>(file->path));
        stages = stages.first(stages.size() - 1);
    } else if (mouth_.out.open()) {
        put_before(std::make_unique<Outlet>(mouth_.out, mouth_.reads, signals_));
    } else if (mouth_.kept != nullptr) {
        put_before(std::make_unique<Keep>(*mouth_.kept));
    } else {
        put_before(std::make_unique<Drop>());
    }
    for (std::size_t i = stages.size(); i > 0; --i) {
        stream::Sink& next = *sinks_.back();
        if (const auto* const measure = std::get_if<Measure>(&stages[i - 1])) {
            auto tap = std::make_unique<Tap>(next);
            taps_.emplace_back(measure->name, [&tap = *tap] { return tap.end(); });
            put_before(std::move(tap));
        } else if (const auto* const spot = std::get_if<Spot>(&stages[i - 1])) {
            put_before(std::make_unique<Lookout>(*spot, next));
        } else if (std::holds_alternative<Compress>(stages[i - 1])) {
            put_before(stream::make_gzip(next));
            put_handover();
        } else if (std::holds_alternative<Inflate>(stages[i - 1])) {
            put_handover();
            put_before(stream::make_gunzip(*sinks_.back()));
        } else {
            throw Error(Kind::bug, "a flow has a stage where it cannot stand");
        }
    }
}

void Stretch::start() {
    thread_ = std::thread([this] {
        // A program that ended early is an answer, not a reason to die.
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
        try {
            began_ = std::chrono::steady_clock::now();
            spring_.object != nullptr ? carry_object() : carry();
            for (const auto& [name, end] : taps_)
                measured_[name] = end();
        } catch (const Refused&) {
            refused_ = true;
        } catch (const GivenUp&) {
            given_up_ = true;
        } catch (const Error& error) {
            broken_ = error;
        } catch (const std::exception& error) {
            broken_ = Error(Kind::bug, error.what());
        }
        // First it says what became of it: a program that dies of the closed pipe is not to be blamed, and whoever is
        // told lets nobody wait any more, where something went wrong.
        done_ = true;
        signals_.tell_ended();
        for (Handover* const handover : handovers_)
            handover->stop();
        // Whoever still writes to this stretch or reads from it must not wait for it.
        spring_.in.close();
        mouth_.out.close();
        signals_.tell_ended();
    });
}

void Stretch::hand_on(std::string_view bytes) {
    signals_.moved += bytes.size();
    sinks_.back()->write(bytes);
    handed_on_ += bytes.size();
    if (spring_.rate == 0) return;
    constexpr std::uint64_t a_second = 1000;
    const auto due = began_ + Millis{static_cast<Millis::rep>(handed_on_ * a_second / spring_.rate)};
    for (;;) {
        const int rest = poll_timeout(due, std::chrono::steady_clock::now());
        if (rest == 0) return;
        pollfd watched = {signals_.given_up(), POLLIN, 0};
        if (::poll(&watched, 1, rest) > 0) throw GivenUp();
    }
}

/// libcurl calls back, and no exception may pass through it.
void Stretch::carry_object() {
    std::exception_ptr failure;
    const auto take = [&](std::string_view bytes) {
        pollfd watched = {signals_.given_up(), POLLIN, 0};
        try {
            if (::poll(&watched, 1, 0) > 0) throw GivenUp();
            hand_on(bytes);
        } catch (...) {
            failure = std::current_exception();
        }
        return !failure;
    };
    stream_from_bucket(spring_.object->bucket, spring_.object->object, take);
    if (failure) std::rethrow_exception(failure);
    sinks_.back()->finish();
}

void Stretch::carry() {
    const int in = spring_.in.get();
    set_flag(in, O_NONBLOCK);
    std::vector<char> buffer(block);
    for (;;) {
        const auto got = ::read(in, buffer.data(), buffer.size());
        if (got > 0) {
            hand_on({buffer.data(), static_cast<std::size_t>(got)});
        } else if (got == 0) {
            dry_ = true;
            sinks_.back()->finish();
            return;
        } else if (errno == EAGAIN) {
            wait_for(in, POLLIN, signals_);
        } else if (errno != EINTR) {
            throw Error(Kind::failed, "cannot read on: " + system_text(errno));
        }
    }
}

}  // namespace flowlet::host
