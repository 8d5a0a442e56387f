#include <algorithm>
#include <ostream>

#include "console/page.h"
#include "console/progress.h"
#include "console/text.h"

namespace flowlet::console {
namespace {

constexpr std::size_t subjects_shown = 3;
constexpr std::chrono::seconds quiet{5};

std::string outcome_of(const run::StepReport& step, const Look& look) {
    const std::string note = step.note.empty() ? "" : ": " + one_line(step.note);
    switch (step.state) {
        case run::State::failed:
        case run::State::undo_failed:
            return paint("FAILED", Ink::red, look) + " after " + render_took(step.took) + ": " + one_line(step.error);
        case run::State::skipped:
            return "skipped" + note;
        default:
            return "done in " + render_took(step.took) + note;
    }
}

std::string counter(std::size_t number, std::size_t total) {
    const std::string all = std::to_string(total);
    const std::string so_far = std::to_string(number);
    return "[" + std::string(so_far.size() < all.size() ? all.size() - so_far.size() : 0, ' ') + so_far + "/" + all +
           "]";
}

}  // namespace

void Outline::read(const plan::Plan& plan) {
    steps_ = plan.steps.size();
    is_stack_ = plan.stack.has_value();
    for (const plan::Step& step : plan.steps) {
        if (const auto* const await = std::get_if<plan::Await>(&step.action)) {
            subjects_[step.id] = await->subjects.size();
        }
    }
}

std::string Outline::render_waiting(const std::string& id, const std::vector<std::string>& lines,
                                    const Look& look) const {
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < std::min(lines.size(), subjects_shown); ++i)
        shown.push_back(one_line(lines[i]));
    if (lines.size() > subjects_shown) shown.push_back(sign(Sign::ellipsis, look));
    const auto all = subjects_.find(id);
    const std::string of = all == subjects_.end() ? "" : " of " + std::to_string(all->second);
    return "waiting for " + std::to_string(lines.size()) + of + ": " + join(shown, ", ");
}

void LineProgress::begin(const plan::Plan& plan, Time now) {
    (void)now;
    outline_.read(plan);
}

void LineProgress::step_waiting(const run::StepReport& step, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    const std::string text = outline_.render_waiting(step.id, lines, look_);
    const Instant now = clock_();
    const auto last = said_.find(step.id);
    if (last != said_.end() && (last->second.text == text || now - last->second.when < quiet)) return;
    said_.insert_or_assign(step.id, Said{text, now});
    out_ << text + "\n" << std::flush;
}

void LineProgress::step_ended(const run::StepReport& step, bool undo) {
    std::string lead = undo ? "[undo]" : counter(++ended_, outline_.steps());
    if (outline_.is_stack()) lead = undo ? "[down]" : "[up]";
    out_ << lead + " " + one_line(step.what) + " " + sign(Sign::ellipsis, look_) + " " + outcome_of(step, look_) + "\n"
         << std::flush;
}

void LineProgress::rollback_started(const plan::Cause& cause) {
    const std::string colon = cause.object.empty() || cause.reason.empty() ? "" : ": ";
    out_ << sign(Sign::fail, look_) + " " + one_line(cause.object + colon + cause.reason) +
                "; taking back what was done\n"
         << std::flush;
}

}  // namespace flowlet::console
