#include <algorithm>

#include "commands/stack/stack.h"

namespace flowlet::commands::stack {
namespace {

using services::Snapshot;
using services::State;
using services::Status;

/// The supervisor watches the clock, and whoever waits for it watches the supervisor.
constexpr std::chrono::hours long_time{1};

/// Follows the snapshots of a supervisor.
class Watching : public plan::Waiter {
public:
    explicit Watching(std::set<std::string> wanted) : wanted_(std::move(wanted)) {}

    std::vector<host::Request> open() override { return {services::render_ask({services::Verb::follow, {}})}; }
    void on_line(std::size_t stream, std::string_view line, Time now) override {
        (void)stream, (void)now;
        if (auto snapshot = services::parse_snapshot(line)) last_ = std::move(snapshot);
    }
    std::optional<Again> on_end(std::size_t stream, const host::Response& end, Time now) override {
        (void)stream, (void)now;
        ended_ = true;
        if (!end.ok()) broken_ = printable(end.body);
        return std::nullopt;
    }
    std::optional<Time> next(Time now) override { return over() ? std::nullopt : std::optional(now + long_time); }

protected:
    [[nodiscard]] virtual bool over() const = 0;
    [[nodiscard]] std::vector<const Status*> chosen() const {
        std::vector<const Status*> found;
        if (!last_) return found;
        for (const Status& status : last_->services) {
            if (wanted_.empty() || wanted_.contains(status.service)) found.push_back(&status);
        }
        return found;
    }
    [[nodiscard]] std::vector<std::string> those_not(const std::function<bool(State)>& so) const {
        std::vector<std::string> lines;
        for (const Status* status : chosen()) {
            const std::string why = status->why.empty() ? "" : ": " + status->why;
            const std::string after = status->waits_for.empty() ? "" : " for " + join(status->waits_for, ", ");
            if (!so(status->state))
                lines.push_back(status->service + " (" + std::string(name(status->state)) + after + why + ")");
        }
        return lines;
    }

    std::set<std::string> wanted_;
    std::optional<Snapshot> last_;
    bool ended_ = false;
    std::string broken_;
};

bool is_ready(State state) {
    return state == State::ready;
}

bool is_down(State state) {
    return state == State::stopped || state == State::failed || state == State::idle;
}

class Up final : public Watching {
public:
    using Watching::Watching;
    [[nodiscard]] std::vector<std::string> waiting(Time now) const override {
        (void)now;
        return those_not(is_ready);
    }
    [[nodiscard]] std::optional<plan::Cause> failure() const override {
        if (!ended_) return std::nullopt;
        plan::Cause cause;
        cause.reason = "NotReady";
        cause.message = "the supervisor ended" + (broken_.empty() ? "" : ": " + broken_);
        if (!last_) return cause;
        if (last_->ending) cause.message = *last_->ending;
        if (last_->failed.empty()) return cause;
        cause.object = "service " + last_->failed;
        cause.log = last_->words;
        cause.next = "all it said: flowletctl logs " + last_->failed;
        const auto status = std::find_if(last_->services.begin(), last_->services.end(),
                                         [&](const Status& one) { return one.service == last_->failed; });
        if (status != last_->services.end() && !status->why.empty()) cause.message = status->why;
        return cause;
    }

private:
    [[nodiscard]] bool over() const override {
        return ended_ || (last_ && !last_->ending && !chosen().empty() && those_not(is_ready).empty());
    }
};

class Down final : public Watching {
public:
    using Watching::Watching;
    [[nodiscard]] std::vector<std::string> waiting(Time now) const override {
        (void)now;
        return those_not(is_down);
    }
    /// A supervisor that has gone keeps nobody; who is left is looked for in the next step.
    [[nodiscard]] std::optional<plan::Cause> failure() const override { return std::nullopt; }

private:
    [[nodiscard]] bool over() const override {
        return ended_ || (!wanted_.empty() && last_ && those_not(is_down).empty());
    }
};

template <typename Kind>
plan::Await make_await(const Places& places, const std::set<std::string>& services) {
    plan::Await await;
    await.endpoint = places.control();
    await.subjects = {services.begin(), services.end()};
    await.failed = flowlet::Kind::unhealthy;
    await.make = [services](Time) { return std::make_unique<Kind>(services); };
    return await;
}

}  // namespace

plan::Await make_await_up(const Places& places, const std::set<std::string>& services) {
    return make_await<Up>(places, services);
}

plan::Await make_await_down(const Places& places, const std::set<std::string>& services) {
    return make_await<Down>(places, services);
}

}  // namespace flowlet::commands::stack
