// Which backups stay and which may go: pure, so that years of it can be tried out in a moment.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "flowlet/base.h"

namespace flowlet::commands::backup {

/// How long a rule of law wants records kept.
struct LegalClass {
    std::string_view name;
    unsigned years = 0;
    std::string_view source;
};
std::span<const LegalClass> legal_classes();
/// Nothing for "none" and for a name that is not known.
const LegalClass* find_class(std::string_view name);
/// The same day and time so many years later; of 29 February the 1 March, so that nothing ends too early.
Time add_years(Time time, unsigned years);

enum class Period { hour, day, week, month, year };
inline constexpr std::array<Period, 5> periods = {Period::hour, Period::day, Period::week, Period::month, Period::year};

/// "daily".
std::string_view name(Period period);
/// The calendar's own name of the hour, day … that a time lies in, in UTC: "2026-11-21T19", "2026-11-21", "2026-W47",
/// "2026-11", "2026".
std::string bucket_of(Period period, Time time);

/// What flowlet.yaml says.
struct Policy {
    enum class Retention { unset, set } retention = Retention::unset;  ///< unset: nothing ever goes
    unsigned keep_last = 0;
    std::map<Period, unsigned> keep;        ///< the newest of each of the last so many that have one
    const LegalClass* legal = nullptr;      ///< that of the configuration: it may lengthen what a manifest says
    Millis max_gap{Millis{744} * 3600000};  ///< a longer step between two backups is the clock's, not the calendar's
};

/// One backup, as far as it matters here.
struct Point {
    std::string id;
    Time started{};                                  ///< of the signed manifest
    std::optional<Time> previous = std::nullopt;     ///< when the one before it was begun, as its signed manifest says
    std::string trouble = {};                        ///< why it counts for nothing; empty: it counts
    std::string legal_class = {};                    ///< of the manifest
    std::optional<Time> keep_until = std::nullopt;   ///< of the manifest
    std::optional<std::string> hold = std::nullopt;  ///< why it is held
};

struct Verdict {
    std::string id;
    enum class Fate { stays, goes } fate = Fate::stays;
    /// What alone keeps it: nothing but the rules of the calendar, or something that no rule of theirs would have.
    enum class By { rule, law, hold, trouble } by = By::rule;
    std::string brief;             ///< the strongest reason in a word or two: "monthly 2026-11", "hold", "would go"
    std::vector<std::string> why;  ///< every reason, the strongest first
};

struct Judgement {
    std::vector<Verdict> verdicts;  ///< one for each point, in their order
    std::string stop;               ///< why nothing may be removed now, whatever the verdicts are; empty: it may
    std::string hint;
    std::string note;  ///< what is worth saying all the same
};

/// The newest backup of an hour, day … stands for it: it holds what the period came to, and once the period is over no
/// later one can take its place, so what is promised at its end is kept. Periods are counted back from the newest
/// that has a backup, not from now: where backups stop, none goes for its age alone.
Judgement judge(std::span<const Point> points, const Policy& policy, Time now);

}  // namespace flowlet::commands::backup
