#include "commands/backup/retention.h"

#include <algorithm>
#include <cstdio>

namespace flowlet::commands::backup {
namespace {

constexpr auto classes = std::to_array<LegalClass>({
    {"sec17a4-3y", 3, "17 CFR 240.17a-4(b)"},
    {"sec17a4-6y", 6, "17 CFR 240.17a-4(a)"},
    {"finra4511-6y", 6, "FINRA Rule 4511(b)"},
    {"sox-7y", 7, "17 CFR 210.2-06"},
});

std::string day_text(Time time) {
    return render_time(time).substr(0, 10);
}

std::string week_of(Time time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    // ISO 8601: a week belongs to the year that its Thursday lies in.
    const sys_days thursday = day + days{4} - days{static_cast<int>(weekday{day}.iso_encoding())};
    const year that_year = year_month_day{thursday}.year();
    const auto number = (thursday - sys_days{that_year / January / 1}).count() / 7 + 1;
    return std::to_string(static_cast<int>(that_year)) + (number < 10 ? "-W0" : "-W") + std::to_string(number);
}

/// Weighs the points; all it says of one is why it stays, and of the rules that do not keep it, why not.
class Scales {
public:
    Scales(std::span<const Point> points, const Policy& policy) : points_(points), policy_(policy) {
        for (std::size_t i = 0; i < points.size(); ++i) {
            if (points[i].trouble.empty()) newest_first_.push_back(i);
        }
        std::sort(newest_first_.begin(), newest_first_.end(), [&](std::size_t a, std::size_t b) {
            return std::pair(points[b].started, points[b].id) < std::pair(points[a].started, points[a].id);
        });
        stays_.resize(points.size());
        lost_.resize(points.size());
        lawful_.resize(points.size());
    }

    Judgement judge(Time now) {
        weigh_holds();
        weigh_law();
        if (policy_.retention == Policy::Retention::set) {
            for (auto period = periods.rbegin(); period != periods.rend(); ++period)
                weigh(*period);
            weigh_last();
        }
        Judgement judgement;
        for (std::size_t i = 0; i < points_.size(); ++i)
            judgement.verdicts.push_back(conclude(i));
        find_stop(now, judgement);
        if (waits_for_clock_) {
            judgement.note = "the time of legal classes is counted to " + day_text(attested()) +
                             " only: after it lies more than backup.retention.max_gap without a backup";
        }
        return judgement;
    }

private:
    struct Reason {
        std::string brief;
        std::string text;
    };

    void weigh_holds() {
        for (std::size_t i = 0; i < points_.size(); ++i) {
            if (points_[i].hold) stays_[i].push_back({"hold", "hold: " + *points_[i].hold});
        }
    }

    /// Time goes on as signed backups follow each other, not as the clock of today tells. A step that no calendar
    /// explains ends it: a clock that was wrong by years makes nothing old.
    [[nodiscard]] Time attested() const {
        Time until{};
        for (auto at = newest_first_.rbegin(); at != newest_first_.rend(); ++at) {
            const Point& point = points_[*at];
            const bool jumped = point.previous && point.started - *point.previous > policy_.max_gap;
            if (jumped) return std::max(until, *point.previous);
            until = point.started;
        }
        return until;
    }

    void weigh_law() {
        const Time today = attested();
        for (const std::size_t i : newest_first_) {
            const Point& point = points_[i];
            std::string by = point.legal_class;
            std::optional<Time> until = point.keep_until;
            if (policy_.legal != nullptr) {
                const Time now_wanted = add_years(point.started, policy_.legal->years);
                if (!until || *until < now_wanted) {
                    until = now_wanted;
                    by = policy_.legal->name;
                }
            }
            if (!until || *until <= today) continue;
            waits_for_clock_ = waits_for_clock_ || *until <= points_[newest_first_.front()].started;
            lawful_[i] = true;
            stays_[i].push_back({"class " + by, "class " + by + " until " + day_text(*until)});
        }
    }

    void weigh(Period period) {
        const auto found = policy_.keep.find(period);
        const unsigned most = found == policy_.keep.end() ? 0 : found->second;
        if (most == 0) return;
        unsigned used = 0;
        std::string current;
        const std::string adverb(name(period));
        for (const std::size_t i : newest_first_) {
            const std::string bucket = bucket_of(period, points_[i].started);
            const std::string text = adverb + " " + bucket;
            if (bucket == current) {
                lost_[i].push_back(text + (used > most ? ": older than the last " + std::to_string(most)
                                                       : ": a newer one stands for it"));
                continue;
            }
            current = bucket;
            if (++used <= most) {
                stays_[i].push_back({text, text});
            } else {
                lost_[i].push_back(text + ": older than the last " + std::to_string(most));
            }
        }
    }

    void weigh_last() {
        const std::string last = "last " + std::to_string(policy_.keep_last);
        for (std::size_t at = 0; at < newest_first_.size(); ++at) {
            const std::size_t i = newest_first_[at];
            if (at < policy_.keep_last) {
                stays_[i].push_back({last, "one of the " + last});
            } else if (policy_.keep_last > 0) {
                lost_[i].push_back("not one of the " + last);
            }
        }
        if (!newest_first_.empty()) stays_[newest_first_.front()].push_back({"last good", "the last good one"});
    }

    [[nodiscard]] Verdict conclude(std::size_t i) const {
        const Point& point = points_[i];
        Verdict verdict;
        verdict.id = point.id;
        for (const Reason& reason : stays_[i])
            verdict.why.push_back(reason.text);
        if (!stays_[i].empty()) verdict.brief = stays_[i].front().brief;
        const std::size_t more = stays_[i].size();
        if (point.hold) {
            verdict.by = Verdict::By::hold;
        } else if (!point.trouble.empty()) {
            verdict.by = Verdict::By::trouble;
        } else if (lawful_[i] && more == 1) {
            verdict.by = Verdict::By::law;
        }
        if (!point.trouble.empty()) verdict.why.push_back("does not count: " + point.trouble);
        if (policy_.retention == Policy::Retention::unset) {
            verdict.why.emplace_back("there is no retention");
        } else if (verdict.why.empty()) {
            verdict.fate = Verdict::Fate::goes;
            verdict.brief = "would go";
            verdict.why = lost_[i];
        }
        return verdict;
    }

    void find_stop(Time now, Judgement& judgement) const {
        if (newest_first_.empty()) return;
        const Point& newest = points_[newest_first_.front()];
        const std::string clock = "the clock says " + render_time(now).substr(0, 19) + "Z, ";
        const auto days = [](auto span) { return std::to_string(std::chrono::floor<std::chrono::days>(span).count()); };
        if (newest.started > now) {
            judgement.stop = clock + "but " + newest.id + " is of a time to come";
            judgement.hint = "set the clock right";
        } else if (now - newest.started > policy_.max_gap) {
            judgement.stop = clock + "which is " + days(now - newest.started) + " days after the newest good backup, " +
                             newest.id + ": either it is wrong, or backups have stopped";
            judgement.hint = "make a backup first";
        } else if (newest.previous && newest.started - *newest.previous > policy_.max_gap) {
            judgement.stop = "between " + newest.id + " and the backup before it lie " +
                             days(newest.started - *newest.previous) + " days: the clock may have been wrong";
            judgement.hint = "if it was right, another backup shows it";
        }
    }

    std::span<const Point> points_;
    const Policy& policy_;
    std::vector<std::size_t> newest_first_;  ///< of those that count
    std::vector<std::vector<Reason>> stays_;
    std::vector<std::vector<std::string>> lost_;
    std::vector<bool> lawful_;
    bool waits_for_clock_ = false;  ///< a class would be over, had the time no gap
};

}  // namespace

std::span<const LegalClass> legal_classes() {
    return classes;
}

const LegalClass* find_class(std::string_view name) {
    const auto* const found =
        std::find_if(classes.begin(), classes.end(), [&](const LegalClass& one) { return one.name == name; });
    return found == classes.end() ? nullptr : found;
}

Time add_years(Time time, unsigned years) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    year_month_day date{day};
    date += std::chrono::years{static_cast<int>(years)};
    if (!date.ok()) date = date.year() / March / 1;
    return sys_days{date} + (time - day);
}

std::string_view name(Period period) {
    switch (period) {
        case Period::hour:
            return "hourly";
        case Period::day:
            return "daily";
        case Period::week:
            return "weekly";
        case Period::month:
            return "monthly";
        case Period::year:
            return "yearly";
    }
    return "";
}

std::string bucket_of(Period period, Time time) {
    const std::string text = render_time(time);
    switch (period) {
        case Period::hour:
            return text.substr(0, 13);
        case Period::day:
            return text.substr(0, 10);
        case Period::week:
            return week_of(time);
        case Period::month:
            return text.substr(0, 7);
        case Period::year:
            return text.substr(0, 4);
    }
    return "";
}

Judgement judge(std::span<const Point> points, const Policy& policy, Time now) {
    return Scales(points, policy).judge(now);
}

}  // namespace flowlet::commands::backup
