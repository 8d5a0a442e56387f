#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <random>

#include "commands/backup/calendar.h"

namespace flowlet::commands::backup {
namespace {

Time at(const char* text) {
    return parse_time(text).value();
}

std::string after(const char* calendar, const char* time) {
    const std::optional<Time> found = next(parse_calendar(calendar), at(time));
    return found ? render_time(*found).substr(0, 16) : "never";
}

TEST(BackupCalendar, the_next_time_is_found) {
    struct Row {
        const char* calendar;
        const char* after;
        const char* next;
    };
    for (const Row& row : std::to_array<Row>({
             {"15 2 * * *", "2026-11-21T22:00:00Z", "2026-11-22T02:15"},
             {"15 2 * * *", "2026-11-22T02:14:59Z", "2026-11-22T02:15"},
             {"15 2 * * *", "2026-11-22T02:15:00Z", "2026-11-23T02:15"},
             {"* * * * *", "2026-12-31T23:59:30Z", "2027-01-01T00:00"},
             {"*/15 9-17 * * mon-fri", "2026-11-21T12:00:00Z", "2026-11-23T09:00"},
             {"0 0 29 2 *", "2026-11-21T00:00:00Z", "2028-02-29T00:00"},
             {"0 0 29 feb *", "2096-03-01T00:00:00Z", "2104-02-29T00:00"},
             {"0 0 30 2 *", "2026-11-21T00:00:00Z", "never"},
             {"0 0 31 4,6,9,11 *", "2026-11-21T00:00:00Z", "never"},
             {"0 0 13 * fri", "2026-11-21T00:00:00Z", "2026-11-27T00:00"},
             {"0 0 13 * 5", "2026-12-12T00:00:00Z", "2026-12-13T00:00"},
             {"0 0 * * 0", "2026-11-21T00:00:00Z", "2026-11-22T00:00"},
             {"0 0 * * 7", "2026-11-21T00:00:00Z", "2026-11-22T00:00"},
             {"0 0 * * sat-sun", "2026-11-22T00:00:00Z", "2026-11-28T00:00"},
             {"0 0 1-31 * mon", "2026-11-21T00:00:00Z", "2026-11-22T00:00"},
             {"@daily", "2026-11-21T00:00:00Z", "2026-11-22T00:00"},
             {"@hourly", "2026-11-21T00:00:00Z", "2026-11-21T01:00"},
             {"@weekly", "2026-11-21T00:00:00Z", "2026-11-22T00:00"},
             {"@monthly", "2026-11-21T00:00:00Z", "2026-12-01T00:00"},
             {"@annually", "2026-11-21T00:00:00Z", "2027-01-01T00:00"},
             {"  5\t4  *   * *  ", "2026-11-21T00:00:00Z", "2026-11-21T04:05"},
         }))
        EXPECT_EQ(after(row.calendar, row.after), row.next) << row.calendar << " after " << row.after;
}

std::string refused(const std::string& text) {
    try {
        parse_calendar(text);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::usage);
        EXPECT_NE(std::string(error.what()).find("\"" + printable(trim(text)) + "\""), std::string::npos)
            << error.what();
        EXPECT_NE(error.hint(), "");
        return error.what();
    }
    return "it was taken";
}

TEST(BackupCalendar, what_is_none_is_refused_with_the_text_and_the_field) {
    struct Row {
        const char* text;
        const char* words;
    };
    for (const Row& row : std::to_array<Row>({
             {"", "0 fields instead of five"},
             {"1 2 3 4", "4 fields instead of five"},
             {"0 15 2 * * *", "6 fields instead of five"},
             {"60 2 * * *", "minute: 60 is not from 0 to 59"},
             {"0 24 * * *", "hour: 24 is not from 0 to 23"},
             {"0 0 0 * *", "day of the month: 0 is not from 1 to 31"},
             {"0 0 * 13 *", "month: 13 is not from 1 to 12"},
             {"0 0 * * 8", "day of the week: 8 is not from 0 to 7"},
             {"0 0 * * mony", "day of the week: \"mony\" is no number or name"},
             {"0 jan * * *", "hour: \"jan\" is no number"},
             {"5- * * * *", "minute: \"\" is no number"},
             {"1,,2 * * * *", "minute: \"\" is no number"},
             {"+5 * * * *", "minute: \"+5\" is no number"},
             {"-5 * * * *", "minute: \"\" is no number"},
             {"0005 * * * *", "minute: \"0005\" is no number"},
             {"0 22-2 * * *", "hour: 22-2 ends before it begins"},
             {"*/0 * * * *", "minute: \"0\" is no step"},
             {"*/90 * * * *", "minute: a step of 90 never reaches a second time"},
             {"*/ * * * *", "minute: \"\" is no step"},
             {"1-5/2/2 * * * *", "minute: \"2/2\" is no step"},
             {"5/15 * * * *", "minute: 5/15: a step needs a range"},
             {"*,5 * * * *", "minute: a * in a list"},
             {"0 0 */2 * mon", "day of the month: */2 together with the other kind of day"},
             {"0 0 1 * */2", "day of the week: */2 together with the other kind of day"},
             {"@reboot", "is no time that comes again"},
             {"@dayly", "is no time that comes again"},
             {"0 0 * * * \x1b[31m", "6 fields"},
         }))
        EXPECT_NE(refused(row.text).find(row.words), std::string::npos) << row.text << ": " << refused(row.text);
}

// ---- against a slow reading of the same fields ------------------------------------------------------------------

/// One field as it was made up: its text, and what it means, kept apart from the parser.
struct Made {
    std::string text;
    std::array<bool, 64> holds{};
    bool star = false;
};

class Maker {
public:
    explicit Maker(unsigned seed) : random_(seed) {}

    int below(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

    Made star(int first, int last) {
        Made made{"*", {}, true};
        for (int value = first; value <= last; ++value)
            made.holds.at(static_cast<std::size_t>(value)) = true;
        return made;
    }
    Made field(int first, int last) {
        if (below(3) == 0) return star(first, last);
        Made made;
        for (int items = 1 + below(3); items > 0; --items) {
            const int from = first + below(last - first + 1);
            const int to = from + below(last - from + 1);
            const int step = to > from && below(2) == 0 ? 1 + below(to - from) : 1;
            made.text += (made.text.empty() ? "" : ",") + std::to_string(from);
            if (to > from) made.text += "-" + std::to_string(to);
            if (step > 1) made.text += "/" + std::to_string(step);
            for (int value = from; value <= to; value += step)
                made.holds.at(static_cast<std::size_t>(value)) = true;
        }
        return made;
    }

private:
    std::mt19937 random_;
};

struct Case {
    std::array<Made, 5> fields;
    std::string text;
};

Case make(Maker& maker) {
    Case made{{maker.field(0, 59), maker.field(0, 23), maker.field(1, 31), maker.field(1, 12), maker.field(0, 7)}, ""};
    made.fields[4].holds[0] = made.fields[4].holds[0] || made.fields[4].holds[7];
    for (const Made& field : made.fields)
        made.text += (made.text.empty() ? "" : " ") + field.text;
    return made;
}

/// As the manual of cron says it, and with the C library's own calendar.
bool matches(const Case& made, std::time_t time) {
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    const auto holds = [&](std::size_t field, int value) {
        return made.fields.at(field).holds.at(static_cast<std::size_t>(value));
    };
    if (!holds(0, parts.tm_min) || !holds(1, parts.tm_hour) || !holds(3, parts.tm_mon + 1)) return false;
    const bool day = holds(2, parts.tm_mday);
    const bool weekday = holds(4, parts.tm_wday);
    return made.fields[2].star || made.fields[4].star ? day && weekday : day || weekday;
}

TEST(BackupCalendar, next_is_what_going_through_every_minute_finds) {
    constexpr unsigned seed = 20261121;
    constexpr int cases = 300;
    constexpr int most_minutes = 60 * 24 * 40;
    Maker maker(seed);
    int found_some = 0;
    for (int i = 0; i < cases; ++i) {
        const Case made = make(maker);
        const std::time_t start = 1780000000 + static_cast<std::time_t>(maker.below(200000000));
        const auto found = next(parse_calendar(made.text), Time(std::chrono::seconds(start)));
        std::time_t minute = start - start % 60 + 60;
        const std::time_t end = minute + std::time_t{60} * most_minutes;
        while (minute < end && !matches(made, minute))
            minute += 60;
        if (minute == end) {
            EXPECT_TRUE(!found || *found >= Time(std::chrono::seconds(end))) << made.text;
            continue;
        }
        ++found_some;
        ASSERT_TRUE(found) << made.text;
        EXPECT_EQ(render_time(*found), render_time(Time(std::chrono::seconds(minute)))) << made.text << " " << start;
    }
    EXPECT_GT(found_some, cases / 2);
}

TEST(BackupCalendar, the_numbers_that_are_written_mean_the_same) {
    Maker maker(7);
    for (int i = 0; i < 2000; ++i) {
        const Case made = make(maker);
        const Calendar calendar = parse_calendar(made.text);
        EXPECT_EQ(parse_calendar(render_cron(calendar)), calendar) << made.text << " → " << render_cron(calendar);
    }
}

TEST(BackupCalendar, it_is_written_so_that_every_cron_reads_it_alike) {
    EXPECT_EQ(render_cron(parse_calendar("*/15 2 * jan-mar,dec 7")), "0,15,30,45 2 * 1-3,12 0");
    EXPECT_EQ(render_cron(parse_calendar("0 0 1-31 * mon")), "0 0 * * *");
    EXPECT_EQ(render_cron(parse_calendar("@daily")), "0 0 * * *");
}

TEST(BackupCalendar, systemd_gets_a_line_for_each_kind_of_day) {
    using Lines = std::vector<std::string>;
    EXPECT_EQ(render_systemd(parse_calendar("15 2 * * *")), Lines{"*-*-* 02:15:00 UTC"});
    EXPECT_EQ(render_systemd(parse_calendar("* * * * *")), Lines{"*-*-* *:*:00 UTC"});
    EXPECT_EQ(render_systemd(parse_calendar("0 0 * 1-3 mon-fri")),
              Lines{"Mon,Tue,Wed,Thu,Fri *-01..03-* 00:00:00 UTC"});
    EXPECT_EQ(render_systemd(parse_calendar("0 0 13 * fri")), (Lines{"*-*-13 00:00:00 UTC", "Fri *-*-* 00:00:00 UTC"}));
}

}  // namespace
}  // namespace flowlet::commands::backup
