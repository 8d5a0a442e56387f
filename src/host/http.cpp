#include "host/http.h"

#include "host/stop.h"

#include <algorithm>
#include <chrono>

namespace flowlet::host {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t most_at_once = 16;
constexpr std::size_t most_resting = 4;
constexpr Millis last_chance{2000};

/// One call of ask or send.
class Round {
public:
    Round(Exchanges& exchanges, const Endpoint& endpoint, std::span<const Request> requests, Millis timeout)
        : exchanges_(exchanges),
          endpoint_(endpoint),
          requests_(requests),
          timeout_(timeout),
          answers_(requests.size()) {}

    /// `patience`: how long what is under way may still take once the Interrupt is raised.
    std::vector<Response> answers(const Interrupt* interrupt, Millis patience) {
        std::optional<Clock::time_point> end;
        while (fill()) {
            exchanges_.advance();
            if (collect()) continue;
            if (!end && stop_signal(interrupt) != 0) end = Clock::now() + patience;
            if (end && Clock::now() >= *end) check_stop(interrupt, "waiting for the answer to " + unanswered());
            exchanges_.wait(end ? nullptr : interrupt, end ? poll_timeout(*end, Clock::now()) : 1000);
        }
        return std::move(answers_);
    }

private:
    struct UnderWay {
        std::size_t position;
        std::unique_ptr<Transfer> transfer;
    };

    /// False when all is answered.
    bool fill() {
        while (begun_ < requests_.size() && under_way_.size() < most_at_once) {
            under_way_.push_back(
                {begun_, std::make_unique<Transfer>(exchanges_, endpoint_, requests_[begun_], timeout_)});
            ++begun_;
        }
        return !under_way_.empty();
    }

    bool collect() {
        bool any = false;
        while (Transfer* ended = Transfer::next_ended(exchanges_)) {
            const auto found = std::find_if(under_way_.begin(), under_way_.end(),
                                            [&](const UnderWay& other) { return other.transfer.get() == ended; });
            answers_[found->position] = ended->response();
            under_way_.erase(found);
            any = true;
        }
        return any;
    }

    [[nodiscard]] std::string unanswered() const {
        const Request& request = requests_[under_way_.front().position];
        return request.method + ' ' + request.path;
    }

    Exchanges& exchanges_;
    const Endpoint& endpoint_;
    std::span<const Request> requests_;
    Millis timeout_;
    std::vector<Response> answers_;
    std::vector<UnderWay> under_way_;
    std::size_t begun_ = 0;
};

}  // namespace

Http::Http(const Interrupt* interrupt) : interrupt_(interrupt) {}

std::vector<Response> Http::ask(const Endpoint& endpoint, std::span<const Request> requests, Millis timeout) {
    for (const auto& request : requests) {
        check_request(request);
        if (!only_reads(request)) {
            throw Error(Kind::bug, "not a request that only reads: " + request.method + ' ' + request.path);
        }
    }
    check_stop(interrupt_, "asking " + (endpoint.socket.empty() ? endpoint.address : endpoint.socket));
    auto exchanges = take();
    auto answers = Round(*exchanges, endpoint, requests, timeout).answers(interrupt_, Millis{0});
    give_back(std::move(exchanges));
    return answers;
}

Response Http::send(const Endpoint& endpoint, const Request& request, Millis timeout) {
    check_request(request);
    check_stop(interrupt_, "preparing to send " + request.method + ' ' + request.path);
    auto exchanges = take();
    auto answers = Round(*exchanges, endpoint, {&request, 1}, timeout).answers(interrupt_, last_chance);
    give_back(std::move(exchanges));
    return std::move(answers.front());
}

std::unique_ptr<Exchanges> Http::take() {
    const std::lock_guard lock(mutex_);
    if (resting_.empty()) return std::make_unique<Exchanges>();
    auto exchanges = std::move(resting_.back());
    resting_.pop_back();
    return exchanges;
}

void Http::give_back(std::unique_ptr<Exchanges> exchanges) {
    const std::lock_guard lock(mutex_);
    if (resting_.size() < most_resting) resting_.push_back(std::move(exchanges));
}

}  // namespace flowlet::host
