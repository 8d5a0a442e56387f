#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "commands/shared/kubernetes_secret.h"
#include "commands/shared/rollout.h"

namespace flowlet::commands {
namespace {

constexpr int watch_seconds = 290;
constexpr int log_lines = 20;
constexpr Millis answer_wait{30000};

/// A text of foreign JSON, empty if it is anything else.
std::string text(const nlohmann::json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                             : std::string();
}

/// One list that goes over into a watch.
struct Stream {
    kube::Resource resource;
    std::string space;
    std::string resource_version;
    bool listed = false;
    int failures = 0;
    std::string trouble;  ///< why the last attempt failed

    [[nodiscard]] host::Request request() const {
        return resource_version.empty() ? kube::list(resource, space)
                                        : kube::watch(resource, space, resource_version, watch_seconds);
    }
};

class Rollout final : public plan::Waiter {
public:
    Rollout(std::vector<kube::Goal> goals, Time start, Millis timeout, stream::Scrubber* scrubber)
        : goals_(std::move(goals)), deadline_(start + timeout), timeout_(timeout), scrubber_(scrubber) {
        std::set<std::string> spaces;
        for (const kube::Goal& goal : goals_) {
            spaces.insert(goal.ref.space);
        }
        for (const std::string& space : spaces) {
            std::vector<kube::Goal> here;
            std::copy_if(goals_.begin(), goals_.end(), std::back_inserter(here),
                         [&](const kube::Goal& goal) { return goal.ref.space == space; });
            for (kube::Resource& resource : kube::kinds_to_watch(here)) {
                streams_.push_back({std::move(resource), space, {}, false, 0, {}});
            }
        }
    }

    std::vector<host::Request> open() override {
        std::vector<host::Request> requests;
        for (const Stream& stream : streams_) {
            requests.push_back(stream.request());
        }
        return requests;
    }

    void on_line(std::size_t number, std::string_view line, Time now) override {
        (void)now;
        Stream& stream = streams_.at(number);
        const nlohmann::json body = nlohmann::json::parse(line, nullptr, false);
        if (!body.is_object()) {
            return;
        }
        if (!stream.resource_version.empty()) {
            take_event(stream, body);
        } else if (body.contains("items")) {
            take_list(stream, body);
        }
    }

    std::optional<Again> on_end(std::size_t number, const host::Response& end, Time now) override {
        (void)now;
        Stream& stream = streams_.at(number);
        if (end.ok()) {
            stream.failures = 0;
            return Again{stream.request(), Millis{0}};
        }
        if (end.status == 410) {
            stream.resource_version.clear();
        }
        stream.trouble = end.status == 0 ? printable(end.body) : kube::parse_refusal(end).message;
        constexpr int most_doublings = 5;
        const Millis delay{100 << std::min(stream.failures, most_doublings)};
        ++stream.failures;
        return Again{stream.request(), delay};
    }

    std::optional<Time> next(Time now) override {
        judge(now);
        if (over_) {
            return std::nullopt;
        }
        Time wake = deadline_;
        for (const kube::State& state : states_) {
            if (state.recheck) {
                wake = std::min(wake, std::max(*state.recheck, now));
            }
        }
        return wake;
    }

    [[nodiscard]] std::vector<std::string> waiting(Time now) const override {
        (void)now;
        std::vector<std::string> lines;
        for (const kube::State& state : states_) {
            if (!state.ready) {
                lines.push_back(kube::render(state.ref) + " (" + state.summary + ")");
            }
        }
        return lines;
    }

    [[nodiscard]] std::optional<plan::Cause> failure() const override { return cause_; }

    /// The container's words, and the Secrets that its pod reads: what it says of their values is not for a screen or a
    /// log.
    [[nodiscard]] std::vector<host::Request> evidence() const override {
        std::vector<host::Request> requests = logs();
        if (failure_ && !failure_->pod.empty()) {
            const kube::Json pod = snapshot_.find({"v1", "Pod", failure_->space, failure_->pod});
            std::set<std::string> names;
            if (pod != nullptr) {
                for (const kube::SecretUse& use : kube::secret_uses(*pod))
                    names.insert(use.name);
            }
            for (const std::string& name : names)
                requests.push_back(
                    kube::get({"v1", "Secret", "secrets", true}, {"v1", "Secret", failure_->space, name}));
        }
        return requests;
    }

    /// The run that failed is the one to quote; the other is there for a container that was restarted in between.
    [[nodiscard]] plan::Cause conclude(std::span<const host::Response> evidence) const override {
        plan::Cause cause = cause_.value_or(plan::Cause{});
        const std::size_t count = std::min(logs().size(), evidence.size());
        for (const host::Response& log : evidence.first(count)) {
            if (log.ok() && !trim(log.body).empty()) {
                cause.log = last_lines(printable(log.body), log_lines);
                break;
            }
        }
        for (const host::Response& secret : evidence.subspan(count)) {
            const nlohmann::json body = nlohmann::json::parse(secret.body, nullptr, false);
            if (secret.ok() && body.is_object()) parse_secret(body, scrubber_);
        }
        return cause;
    }

    [[nodiscard]] std::vector<Row> rows(Time now) const override {
        (void)now;
        std::vector<Row> rows;
        for (const kube::State& state : states_) {
            rows.push_back({kube::render(state.ref), state.ready, state.summary});
        }
        return rows;
    }

private:
    [[nodiscard]] std::vector<host::Request> logs() const {
        if (!failure_ || !failure_->has_log || failure_->pod.empty()) return {};
        const kube::Ref pod{"v1", "Pod", failure_->space, failure_->pod};
        return {kube::log(pod, failure_->container, failure_->previous_log, log_lines),
                kube::log(pod, failure_->container, !failure_->previous_log, log_lines)};
    }

    void take_list(Stream& stream, const nlohmann::json& list) {
        snapshot_.replace(stream.resource.kind, stream.space, list);
        const auto metadata = list.find("metadata");
        if (metadata != list.end()) {
            stream.resource_version = text(*metadata, "resourceVersion");
            stream.listed = stream.listed || !stream.resource_version.empty();
        }
    }

    void take_event(Stream& stream, const nlohmann::json& event) {
        const std::string type = text(event, "type");
        if (type == "ERROR") {
            stream.resource_version.clear();
            return;
        }
        const auto object = event.find("object");
        if (object != event.end() && object->is_object() && object->contains("metadata")) {
            const std::string version = text(object->at("metadata"), "resourceVersion");
            stream.resource_version = version.empty() ? stream.resource_version : version;
        }
        if (type != "BOOKMARK") {
            snapshot_.apply(event);
        }
    }

    void judge(Time now) {
        const bool complete =
            std::all_of(streams_.begin(), streams_.end(), [](const Stream& stream) { return stream.listed; });
        if (!complete) {
            give_up_when_late(now, "the cluster did not list them all: " + last_trouble());
            return;
        }
        states_.clear();
        for (const kube::Goal& goal : goals_) {
            states_.push_back(judge_.judge(snapshot_, goal, now));
        }
        const bool ready =
            std::all_of(states_.begin(), states_.end(), [](const kube::State& state) { return state.ready; });
        const auto failed = std::find_if(states_.begin(), states_.end(),
                                         [](const kube::State& state) { return state.failure.has_value(); });
        if (ready) {
            over_ = true;
        } else if (failed != states_.end()) {
            fail(*failed->failure);
        } else {
            give_up_when_late(now, last_trouble());
        }
    }

    [[nodiscard]] std::string last_trouble() const {
        for (const Stream& stream : streams_) {
            if (stream.failures > 0) {
                return "watching " + stream.resource.plural + " fails: " + stream.trouble;
            }
        }
        return {};
    }

    void fail(const kube::Failure& failure) {
        failure_ = failure;
        plan::Cause cause;
        cause.object = failure.object;
        cause.container = failure.container;
        cause.reason = failure.reason;
        cause.message = failure.message;
        cause.events = failure.events;
        cause.next = failure.next;
        for (const kube::State& state : states_) {
            if (state.failure && state.failure->object != failure.object) {
                cause.also.push_back(state.failure->object + ": " + state.failure->reason);
            }
        }
        cause_ = std::move(cause);
        over_ = true;
    }

    void give_up_when_late(Time now, const std::string& trouble) {
        if (now < deadline_) {
            return;
        }
        plan::Cause cause;
        cause.reason = "Timeout";
        const std::vector<std::string> late = waiting(now);
        cause.object = late.empty() ? std::string("workloads") : late.front().substr(0, late.front().find(" ("));
        cause.message = "not ready within " + render_duration(timeout_) +
                        (late.empty() ? std::string() : ": " + late.front()) + (trouble.empty() ? "" : "; " + trouble);
        cause.also.assign(late.begin() + (late.empty() ? 0 : 1), late.end());
        cause.next = "give it longer with --timeout, or look at the object named here";
        cause_ = std::move(cause);
        over_ = true;
    }

    std::vector<kube::Goal> goals_;
    Time deadline_;
    Millis timeout_;
    stream::Scrubber* scrubber_;
    std::vector<Stream> streams_;
    kube::Snapshot snapshot_;
    kube::Judge judge_;
    std::vector<kube::State> states_;
    std::optional<kube::Failure> failure_;
    std::optional<plan::Cause> cause_;
    bool over_ = false;
};

}  // namespace

std::unique_ptr<plan::Waiter> make_rollout(std::vector<kube::Goal> goals, Time start, Millis timeout,
                                           stream::Scrubber* scrubber) {
    return std::make_unique<Rollout>(std::move(goals), start, timeout, scrubber);
}

plan::Step plan_wait(const Target& target, const std::string& id, const std::vector<kube::Goal>& goals,
                     Millis timeout) {
    plan::Await await;
    await.endpoint = target.cluster.endpoint;
    await.timeout = timeout;
    for (const kube::Goal& goal : goals) {
        await.subjects.push_back(kube::render(goal.ref));
    }
    await.make = [goals, timeout, scrubber = target.session.scrubber](Time start) {
        return make_rollout(goals, start, timeout, scrubber);
    };
    plan::Step step;
    step.id = id;
    step.what = "wait for " +
                (goals.size() == 1 ? kube::render(goals.front().ref) : std::to_string(goals.size()) + " workloads");
    step.action = std::move(await);
    return step;
}

std::vector<kube::State> observe_states(const Session& session, const Cluster& cluster,
                                        const std::vector<kube::Goal>& goals) {
    if (goals.empty()) {
        return {};
    }
    std::set<std::string> spaces;
    for (const kube::Goal& goal : goals) {
        spaces.insert(goal.ref.space);
    }
    struct Asked {
        kube::Resource resource;
        std::string space;
    };
    std::vector<Asked> asked;
    std::vector<host::Request> requests;
    for (const std::string& space : spaces) {
        std::vector<kube::Goal> here;
        std::copy_if(goals.begin(), goals.end(), std::back_inserter(here),
                     [&](const kube::Goal& goal) { return goal.ref.space == space; });
        for (const kube::Resource& resource : kube::kinds_to_watch(here)) {
            asked.push_back({resource, space});
            requests.push_back(kube::list(resource, space));
        }
    }
    const std::vector<host::Response> answers = session.probe.ask(cluster.endpoint, requests, answer_wait);
    kube::Snapshot snapshot;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        check_answer(requests[i], answers[i]);
        snapshot.replace(asked[i].resource.kind, asked[i].space,
                         nlohmann::json::parse(answers[i].body, nullptr, false));
    }
    kube::Judge judge;
    std::vector<kube::State> states;
    states.reserve(goals.size());
    for (const kube::Goal& goal : goals) {
        states.push_back(judge.judge(snapshot, goal, session.probe.now()));
    }
    return states;
}

}  // namespace flowlet::commands
