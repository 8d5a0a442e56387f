#include "host/http.h"
#include "host/stop.h"

#include <algorithm>
#include <chrono>

namespace flowlet::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t longest_line = std::size_t{16} << 20U;

bool is_success(int status) {
    return status >= 200 && status < 300;
}

void check_stream(const Request& request) {
    check_request(request);
    if (request.method != "GET")
        throw Error(Kind::bug, "not a request to watch: " + request.method + ' ' + request.path);
}

struct Stream {
    Request request;
    std::unique_ptr<Transfer> transfer;
    std::size_t searched = 0;                  ///< that much of what came holds no end of a line
    std::optional<Clock::time_point> opens{};  ///< when it is to be opened
};

class Look {
public:
    Look(const Endpoint& endpoint, Follower& follower, const Interrupt* interrupt)
        : endpoint_(endpoint), follower_(follower), interrupt_(interrupt) {
        for (auto& request : follower.open()) {
            check_stream(request);
            streams_.push_back({std::move(request), nullptr, 0, Clock::now()});
        }
    }

    void run() {
        auto wake = follower_.next(now());
        while (wake) {
            check_stop(interrupt_, "watching");
            open_due();
            exchanges_.advance();
            const bool lines = tell_lines();
            const bool ends = tell_ends();
            if (lines || ends || now() >= *wake) {
                wake = follower_.next(now());
            } else {
                exchanges_.wait(interrupt_, pause(*wake));
            }
        }
    }

private:
    void open_due() {
        const auto time = Clock::now();
        for (auto& stream : streams_) {
            if (!stream.opens || *stream.opens > time) continue;
            stream.opens.reset();
            stream.searched = 0;
            stream.transfer = std::make_unique<Transfer>(exchanges_, endpoint_, stream.request, std::nullopt);
        }
    }

    [[nodiscard]] int pause(Time wake) const {
        int shortest = poll_timeout(wake, now());
        for (const auto& stream : streams_) {
            if (stream.opens) shortest = std::min(shortest, poll_timeout(*stream.opens, Clock::now()));
        }
        return shortest;
    }

    bool tell_lines() {
        bool any = false;
        for (std::size_t number = 0; number < streams_.size(); ++number) {
            const auto& transfer = streams_[number].transfer;
            if (!transfer || transfer->received().size() == streams_[number].searched) continue;
            if (is_success(transfer->status())) any = tell_lines_of(number) || any;
            if (transfer->received().size() > longest_line) {
                end(number, {0, "a line is longer than 16 MiB"});
                any = true;
            }
        }
        return any;
    }

    bool tell_lines_of(std::size_t number) {
        Stream& stream = streams_[number];
        std::string& text = stream.transfer->received();
        std::size_t begin = 0;
        const Time time = now();
        for (auto at = text.find('\n', stream.searched); at != std::string::npos; at = text.find('\n', begin)) {
            follower_.on_line(number, std::string_view(text).substr(begin, at - begin), time);
            begin = at + 1;
        }
        text.erase(0, begin);
        stream.searched = text.size();
        return begin != 0;
    }

    bool tell_ends() {
        bool any = false;
        while (const Transfer* ended = Transfer::next_ended(exchanges_)) {
            const auto found = std::find_if(streams_.begin(), streams_.end(),
                                            [&](const Stream& other) { return other.transfer.get() == ended; });
            finish(static_cast<std::size_t>(found - streams_.begin()));
            any = true;
        }
        return any;
    }

    void finish(std::size_t number) {
        Transfer& transfer = *streams_[number].transfer;
        // What a broken connection leaves is half a line, and half a line is none.
        if (transfer.complete() && is_success(transfer.status())) {
            const std::string rest = std::move(transfer.received());
            transfer.received().clear();
            if (!rest.empty()) follower_.on_line(number, rest, now());
        }
        end(number, transfer.response());
    }

    void end(std::size_t number, const Response& response) {
        streams_[number].transfer.reset();
        auto again = follower_.on_end(number, response, now());
        if (!again) return;
        check_stream(again->request);
        streams_[number].request = std::move(again->request);
        streams_[number].opens = Clock::now() + again->delay;
    }

    const Endpoint& endpoint_;
    Follower& follower_;
    const Interrupt* interrupt_;
    Exchanges exchanges_;
    std::vector<Stream> streams_;
};

}  // namespace

void follow(const Endpoint& endpoint, Follower& follower, const Interrupt* interrupt) {
    Look(endpoint, follower, interrupt).run();
}

}  // namespace flowlet::host
