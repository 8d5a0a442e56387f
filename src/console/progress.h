// The two kinds of progress. Their clock is handed in: it paces what is written, and only that.
#pragma once

#include "flowlet/console.h"

#include <chrono>
#include <functional>
#include <map>
#include <vector>

namespace flowlet::console {

using Instant = std::chrono::steady_clock::time_point;
using Clock = std::function<Instant()>;

/// What a plan says about its steps: how many there are, and for how many things each one waits.
class Outline {
public:
    void read(const plan::Plan& plan);
    [[nodiscard]] std::size_t steps() const { return steps_; }
    /// Services go up and down, and up again; there is nothing to be counted.
    [[nodiscard]] bool is_stack() const { return is_stack_; }
    /// "waiting for 3 of 13: Deployment/wallet in flowlet-core (0 of 1 ready), …"
    [[nodiscard]] std::string render_waiting(const std::string& id, const std::vector<std::string>& lines,
                                             const Look& look) const;

private:
    std::size_t steps_ = 0;
    bool is_stack_ = false;
    std::map<std::string, std::size_t> subjects_;
};

/// A line for each step that ended, and one for a wait when its text has changed, but not within 5 s of the last.
class LineProgress : public run::Observer {
public:
    LineProgress(std::ostream& out, const Look& look, Clock clock) : out_(out), look_(look), clock_(std::move(clock)) {}
    void begin(const plan::Plan& plan, Time now) override;
    void step_waiting(const run::StepReport& step, const std::vector<std::string>& lines) override;
    void step_ended(const run::StepReport& step, bool undo) override;
    void rollback_started(const plan::Cause& cause) override;

private:
    struct Said {
        std::string text;
        Instant when;
    };
    std::ostream& out_;
    Look look_;
    Clock clock_;
    Outline outline_;
    std::size_t ended_ = 0;
    std::map<std::string, Said> said_;
};

/// A few lines at the bottom of a terminal that are drawn again and again, from the second second on.
class ScreenProgress : public run::Observer {
public:
    /// `width` gives the columns of the terminal as they are now.
    ScreenProgress(std::ostream& out, const Look& look, Clock clock, std::function<int()> width)
        : out_(out), look_(look), clock_(std::move(clock)), width_(std::move(width)) {}
    void begin(const plan::Plan& plan, Time now) override;
    void step_started(const run::StepReport& step, bool undo) override;
    void step_waiting(const run::StepReport& step, const std::vector<std::string>& lines) override;
    void step_ended(const run::StepReport& step, bool undo) override;
    void rollback_started(const plan::Cause& cause) override;
    void end(run::Report& report) override;
    /// Draws if it is time to.
    void tick();
    /// Takes away what is drawn, for good.
    void erase();

private:
    struct Running {
        std::string id;
        std::string what;
        std::string waiting;
    };
    [[nodiscard]] std::vector<std::string> status() const;
    [[nodiscard]] std::string erasure(std::size_t columns) const;

    std::ostream& out_;
    Look look_;
    Clock clock_;
    std::function<int()> width_;
    Outline outline_;
    std::string title_;
    std::size_t ended_ = 0;
    std::vector<Running> running_;
    std::vector<std::size_t> drawn_;  ///< the widths of the lines that stand there
    Instant began_{};
    Instant last_{};
    enum class Phase { before, forward, backward, over } phase_ = Phase::before;
};

}  // namespace flowlet::console
