#include <algorithm>
#include <nlohmann/json.hpp>

#include "flowlet/run.h"
#include "run/bytes.h"
#include "run/files.h"
#include "run/objects.h"
#include "run/processes.h"

namespace flowlet::run {
namespace {

constexpr Millis request_timeout{60000};
constexpr Millis evidence_timeout{10000};

/// Hands a waiter's events through and tells what it waits for whenever that changes.
class Telling final : public host::Follower {
public:
    Telling(plan::Waiter& waiter, const Waiting& waiting) : waiter_(waiter), waiting_(waiting) {}
    std::vector<host::Request> open() override { return waiter_.open(); }
    void on_line(std::size_t stream, std::string_view line, Time now) override { waiter_.on_line(stream, line, now); }
    std::optional<Again> on_end(std::size_t stream, const host::Response& end, Time now) override {
        return waiter_.on_end(stream, end, now);
    }
    std::optional<Time> next(Time now) override {
        const std::optional<Time> wake = waiter_.next(now);
        if (std::vector<std::string> lines = waiter_.waiting(now); wake && lines != told_) {
            told_ = std::move(lines);
            waiting_(told_);
        }
        return wake;
    }

private:
    plan::Waiter& waiter_;
    const Waiting& waiting_;
    std::vector<std::string> told_;
};

/// The server's own words: Kubernetes answers a refusal with a Status object.
plan::Cause refusal(const host::Request& request, const host::Response& response) {
    plan::Cause cause;
    cause.object = request.method + " " + request.path.substr(0, request.path.find('?'));
    const nlohmann::json status = nlohmann::json::parse(response.body, nullptr, false);
    if (status.is_object()) {
        cause.reason = status.value("reason", "");
        cause.message = printable(status.value("message", ""));
    }
    if (cause.reason.empty()) {
        cause.reason = response.status == 0 ? "Unreachable" : "HTTP " + std::to_string(response.status);
    }
    if (cause.message.empty()) {
        cause.message = printable(response.body.substr(0, 500));
    }
    return cause;
}

bool holds_items(const host::Response& list) {
    const nlohmann::json body = nlohmann::json::parse(list.body, nullptr, false);
    return !list.ok() || !body.is_object() || !body.contains("items") || !body["items"].empty();
}

/// The connection broke, so nobody knows whether the statement took effect (SQLSTATE classes 08 and 57).
bool is_broken(const host::Rows& rows) {
    return rows.state.starts_with("08") || rows.state.starts_with("57");
}

class Performance final : public Performer {
public:
    Performance(host::Host& host, host::Interrupt* interrupt) : host_(host), interrupt_(interrupt) {}

    Result perform(const plan::Action& action, const Waiting& waiting) override {
        return std::visit([&](const auto& one) { return act(one, waiting); }, action);
    }
    void undoing(bool begin) override {
        if (interrupt_ != nullptr) {
            interrupt_->shield(begin);
        }
    }
    [[nodiscard]] Time now() const override { return host_.now(); }
    [[nodiscard]] int stop_signal() const override { return interrupt_ == nullptr ? 0 : interrupt_->raised(); }

private:
    Result act(const plan::Invoke& invoke, const Waiting& waiting) {
        (void)waiting;
        const host::Exit exit = host_.run(invoke.command);
        Result result;
        const bool ended = !exit.interrupted && !exit.timed_out;
        if (ended && std::find(invoke.accept.begin(), invoke.accept.end(), exit.code) != invoke.accept.end()) {
            return result;
        }
        const std::string name = program_name(invoke.command);
        plan::Cause cause;
        cause.object = name;
        cause.log = last_lines(printable(exit.err), 20);
        cause.next = "run it by hand to see more: " + host::render(invoke.command);
        if (exit.interrupted) {
            result.kind = stop_kind(interrupt_);
            cause.reason = "Interrupted";
            cause.message = name + " was stopped half-way because flowletctl was asked to stop";
        } else if (exit.timed_out) {
            cause.reason = "Timeout";
            cause.message = name + " did not end within " + render_duration(invoke.command.timeout);
        } else {
            cause.reason = "ToolFailed";
            cause.message = name + " exited with status " + std::to_string(exit.code) + ": " + telling_line(exit.err);
        }
        result.cause = std::move(cause);
        return result;
    }

    Result act(const plan::Send& send, const Waiting& waiting) {
        (void)waiting;
        Result result;
        if (send.only_if_empty) {
            const host::Response list = host_.send(send.endpoint, *send.only_if_empty, request_timeout);
            if (holds_items(list)) {
                result.note = "kept, because " + send.only_if_empty->path + " is not empty";
                return result;
            }
        }
        const host::Response response = host_.send(send.endpoint, send.request, request_timeout);
        result.status = response.status;
        if (std::find(send.accept.begin(), send.accept.end(), response.status) == send.accept.end()) {
            result.cause = refusal(send.request, response);
            result.kind = stop_signal() != 0 && response.status == 0 ? stop_kind(interrupt_) : send.refused;
        }
        return result;
    }

    Result act(const plan::Execute& execute, const Waiting& waiting) {
        (void)waiting;
        const host::Database& to = execute.database;
        Result result;
        plan::Cause cause;
        cause.object = "database " + render(to);
        try {
            host::Rows rows = host_.execute(to, execute.statement, execute.timeout);
            if (rows.state == host::login_refused && execute.otherwise) {
                host::Database other = to;
                other.password = *execute.otherwise;
                rows = host_.execute(other, execute.statement, execute.timeout);
            }
            // What the server refused was not done, and has not to be taken back.
            constexpr int created = 201;
            constexpr int conflict = 409;
            result.status = rows.ok() ? created : conflict;
            if (is_broken(rows)) result.status = 0;
            if (execute.expect == plan::Execute::Expect::done && rows.ok()) return result;
            if (execute.expect == plan::Execute::Expect::login_refused && rows.state == host::login_refused) {
                return result;
            }
            cause.reason = rows.ok() ? "LoginAccepted" : "SQLSTATE " + rows.state;
            cause.message = rows.ok() ? "the login of " + to.user + " is accepted, and should not be" : rows.message;
        } catch (const Error& error) {
            result.kind = error.kind();
            cause.reason = "Interrupted";
            cause.message = "asked to stop while a statement ran";
        }
        result.cause = std::move(cause);
        return result;
    }

    Result act(const plan::Sweep& sweep, const Waiting& waiting) {
        Result result;
        for (int round = 0; round < sweep.rounds; ++round) {
            const std::vector<host::Request> chosen =
                sweep.choose(host_.send(sweep.endpoint, sweep.list, request_timeout));
            for (const host::Request& request : chosen) {
                waiting({request.method + " " + request.path});
                const host::Response response = host_.send(sweep.endpoint, request, request_timeout);
                if (std::find(sweep.accept.begin(), sweep.accept.end(), response.status) == sweep.accept.end()) {
                    result.cause = refusal(request, response);
                    return result;
                }
            }
            if (!host_.sleep(sweep.pause) || (chosen.empty() && round > 0)) {
                break;
            }
        }
        return result;
    }

    Result act(const plan::Survey& survey, const Waiting& waiting) { return bytes_.act(survey, waiting); }
    Result act(const plan::Transfer& transfer, const Waiting& waiting) { return bytes_.act(transfer, waiting); }

    Result act(const plan::Upload& upload, const Waiting& waiting) { return objects_.act(upload, waiting); }
    Result act(const plan::ProveLock& proof, const Waiting& waiting) { return objects_.act(proof, waiting); }

    Result act(const plan::End& end, const Waiting& waiting) { return processes_.act(end, waiting); }
    Result act(const plan::Detach& detach, const Waiting& waiting) {
        (void)waiting;
        return processes_.act(detach);
    }
    Result act(const plan::Keep& keep, const Waiting& waiting) {
        (void)waiting;
        throw Error(Kind::bug, "a service is kept by the supervisor, not by the runner: " + keep.service);
    }

    template <typename OfFiles>
    Result act(const OfFiles& action, const Waiting& waiting) {
        (void)waiting;
        return files_.act(action);
    }

    Result act(const plan::Await& await, const Waiting& waiting) {
        const std::unique_ptr<plan::Waiter> waiter = await.make(host_.now());
        Result result;
        try {
            Telling telling(*waiter, waiting);
            host_.follow(await.endpoint, telling);
        } catch (const Error& error) {
            result.kind = error.kind();
            result.cause = plan::Cause{};
            const bool stopped = error.kind() == Kind::interrupted || error.kind() == Kind::terminated;
            result.cause->reason = stopped ? "Interrupted" : "Failed";
            result.cause->message = stopped ? "asked to stop while waiting" : error.what();
            result.cause->also = waiter->waiting(host_.now());
            result.workloads = waiter->rows(host_.now());
            return result;
        }
        result.workloads = waiter->rows(host_.now());
        if (waiter->failure()) {
            result.kind = await.failed;
            const std::vector<host::Request> wanted = waiter->evidence();
            result.cause = waiter->conclude(host_.ask(await.endpoint, wanted, evidence_timeout));
        }
        return result;
    }

    host::Host& host_;
    host::Interrupt* interrupt_;
    Files files_{host_};
    Bytes bytes_{host_, interrupt_};
    Objects objects_{host_};
    Processes processes_{host_};
};

}  // namespace

std::unique_ptr<Performer> make_performance(host::Host& host, host::Interrupt* interrupt) {
    return std::make_unique<Performance>(host, interrupt);
}

}  // namespace flowlet::run
