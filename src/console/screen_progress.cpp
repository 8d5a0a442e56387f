#include <algorithm>
#include <ostream>

#include "console/page.h"
#include "console/progress.h"
#include "console/text.h"

namespace flowlet::console {
namespace {

constexpr std::chrono::seconds patience{1};
constexpr std::chrono::milliseconds pace{100};
constexpr std::size_t lines_shown = 6;

}  // namespace

void ScreenProgress::begin(const plan::Plan& plan, Time now) {
    (void)now;
    outline_.read(plan);
    title_ = one_line(plan.title);
    began_ = clock_();
    phase_ = Phase::forward;
}

void ScreenProgress::step_started(const run::StepReport& step, bool undo) {
    (void)undo;
    running_.push_back({step.id, one_line(step.what), ""});
    tick();
}

void ScreenProgress::step_waiting(const run::StepReport& step, const std::vector<std::string>& lines) {
    for (Running& running : running_) {
        if (running.id == step.id)
            running.waiting = lines.empty() ? "" : outline_.render_waiting(step.id, lines, look_);
    }
    tick();
}

void ScreenProgress::step_ended(const run::StepReport& step, bool undo) {
    if (!undo) ++ended_;
    std::erase_if(running_, [&](const Running& running) { return running.id == step.id; });
    tick();
}

void ScreenProgress::rollback_started(const plan::Cause& cause) {
    (void)cause;
    phase_ = Phase::backward;
    tick();
}

void ScreenProgress::end(run::Report& report) {
    (void)report;
    erase();
}

void ScreenProgress::erase() {
    phase_ = Phase::over;
    out_ << erasure(static_cast<std::size_t>(std::max(1, width_()))) << std::flush;
    drawn_.clear();
}

std::vector<std::string> ScreenProgress::status() const {
    const auto took = std::chrono::duration_cast<std::chrono::seconds>(clock_() - began_);
    const std::string counter = "[" + std::to_string(ended_) + "/" + std::to_string(outline_.steps()) + "] ";
    std::vector<std::string> lines;
    lines.push_back(counter + (phase_ == Phase::backward ? "taking back: " : "") + title_ + " (" +
                    render_duration(took) + ")");
    // One line is kept for those that do not fit.
    const bool all_fit = running_.size() < lines_shown;
    const std::size_t shown = all_fit ? running_.size() : lines_shown - 2;
    for (std::size_t i = 0; i < shown; ++i) {
        const Running& running = running_[i];
        lines.push_back("  " + (running.waiting.empty() ? running.what : running.waiting));
    }
    if (!all_fit) lines.push_back("  and " + std::to_string(running_.size() - shown) + " more");
    return lines;
}

/// Back to the first of the lines that stand there, and all of them gone. In a window that has become narrower, each
/// may take several rows by now.
std::string ScreenProgress::erasure(std::size_t columns) const {
    std::size_t rows = 0;
    for (const std::size_t width : drawn_)
        rows += std::max<std::size_t>(1, (width + columns - 1) / columns);
    return rows == 0 ? "" : "\x1b[" + std::to_string(rows) + "A\r\x1b[J";
}

void ScreenProgress::tick() {
    const Instant now = clock_();
    if (phase_ == Phase::before || phase_ == Phase::over) return;
    if (now - began_ < patience || (!drawn_.empty() && now - last_ < pace)) return;
    last_ = now;
    const auto columns = static_cast<std::size_t>(std::max(1, width_()));
    std::string drawing = erasure(columns);
    drawn_.clear();
    for (const std::string& line : status()) {
        // Some terminals wrap as soon as the last column is written.
        const std::string fitted = fit(line, columns - 1, sign(Sign::ellipsis, look_));
        drawn_.push_back(display_width(fitted));
        drawing += fitted + "\n";
    }
    out_ << drawing << std::flush;
}

}  // namespace flowlet::console
