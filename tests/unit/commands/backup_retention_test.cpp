#include "commands/backup/retention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>
#include <set>

#include "unit/commands/deploy_world.h"

namespace flowlet::commands::backup {
namespace {

using std::chrono::hours;

Time at(const std::string& text) {
    return parse_time(text.size() == 10 ? text + "T02:00:00Z" : text).value();
}

Point good(const std::string& id, Time started) {
    Point point;
    point.id = id;
    point.started = started;
    return point;
}
Point good(const std::string& when) {
    return good(when, at(when));
}

/// One a day at two o'clock, oldest first.
std::vector<Point> daily(const std::string& first, int count) {
    std::vector<Point> points;
    for (int i = 0; i < count; ++i) {
        const Time time = at(first) + hours{24 * i};
        points.push_back(good(render_time(time).substr(0, 10), time));
    }
    return points;
}

Policy keeping(unsigned last, std::map<Period, unsigned> keep = {}) {
    Policy policy;
    policy.retention = Policy::Retention::set;
    policy.keep_last = last;
    policy.keep = std::move(keep);
    return policy;
}

using Ids = std::vector<std::string>;

Ids staying(const Judgement& judgement) {
    Ids ids;
    for (const Verdict& verdict : judgement.verdicts) {
        if (verdict.fate == Verdict::Fate::stays) ids.push_back(verdict.id);
    }
    return ids;
}

Ids why(const Judgement& judgement, const std::string& id) {
    const auto found = std::find_if(judgement.verdicts.begin(), judgement.verdicts.end(),
                                    [&](const Verdict& verdict) { return verdict.id == id; });
    return found == judgement.verdicts.end() ? Ids{"no verdict"} : found->why;
}

const Time now = at("2026-11-21T12:00:00Z");

TEST(Retention, times_lie_in_the_calendar_of_utc) {
    const Time time = at("2026-11-21T23:59:59+02:00");
    EXPECT_EQ(bucket_of(Period::hour, time), "2026-11-21T21");
    EXPECT_EQ(bucket_of(Period::day, at("2026-11-21T01:00:00+02:00")), "2026-11-20");
    EXPECT_EQ(bucket_of(Period::month, time), "2026-11");
    EXPECT_EQ(bucket_of(Period::year, time), "2026");
    for (const auto& [day, week] : std::map<std::string, std::string>{{"2027-01-01", "2026-W53"},
                                                                      {"2027-01-04", "2027-W01"},
                                                                      {"2024-12-30", "2025-W01"},
                                                                      {"2021-01-03", "2020-W53"},
                                                                      {"2026-11-21", "2026-W47"}})
        EXPECT_EQ(bucket_of(Period::week, at(day)), week) << day;
}

TEST(Retention, years_of_a_class_never_end_early) {
    EXPECT_EQ(add_years(at("2026-11-21T02:03:04.000005Z"), 6), at("2032-11-21T02:03:04.000005Z"));
    EXPECT_EQ(add_years(at("2028-02-29"), 6), at("2034-03-01"));
    EXPECT_EQ(add_years(at("2028-02-29"), 4), at("2032-02-29"));
}

TEST(Retention, the_configuration_knows_every_class) {
    for (const LegalClass& legal : legal_classes()) {
        const deploy::Desk desk("apiVersion: flowlet/v1\nproject: p\nenvironments: {test: {}}\nbackup: {class: " +
                                std::string(legal.name) + "}\n");
        EXPECT_EQ(find_class(desk.config.text("backup.class")), &legal);
    }
    EXPECT_EQ(find_class("none"), nullptr);
}

TEST(Retention, the_newest_of_each_period_stays_and_every_reason_is_told) {
    const std::vector<Point> points = daily("2026-10-01", 52);
    const Judgement judgement = judge(points, keeping(2, {{Period::day, 3}, {Period::month, 2}}), now);
    EXPECT_EQ(staying(judgement), (Ids{"2026-10-31", "2026-11-19", "2026-11-20", "2026-11-21"}));
    EXPECT_EQ(why(judgement, "2026-11-21"),
              (Ids{"monthly 2026-11", "daily 2026-11-21", "one of the last 2", "the last good one"}));
    EXPECT_EQ(why(judgement, "2026-11-18"), (Ids{"monthly 2026-11: a newer one stands for it",
                                                 "daily 2026-11-18: older than the last 3", "not one of the last 2"}));
    EXPECT_EQ(judgement.stop, "");
}

TEST(Retention, of_several_in_a_period_that_is_too_old_none_is_said_to_be_replaced) {
    const std::vector<Point> points = {good("2026-11-01T01:00:00Z"), good("2026-11-01T02:00:00Z"),
                                       good("2026-11-21T02:00:00Z")};
    const Judgement judgement = judge(points, keeping(0, {{Period::day, 1}}), now);
    EXPECT_EQ(why(judgement, points[0].id), Ids{"daily 2026-11-01: older than the last 1"});
    EXPECT_EQ(why(judgement, points[1].id), Ids{"daily 2026-11-01: older than the last 1"});
}

TEST(Retention, without_one_nothing_goes) {
    const Judgement judgement = judge(daily("2020-01-01", 300), Policy(), at("2020-10-30"));
    EXPECT_EQ(staying(judgement).size(), 300U);
    EXPECT_EQ(why(judgement, "2020-01-01"), Ids{"there is no retention"});
}

TEST(Retention, what_does_not_count_stands_for_no_day_and_never_goes) {
    std::vector<Point> points = daily("2026-11-01", 21);
    for (const std::size_t i : {3U, 19U, 20U})
        points[i].trouble = "it is not signed";
    const Judgement judgement = judge(points, keeping(1), now);
    EXPECT_EQ(staying(judgement), (Ids{"2026-11-04", "2026-11-19", "2026-11-20", "2026-11-21"}));
    EXPECT_EQ(why(judgement, "2026-11-21"), Ids{"does not count: it is not signed"});
    EXPECT_EQ(why(judgement, "2026-11-19"), (Ids{"one of the last 1", "the last good one"}));
}

TEST(Retention, the_last_good_one_stays_under_any_policy) {
    EXPECT_EQ(staying(judge(daily("2026-11-20", 2), keeping(0), now)), Ids{"2026-11-21"});
}

TEST(Retention, a_hold_is_stronger_than_any_rule) {
    std::vector<Point> points = daily("2026-11-01", 21);
    points[0].hold = "case 4711";
    const Judgement judgement = judge(points, keeping(1), now);
    EXPECT_EQ(staying(judgement), (Ids{"2026-11-01", "2026-11-21"}));
    EXPECT_EQ(why(judgement, "2026-11-01"), Ids{"hold: case 4711"});
    EXPECT_EQ(judgement.verdicts[0].brief, "hold");
}

TEST(Retention, a_flood_of_new_ones_pushes_none_of_another_day_out) {
    std::vector<Point> points = daily("2026-11-01", 21);
    const Policy policy = keeping(3, {{Period::day, 10}});
    const Ids before = staying(judge(points, policy, now));
    for (int i = 0; i < 500; ++i) {
        const Time time = at("2026-11-21T03:00:00Z") + std::chrono::seconds{i};
        points.push_back(good(render_time(time), time));
    }
    const Ids after = staying(judge(points, policy, now));
    for (const std::string& id : before)
        EXPECT_TRUE(id == "2026-11-21" || std::find(after.begin(), after.end(), id) != after.end()) << id;
}

// ---- the law -----------------------------------------------------------------------------------------------------

TEST(Retention, a_class_in_a_manifest_is_kept_to_whatever_the_configuration_says_by_now) {
    std::vector<Point> points = daily("2026-11-18", 4);
    points[0].legal_class = "sec17a4-6y";
    points[0].keep_until = at("2032-11-18");
    points[1].legal_class = "sec17a4-3y";
    points[1].keep_until = at("2026-11-20");
    Policy policy = keeping(1);
    Judgement judgement = judge(points, policy, now);
    EXPECT_EQ(staying(judgement), (Ids{"2026-11-18", "2026-11-21"}));
    EXPECT_EQ(why(judgement, "2026-11-18"), Ids{"class sec17a4-6y until 2032-11-18"});
    EXPECT_EQ(judgement.verdicts[0].by, Verdict::By::law);
    policy.legal = find_class("sox-7y");
    judgement = judge(points, policy, now);
    EXPECT_EQ(staying(judgement).size(), 4U);
    EXPECT_EQ(why(judgement, "2026-11-18"), Ids{"class sox-7y until 2033-11-18"});
    policy.legal = find_class("sec17a4-3y");
    EXPECT_EQ(why(judge(points, policy, now), "2026-11-18"), Ids{"class sec17a4-6y until 2032-11-18"});
}

TEST(Retention, a_clock_that_is_years_ahead_makes_no_class_end) {
    std::vector<Point> points = daily("2026-11-18", 4);
    points[0].legal_class = "sec17a4-6y";
    points[0].keep_until = at("2032-11-18");
    const Policy policy = keeping(1);
    // It is wrong while pruning: nothing at all goes.
    EXPECT_NE(judge(points, policy, at("2036-11-21")).stop.find("backups have stopped"), std::string::npos);
    // It was wrong while backing up, too, once, and again.
    points.push_back(good("2036-11-22"));
    points.back().previous = at("2026-11-21");
    EXPECT_NE(judge(points, policy, at("2036-11-22T03:00:00Z")).stop.find("3654 days"), std::string::npos);
    points.push_back(good("2036-11-23"));
    points.back().previous = at("2036-11-22");
    const Judgement judgement = judge(points, policy, at("2036-11-23T03:00:00Z"));
    EXPECT_EQ(judgement.stop, "");
    EXPECT_EQ(staying(judgement), (Ids{"2026-11-18", "2036-11-23"}));
    EXPECT_NE(judgement.note.find("counted to 2026-11-21 only"), std::string::npos);
    // Once the jump is explained, time has passed.
    Policy explained = policy;
    explained.max_gap = hours{24 * 4000};
    EXPECT_EQ(staying(judge(points, explained, at("2036-11-23T03:00:00Z"))), Ids{"2036-11-23"});
}

TEST(Retention, a_clock_that_was_set_back_stops_it) {
    const std::vector<Point> points = daily("2026-11-18", 4);
    EXPECT_NE(judge(points, keeping(1), at("2026-11-21T01:59:59Z")).stop.find("time to come"), std::string::npos);
    EXPECT_EQ(judge(points, keeping(1), at("2026-11-21T02:00:00Z")).stop, "");
}

// ---- years of it -------------------------------------------------------------------------------------------------

/// Periods counted another way than the code under test does.
long number_of(Period period, Time time) {
    const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    constexpr long a_day = 86400;
    switch (period) {
        case Period::hour:
            return seconds / 3600;
        case Period::day:
            return seconds / a_day;
        case Period::week:
            return (seconds / a_day + 3) / 7;  // the epoch was a Thursday
        case Period::month:
            return parts.tm_year * 12L + parts.tm_mon;
        case Period::year:
            return parts.tm_year;
    }
    return 0;
}

class History {
public:
    History(unsigned seed, unsigned pace) : draw_(seed), pace_(pace) {
        policy_ = keeping(upto(5), {{Period::hour, upto(30)},
                                    {Period::day, upto(40)},
                                    {Period::week, upto(8)},
                                    {Period::month, upto(12)},
                                    {Period::year, upto(4)}});
    }

    void live_on() {
        // Mostly a few hours, at times a pause of weeks.
        time_ += hours{1 + upto(upto(40) == 0 ? 500 : pace_)} + std::chrono::minutes{upto(59)};
        Point point = good(std::to_string(++number_), time_);
        if (upto(9) == 0) point.trouble = "it is not signed";
        if (upto(60) == 0) point.hold = "a case";
        if (upto(30) == 0) {
            point.legal_class = "x";
            point.keep_until = time_ + hours{24 * upto(700)};
        }
        if (point.trouble.empty()) made_.push_back(point);
        store_.push_back(point);
    }

    void prune() {
        const Judgement judgement = judge(store_, policy_, time_);
        ASSERT_EQ(judgement.stop, "");
        std::vector<Point> left;
        for (std::size_t i = 0; i < store_.size(); ++i) {
            const Point& point = store_[i];
            if (judgement.verdicts[i].fate == Verdict::Fate::stays) {
                left.push_back(point);
                continue;
            }
            EXPECT_TRUE(point.trouble.empty() && !point.hold) << point.id;
            EXPECT_TRUE(!point.keep_until || *point.keep_until <= time_) << point.id;
            EXPECT_FALSE(judgement.verdicts[i].why.empty() && policy_.keep_last > 0);
        }
        store_ = left;
        EXPECT_EQ(staying(judge(store_, policy_, time_)).size(), store_.size());
    }

    /// Everything that was promised is there, of all that was ever made.
    void check() const {
        std::set<std::string> there;
        for (const Point& point : store_)
            there.insert(point.id);
        EXPECT_TRUE(made_.empty() || there.contains(made_.back().id));
        for (std::size_t i = 0; i < std::min<std::size_t>(policy_.keep_last, made_.size()); ++i)
            EXPECT_TRUE(there.contains(made_[made_.size() - 1 - i].id));
        for (const auto& [period, most] : policy_.keep) {
            std::map<long, std::string, std::greater<>> newest;
            for (const Point& point : made_)
                newest[number_of(period, point.started)] = point.id;
            unsigned checked = 0;
            for (const auto& [bucket, id] : newest) {
                if (checked++ == most) break;
                EXPECT_TRUE(there.contains(id)) << name(period) << " " << bucket << " of " << id;
            }
        }
    }

    /// It would be easy to keep all promises by removing nothing.
    void check_thrift() const {
        std::size_t most = policy_.keep_last + 1;
        for (const auto& [period, number] : policy_.keep)
            most += number;
        std::size_t by_rule = 0;
        for (const Point& point : store_) {
            if (point.trouble.empty() && !point.hold && (!point.keep_until || *point.keep_until <= time_)) ++by_rule;
        }
        EXPECT_LE(by_rule, most);
    }

private:
    unsigned upto(unsigned most) { return std::uniform_int_distribution<unsigned>(0, most)(draw_); }

    std::mt19937 draw_;
    unsigned pace_;  ///< hours between two backups, at most, but for the pauses
    Policy policy_;
    Time time_ = at("2020-02-27");
    unsigned number_ = 1000;
    std::vector<Point> made_;   ///< all that ever counted
    std::vector<Point> store_;  ///< what is left
};

TEST(Retention, over_years_every_promised_recovery_point_is_there) {
    unsigned seed = 0;
    for (const unsigned pace : {2U, 6U, 20U, 30U, 80U, 200U, 400U}) {
        SCOPED_TRACE(pace);
        History history(++seed, pace);
        for (unsigned i = 0; i < 250; ++i) {
            history.live_on();
            if (i % (1 + seed % 4) == 0) history.prune();
            if (i % 30 == 0) history.check();
            if (HasFailure()) return;
        }
        history.prune();
        history.check();
        history.check_thrift();
    }
}

}  // namespace
}  // namespace flowlet::commands::backup
