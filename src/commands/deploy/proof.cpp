#include "commands/deploy/proof.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace flowlet::commands::deploy {
namespace {

class Proof final : public plan::Waiter {
public:
    Proof(std::vector<Expected> expected, Time start)
        : expected_(std::move(expected)),
          wrong_(expected_.size()),
          open_(expected_.size()),
          deadline_(start + proof_timeout) {}

    std::vector<host::Request> open() override {
        std::vector<host::Request> requests;
        for (const Expected& one : expected_) {
            requests.push_back(one.get);
        }
        bodies_.assign(expected_.size(), {});
        return requests;
    }
    void on_line(std::size_t stream, std::string_view line, Time now) override {
        (void)now;
        bodies_.at(stream) += line;
    }
    std::optional<Again> on_end(std::size_t stream, const host::Response& end, Time now) override {
        const std::string body = bodies_.at(stream).empty() ? end.body : std::exchange(bodies_.at(stream), {});
        wrong_.at(stream) = compare_before(expected_.at(stream), {end.status, body});
        if (wrong_.at(stream).empty() || now >= deadline_) {
            --open_;
            return std::nullopt;
        }
        return Again{expected_.at(stream).get, Millis{300}};
    }
    std::optional<Time> next(Time now) override {
        return open_ == 0 || now >= deadline_ ? std::nullopt : std::optional<Time>(deadline_);
    }
    [[nodiscard]] std::vector<std::string> waiting(Time now) const override {
        (void)now;
        std::vector<std::string> lines;
        for (std::size_t i = 0; i < expected_.size(); ++i) {
            if (!wrong_[i].empty()) {
                lines.push_back(expected_[i].object + " (" + wrong_[i].front() + ")");
            }
        }
        return lines;
    }
    [[nodiscard]] std::optional<plan::Cause> failure() const override {
        const std::vector<std::string> lines = waiting(deadline_);
        if (lines.empty()) {
            return std::nullopt;
        }
        plan::Cause cause;
        cause.object = lines.front().substr(0, lines.front().find(" ("));
        cause.reason = "NotAsBefore";
        cause.message = std::to_string(lines.size()) + " of " + std::to_string(expected_.size()) +
                        " objects are not as they were: " + join(lines, "; ");
        cause.next = "compare them with the record of the last good deploy";
        return cause;
    }

private:
    std::vector<Expected> expected_;
    std::vector<std::vector<std::string>> wrong_;
    std::vector<std::string> bodies_;
    std::size_t open_;
    Time deadline_;
};

}  // namespace

std::vector<std::string> compare_before(const Expected& expected, const host::Response& now) {
    const nlohmann::json live = nlohmann::json::parse(now.body, nullptr, false);
    const bool there = now.ok() && live.is_object();
    if (!expected.before) {
        const bool going = there && live.contains("metadata") && live["metadata"].contains("deletionTimestamp");
        return there && !going ? std::vector<std::string>{"it is still there"} : std::vector<std::string>{};
    }
    if (!there) {
        return {now.status == 404 ? "it is gone" : "it cannot be read: HTTP " + std::to_string(now.status)};
    }
    std::vector<std::string> lines;
    for (const kube::Difference& difference :
         kube::differences(kube::canonical(*expected.before), kube::canonical(live))) {
        lines.push_back(difference.path + " was " + (difference.before.empty() ? "absent" : difference.before) +
                        " and is " + (difference.after.empty() ? "absent" : difference.after));
    }
    return lines;
}

std::unique_ptr<plan::Waiter> make_proof(std::vector<Expected> expected, Time start) {
    return std::make_unique<Proof>(std::move(expected), start);
}

}  // namespace flowlet::commands::deploy
