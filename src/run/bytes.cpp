#include "run/bytes.h"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>

#include "run/forward.h"

namespace flowlet::run {
namespace {

constexpr Millis login_timeout{30000};
/// A server whose writers are held is let go after this, whatever the dump does.
constexpr Millis longest_hold{30000};
constexpr std::string_view snapshot_mark = "@snapshot@";

std::vector<const host::Command*> programs_of(const host::Flow& flow) {
    std::vector<const host::Command*> programs;
    for (const host::Stage& stage : flow.stages) {
        if (const auto* const command = std::get_if<host::Command>(&stage)) programs.push_back(command);
    }
    return programs;
}

Result refused(const host::Database& database, const host::Rows& rows) {
    Result result;
    result.kind = Kind::tool_failed;
    result.cause = plan::Cause{};
    result.cause->object = "database " + render(database);
    result.cause->reason = "SQLSTATE " + rows.state;
    result.cause->message = rows.message;
    return result;
}

/// Of a flow that did not go well.
Result explain(const host::Flow& flow, const host::FlowEnd& end, Kind failed, const host::Interrupt* interrupt) {
    const std::vector<const host::Command*> programs = programs_of(flow);
    const std::string first = programs.empty() ? "reading a file" : program_name(*programs.front());
    Result result;
    plan::Cause cause;
    cause.object = first;
    std::size_t speaker = 0;
    if (end.interrupted) {
        result.kind = stop_kind(interrupt);
        cause.reason = "Interrupted";
        cause.message = first + " was stopped half-way because flowletctl was asked to stop";
    } else if (end.timed_out || end.stood_still) {
        result.kind = Kind::timeout;
        cause.reason = "Timeout";
        cause.message = end.timed_out
                            ? first + " did not end within " + render_duration(flow.timeout)
                            : "not one byte has moved for " + render_duration(flow.idle) + ", so it was ended";
    } else if (end.failed) {
        speaker = *end.failed;
        result.kind = failed;
        const std::string name = program_name(*programs[speaker]);
        cause.object = name;
        cause.reason = "ToolFailed";
        cause.message = name + " exited with status " + std::to_string(end.exits[speaker].code) + ": " +
                        telling_line(end.exits[speaker].err);
    } else {
        result.kind = end.broken ? end.broken->kind() : Kind::bug;
        cause.reason = result.kind == Kind::verification ? "Damaged" : "Failed";
        cause.message = end.broken ? printable(end.broken->what()) : "it failed and nothing says why";
        cause.next = end.broken ? end.broken->hint() : "";
    }
    if (speaker < end.exits.size()) cause.log = last_lines(printable(end.exits[speaker].err), 20);
    result.cause = std::move(cause);
    return result;
}

Result unfit(plan::Cause cause, Kind kind) {
    Result result;
    result.kind = kind;
    result.cause = std::move(cause);
    return result;
}

/// Told once that a program's own transaction has begun, or that it will not.
class Beginning {
public:
    void tell() {
        const std::lock_guard lock(mutex_);
        told_ = true;
        changed_.notify_all();
    }
    /// False when the time is up.
    bool wait(Millis most) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, most, [this] { return told_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool told_ = false;
};

Result begun_too_late(const host::Database& database) {
    plan::Cause cause;
    cause.object = "database " + render(database);
    cause.reason = "Timeout";
    cause.message =
        "the dump did not begin within " + render_duration(longest_hold) +
        ", for which nobody could write; then they were let go, and it is of another state than its digests";
    return unfit(std::move(cause), Kind::timeout);
}

}  // namespace

Kind stop_kind(const host::Interrupt* interrupt) {
    return interrupt != nullptr && interrupt->raised() == SIGINT ? Kind::interrupted : Kind::terminated;
}

std::string telling_line(const std::string& words) {
    constexpr std::size_t most = 200;
    const std::vector<std::string> lines = last_lines(printable(words), most);
    if (lines.empty()) return "it said nothing";
    const auto telling = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return lower_case(line).find("error") != std::string::npos;
    });
    return telling == lines.end() ? lines.back() : *telling;
}

std::string program_name(const host::Command& command) {
    return command.program.substr(command.program.find_last_of('/') + 1);
}

host::Flow Bytes::with_snapshot(const host::Flow& flow, const std::string& name) {
    host::Flow named = flow;
    for (host::Stage& stage : named.stages) {
        auto* const command = std::get_if<host::Command>(&stage);
        if (command == nullptr) continue;
        for (std::string& arg : command->args) {
            const std::size_t at = arg.find(snapshot_mark);
            if (at != std::string::npos) arg.replace(at, snapshot_mark.size(), name);
        }
    }
    return named;
}

Result Bytes::move(const plan::Transfer& transfer, const host::Flow& flow) {
    const host::FlowEnd end = host_.flow(flow);
    if (!end.ok()) return explain(flow, end, transfer.failed, interrupt_);
    if (std::optional<plan::Cause> wrong = transfer.judge(end)) return unfit(std::move(*wrong), transfer.unfit);
    return {};
}

Result Bytes::survey(host::Reading& reading, const plan::Survey& survey, const Waiting& waiting) {
    const host::Rows first = reading.ask(survey.first, survey.timeout);
    if (!first.ok()) return refused(survey.database, first);
    std::vector<host::Rows> answers;
    const std::vector<std::string> statements = survey.choose(first);
    for (const std::string& statement : statements) {
        waiting({std::to_string(answers.size()) + " of " + std::to_string(statements.size()) + " tables counted"});
        answers.push_back(reading.ask(statement, survey.timeout));
        if (!answers.back().ok()) return refused(survey.database, answers.back());
    }
    if (std::optional<plan::Cause> wrong = survey.judge(answers)) return unfit(std::move(*wrong), survey.unfit);
    return {};
}

Result Bytes::act(const plan::Survey& survey, const Waiting& waiting) {
    const std::unique_ptr<host::Reading> reading = host_.read_from(survey.database, login_timeout);
    return this->survey(*reading, survey, waiting);
}

Result Bytes::act(const plan::Transfer& transfer, const Waiting& waiting) {
    if (!transfer.snapshot) return move(transfer, transfer.flow);
    const plan::Survey& survey = *transfer.snapshot;
    // The survey's own transaction is the one that holds the snapshot, so it goes on until both are done.
    const std::unique_ptr<host::Snapshot> snapshot = host_.hold(survey.database, login_timeout);
    const host::Rows held = snapshot->ask("SELECT 1", login_timeout);
    if (!held.ok()) return refused(survey.database, held);
    host::Flow flow = with_snapshot(transfer.flow, snapshot->name());
    Beginning beginning;
    if (!transfer.begun.empty()) {
        const auto after_first = std::next(flow.stages.begin());
        flow.stages.insert(after_first, host::Spot{transfer.begun, [&beginning] { beginning.tell(); }});
    }
    auto moving = std::async(std::launch::async, [&] {
        Result result = move(transfer, flow);
        beginning.tell();
        return result;
    });
    const bool in_time = transfer.begun.empty() || beginning.wait(longest_hold);
    snapshot->release();
    Result surveyed;
    try {
        if (in_time) surveyed = this->survey(*snapshot, survey, waiting);
    } catch (...) {
        moving.wait();
        throw;
    }
    Result moved = moving.get();
    if (!in_time && !moved.cause) return begun_too_late(survey.database);
    // A survey that fails ends the transaction, and with it the snapshot: what the flow then says is only what
    // followed.
    return surveyed.cause ? surveyed : moved;
}

}  // namespace flowlet::run
