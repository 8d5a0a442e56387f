#include <algorithm>

#include "console/progress.h"
#include "console/text.h"
#include "samples.h"

namespace flowlet::console {
namespace {

constexpr std::string_view clear_below = "\x1b[J";

/// A terminal of that many columns and endless rows, which knows the few sequences that progress uses.
class Screen {
public:
    explicit Screen(std::size_t columns) : columns_(columns) {}

    void feed(const std::string& text) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\x1b') {
                i = obey(text, i);
            } else if (text[i] == '\n') {
                rows_.resize(std::max(rows_.size(), ++row_ + 1));
            } else if (text[i] != '\r') {
                rows_.resize(std::max(rows_.size(), row_ + 1));
                rows_[row_] += text[i];
            }
        }
        for (const std::string& row : rows_)
            EXPECT_LT(display_width(row), columns_) << row;
    }
    [[nodiscard]] std::vector<std::string> rows() const {
        std::vector<std::string> filled;
        for (const std::string& row : rows_) {
            if (!row.empty()) filled.push_back(row);
        }
        return filled;
    }

private:
    std::size_t obey(const std::string& text, std::size_t at) {
        if (text.substr(at, clear_below.size()) == clear_below) {
            rows_.resize(row_);
            rows_.emplace_back();
            return at + clear_below.size() - 1;
        }
        const std::size_t end = text.find('A', at);
        EXPECT_NE(end, std::string::npos) << "a sequence that is not known";
        const auto up = static_cast<std::size_t>(std::stoul(text.substr(at + 2, end - at - 2)));
        EXPECT_LE(up, row_);
        row_ -= up;
        return end;
    }

    std::size_t columns_;
    std::size_t row_ = 0;
    std::vector<std::string> rows_;
};

struct Fixture {
    explicit Fixture(int columns)
        : width(columns),
          screen(static_cast<std::size_t>(columns)),
          progress(
              out, terminal(columns), [this] { return now; }, [this] { return width; }) {
        plan::Plan plan;
        plan.title = "deploy flowlet to staging";
        plan.steps.resize(21);
        progress.begin(plan, Time{});
    }
    std::vector<std::string> rows() {
        screen.feed(out.str());
        out.str("");
        return screen.rows();
    }
    void start(int steps) {
        for (int i = 0; i < steps; ++i) {
            progress.step_started(step("Deployment/number-" + std::to_string(i), run::State::running), false);
        }
    }
    int width;
    std::ostringstream out;
    Instant now{};
    Screen screen;
    ScreenProgress progress;
};

TEST(ScreenProgress, nothing_is_drawn_in_the_first_second) {
    Fixture fixture(80);
    fixture.start(1);
    fixture.now += std::chrono::milliseconds(999);
    fixture.progress.tick();
    EXPECT_EQ(fixture.out.str(), "");
}

TEST(ScreenProgress, what_is_under_way_is_drawn_over_and_over) {
    Fixture fixture(80);
    fixture.start(2);
    fixture.now += std::chrono::seconds(2);
    fixture.progress.tick();
    EXPECT_EQ(fixture.rows(), (std::vector<std::string>{"[0/21] deploy flowlet to staging (2s)",
                                                        "  apply Deployment/number-0 in flowlet-core",
                                                        "  apply Deployment/number-1 in flowlet-core"}));
    fixture.now += std::chrono::seconds(1);
    fixture.progress.step_ended(step("Deployment/number-0", run::State::done), false);
    fixture.now += std::chrono::seconds(1);
    fixture.progress.step_waiting(step("Deployment/number-1", run::State::running), {"a (0 of 1 ready)"});
    EXPECT_EQ(fixture.rows(),
              (std::vector<std::string>{"[1/21] deploy flowlet to staging (4s)", "  waiting for 1: a (0 of 1 ready)"}));
}

TEST(ScreenProgress, it_is_drawn_ten_times_a_second_at_most) {
    Fixture fixture(80);
    fixture.now += std::chrono::seconds(2);
    fixture.progress.tick();
    (void)fixture.rows();
    fixture.now += std::chrono::milliseconds(99);
    fixture.progress.tick();
    EXPECT_EQ(fixture.out.str(), "");
    fixture.now += std::chrono::milliseconds(1);
    fixture.progress.tick();
    EXPECT_NE(fixture.out.str(), "");
}

TEST(ScreenProgress, it_takes_six_lines_at_most) {
    Fixture fixture(80);
    fixture.start(5);
    fixture.now += std::chrono::seconds(2);
    fixture.progress.tick();
    EXPECT_EQ(fixture.rows().size(), 6U);
    fixture.start(3);
    fixture.now += std::chrono::seconds(2);
    fixture.progress.tick();
    EXPECT_EQ(fixture.rows().size(), 6U);
    EXPECT_EQ(fixture.rows().back(), "  and 4 more");
}

TEST(ScreenProgress, nothing_is_left_at_the_end) {
    Fixture fixture(80);
    fixture.start(3);
    fixture.now += std::chrono::seconds(2);
    fixture.progress.tick();
    EXPECT_EQ(fixture.rows().size(), 4U);
    run::Report done;
    fixture.progress.end(done);
    EXPECT_TRUE(fixture.rows().empty());
    fixture.now += std::chrono::seconds(2);
    fixture.progress.tick();
    EXPECT_TRUE(fixture.rows().empty());
}

TEST(ScreenProgress, no_line_is_wider_than_the_terminal) {
    for (const int width : {1, 2, 5, 20}) {
        Fixture fixture(width);
        fixture.start(9);
        fixture.progress.step_waiting(step("Deployment/number-1", run::State::running), {"漢字漢字漢字漢字漢字漢字"});
        fixture.now += std::chrono::seconds(2);
        fixture.progress.tick();
        (void)fixture.rows();
        fixture.progress.rollback_started(crash());
        fixture.now += std::chrono::seconds(2);
        fixture.progress.tick();
        (void)fixture.rows();
    }
}

TEST(ScreenProgress, a_window_that_became_narrow_is_erased_as_far_as_the_lines_reach) {
    Fixture fixture(80);
    fixture.start(1);
    fixture.now += std::chrono::seconds(2);
    fixture.progress.tick();
    fixture.out.str("");
    fixture.width = 20;
    run::Report done;
    fixture.progress.end(done);
    // 37 columns and 43 columns, on 20 each: 2 rows and 3.
    EXPECT_EQ(fixture.out.str(), "\x1b[5A\r\x1b[J");
}

TEST(ScreenProgress, the_way_back_is_named) {
    Fixture fixture(80);
    fixture.now += std::chrono::seconds(2);
    fixture.progress.rollback_started(crash());
    EXPECT_EQ(fixture.rows().front(), "[0/21] taking back: deploy flowlet to staging (2s)");
}

TEST(ScreenProgress, nothing_foreign_steers_the_terminal) {
    Fixture fixture(200);
    fixture.progress.step_started(step(hostile, run::State::running), false);
    fixture.now += std::chrono::seconds(2);
    fixture.progress.tick();
    EXPECT_TRUE(is_tame(fixture.out.str())) << fixture.out.str();
    EXPECT_EQ(fixture.rows().size(), 2U);
}

TEST(ScreenProgress, the_live_one_ends_without_a_trace_however_it_ends) {
    std::ostringstream out;
    {
        const auto progress = make_progress(out, terminal(80));
        plan::Plan plan;
        progress->begin(plan, Time{});
        progress->step_started(step("a", run::State::running), false);
    }
    const auto progress = make_progress(out, terminal(80));
    progress->begin({}, Time{});
    run::Report done;
    progress->end(done);
    Screen screen(80);
    screen.feed(out.str());
    EXPECT_TRUE(screen.rows().empty());
}

}  // namespace
}  // namespace flowlet::console
