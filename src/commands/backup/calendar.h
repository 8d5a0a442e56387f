// Times that come again, as cron writes them: five fields, or a word such as @daily. Pure, and stricter than cron: what
// cron and Kubernetes read in two ways is refused.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flowlet/base.h"

namespace flowlet::commands::backup {

/// Which minutes, hours, days, months and weekdays. A set that is full does not choose at all.
struct Calendar {
    static constexpr std::size_t minutes = 60;
    static constexpr std::size_t hours = 24;
    static constexpr std::size_t days = 32;    // bit 0 is never set
    static constexpr std::size_t months = 13;  // bit 0 is never set
    static constexpr std::size_t weekdays = 7;

    std::bitset<minutes> minute;
    std::bitset<hours> hour;
    std::bitset<days> day;
    std::bitset<months> month;
    std::bitset<weekdays> weekday;  ///< 0 is Sunday
    friend bool operator==(const Calendar&, const Calendar&) = default;
};

/// Lists, ranges and steps of numbers; names of months and weekdays; 0 and 7 for Sunday; @hourly, @daily, @midnight,
/// @weekly, @monthly, @yearly, @annually. When days of the month and days of the week are chosen, either will do, as in
/// cron. Throws Error{usage} with the text, the field and what is wrong with it.
Calendar parse_calendar(std::string_view text);

/// The first minute after that time, in UTC. Nothing if there is none: a 30th of February.
std::optional<Time> next(const Calendar& calendar, Time after);

/// Five fields of numbers only, which every cron reads alike. parse_calendar reads them back.
std::string render_cron(const Calendar& calendar);
/// As systemd writes it, in UTC; two where days of the month and of the week are chosen, for either will do.
std::vector<std::string> render_systemd(const Calendar& calendar);

}  // namespace flowlet::commands::backup
