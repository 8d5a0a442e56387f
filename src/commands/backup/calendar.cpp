#include "commands/backup/calendar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

namespace flowlet::commands::backup {
namespace {

using Names = std::span<const std::string_view>;

constexpr auto month_names = std::to_array<std::string_view>(
    {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
constexpr auto weekday_names = std::to_array<std::string_view>({"sun", "mon", "tue", "wed", "thu", "fri", "sat"});
constexpr auto systemd_names = std::to_array<std::string_view>({"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"});

constexpr auto words = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
});

struct Field {
    std::string_view name;
    int first;
    int last;
    Names names;  ///< the first of them stands for `first`
    bool is_weekday = false;
};
constexpr std::size_t fields_in_all = 5;
const std::array<Field, fields_in_all> fields = {{
    {"minute", 0, 59, {}},
    {"hour", 0, 23, {}},
    {"day of the month", 1, 31, {}},
    {"month", 1, 12, month_names},
    {"day of the week", 0, 7, weekday_names, true},
}};

/// The values of one field, by number. 7 stands for Sunday until the end.
using Values = std::bitset<64>;

class FieldParser {
public:
    FieldParser(std::string_view whole, const Field& field, std::string_view text)
        : whole_(whole), field_(field), text_(text) {}

    Values parse() {
        if (text_ == "*") return range(field_.first, full_end(), 1);
        Values values;
        for (const std::string& item : split(text_, ','))
            values |= parse_item(item);
        if (field_.is_weekday && values[7]) values.set(0);
        if (field_.is_weekday) values.reset(7);
        return values;
    }

private:
    [[noreturn]] void refuse(const std::string& what, const std::string& hint = "") const {
        throw Error(Kind::usage, "\"" + printable(whole_) + "\": " + std::string(field_.name) + ": " + what,
                    hint.empty() ? "write minute, hour, day, month, weekday, such as \"15 2 * * *\"" : hint);
    }

    /// A star for weekdays ends at Saturday: 7 is another word for 0.
    [[nodiscard]] int full_end() const { return field_.is_weekday ? field_.last - 1 : field_.last; }

    Values parse_item(const std::string& item) const {
        const std::size_t slash = item.find('/');
        const std::string part = item.substr(0, slash);
        const std::size_t dash = part.find('-');
        int from = field_.first;
        int to = full_end();
        if (part == "*") {
            if (text_.find(',') != std::string_view::npos) refuse("a * in a list says nothing more than a * alone");
        } else {
            from = parse_value(part.substr(0, dash));
            to = dash == std::string::npos ? from : parse_value(part.substr(dash + 1));
            if (field_.is_weekday && to == 0 && dash != std::string::npos) to = field_.last;  // "sat-sun"
        }
        if (to < from) refuse(printable(part) + " ends before it begins", "write two ranges, such as 22-23,0-2");
        if (slash == std::string::npos) return range(from, to, 1);
        if (part != "*" && dash == std::string::npos) {
            refuse(printable(item) + ": a step needs a range or a * before it",
                   "write " + printable(part) + "-" + std::to_string(full_end()) + printable(item.substr(slash)));
        }
        return range(from, to, parse_step(item.substr(slash + 1), to - from));
    }

    [[nodiscard]] int parse_step(const std::string& text, int width) const {
        const std::optional<int> step = parse_number(text);
        if (!step || *step == 0) refuse("\"" + printable(text) + "\" is no step");
        if (*step > width) {
            refuse("a step of " + printable(text) + " never reaches a second time", "name the one value instead");
        }
        return *step;
    }

    [[nodiscard]] int parse_value(const std::string& text) const {
        const std::string lower = lower_case(text);
        const auto named = std::find(field_.names.begin(), field_.names.end(), lower);
        if (named != field_.names.end()) return field_.first + static_cast<int>(named - field_.names.begin());
        const std::optional<int> value = parse_number(text);
        if (!value)
            refuse("\"" + printable(text) + "\" is " + (field_.names.empty() ? "no number" : "no number or name"));
        if (*value < field_.first || *value > field_.last) {
            refuse(printable(text) + " is not from " + std::to_string(field_.first) + " to " +
                   std::to_string(field_.last));
        }
        return *value;
    }

    static std::optional<int> parse_number(const std::string& text) {
        constexpr std::size_t longest = 3;
        int value = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, value);
        const bool whole = error == std::errc() && stop == end && !text.empty() && text.size() <= longest;
        return whole && text.front() != '-' ? std::optional(value) : std::nullopt;
    }

    static Values range(int from, int to, int step) {
        Values values;
        for (int value = from; value <= to; value += step)
            values.set(static_cast<std::size_t>(value));
        return values;
    }

    std::string_view whole_;
    const Field& field_;
    std::string_view text_;
};

template <std::size_t size>
std::bitset<size> cut(const Values& values) {
    return std::bitset<size>(values.to_ullong());
}

/// Does it choose from all that a field may be? Bit 0 of days and months is none of them.
template <std::size_t size>
bool is_full(const std::bitset<size>& values, std::size_t first) {
    return values.count() == size - first;
}

bool any_day(const Calendar& calendar) {
    return is_full(calendar.day, 1);
}
bool any_weekday(const Calendar& calendar) {
    return is_full(calendar.weekday, 0);
}

/// cron takes a day field that begins with a * for one that does not choose, even with a step; Kubernetes does not.
void check_days(std::string_view whole, const std::string& day, const std::string& weekday) {
    const bool stepped_day = day.starts_with("*/") && weekday != "*";
    const bool stepped_weekday = weekday.starts_with("*/") && day != "*";
    if (!stepped_day && !stepped_weekday) return;
    throw Error(Kind::usage,
                "\"" + printable(whole) + "\": " + std::string(fields[stepped_day ? 2 : 4].name) + ": " +
                    printable(stepped_day ? day : weekday) + " together with the other kind of day " +
                    "is read one way by cron and another by Kubernetes",
                "write the days out, such as 1,3,5");
}

std::vector<std::string> split_fields(std::string_view text) {
    std::vector<std::string> found;
    std::string field;
    for (const char letter : text) {
        if (letter != ' ' && letter != '\t') {
            field += letter;
        } else if (!field.empty()) {
            found.push_back(std::exchange(field, {}));
        }
    }
    if (!field.empty()) found.push_back(field);
    return found;
}

std::string_view expand(std::string_view text) {
    if (!text.starts_with('@')) return text;
    std::vector<std::string> known;
    for (const auto& [word, meaning] : words) {
        if (word == text) return meaning;
        known.emplace_back(word);
    }
    const auto near = did_you_mean(text, known);
    throw Error(Kind::usage, "\"" + printable(text) + "\" is no time that comes again",
                near ? "did you mean " + *near + "?" : "known are " + join(known, ", "));
}

bool fits(const Calendar& calendar, const std::chrono::year_month_day& date) {
    if (!calendar.month[static_cast<unsigned>(date.month())]) return false;
    const bool day = calendar.day[static_cast<unsigned>(date.day())];
    const bool weekday = calendar.weekday[std::chrono::weekday(std::chrono::sys_days(date)).c_encoding()];
    if (any_day(calendar) || any_weekday(calendar)) return day && weekday;
    return day || weekday;
}

/// The first minute of that day that fits and is not before `from`.
std::optional<std::chrono::minutes> first_minute(const Calendar& calendar, std::chrono::minutes from) {
    for (auto minute = from; minute < std::chrono::days{1}; ++minute) {
        const auto hour = static_cast<std::size_t>(minute / std::chrono::hours{1});
        const auto rest = static_cast<std::size_t>((minute % std::chrono::hours{1}).count());
        if (calendar.hour[hour] && calendar.minute[rest]) return minute;
    }
    return std::nullopt;
}

std::string two_digits(std::size_t value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
}

/// "1-5,9", and with `between` as "..": "01..05,09".
template <std::size_t size, typename Write>
std::string render_set(const std::bitset<size>& values, std::size_t first, std::string_view between,
                       const Write& write) {
    if (is_full(values, first)) return "*";
    std::string text;
    for (std::size_t value = first; value < size; ++value) {
        if (!values[value]) continue;
        std::size_t end = value;
        while (end + 1 < size && values[end + 1])
            ++end;
        text += (text.empty() ? "" : ",") + write(value);
        if (end == value + 1) text += "," + write(end);
        if (end > value + 1) text += std::string(between) + write(end);
        value = end;
    }
    return text;
}

}  // namespace

Calendar parse_calendar(std::string_view text) {
    const std::string_view whole = trim(text);
    const std::vector<std::string> parts = split_fields(expand(whole));
    if (parts.size() != fields.size()) {
        throw Error(Kind::usage,
                    "\"" + printable(whole) + "\" has " + std::to_string(parts.size()) + " fields instead of five",
                    "write minute, hour, day, month, weekday, such as \"15 2 * * *\"");
    }
    std::array<Values, fields_in_all> values;
    for (std::size_t i = 0; i < fields.size(); ++i)
        values[i] = FieldParser(whole, fields[i], parts[i]).parse();
    check_days(whole, parts[2], parts[4]);
    Calendar calendar{cut<Calendar::minutes>(values[0]), cut<Calendar::hours>(values[1]),
                      cut<Calendar::days>(values[2]), cut<Calendar::months>(values[3]),
                      cut<Calendar::weekdays>(values[4])};
    // "1-31" with a weekday: either will do, and one of them always does.
    const bool both = parts[2] != "*" && parts[4] != "*";
    if (both && (any_day(calendar) || any_weekday(calendar))) {
        for (std::size_t day = 1; day < Calendar::days; ++day)
            calendar.day.set(day);
        calendar.weekday.set();
    }
    return calendar;
}

std::optional<Time> next(const Calendar& calendar, Time after) {
    using std::chrono::sys_days;
    // 29 February may be eight years away: from 2096 to 2104.
    constexpr std::chrono::days furthest{366 * 9};
    const auto start = std::chrono::floor<std::chrono::minutes>(after) + std::chrono::minutes{1};
    const sys_days first = std::chrono::floor<std::chrono::days>(start);
    for (sys_days day = first; day <= first + furthest; day += std::chrono::days{1}) {
        if (!fits(calendar, std::chrono::year_month_day(day))) continue;
        const auto from = day == first ? start - first : std::chrono::minutes{0};
        const auto found = first_minute(calendar, std::chrono::duration_cast<std::chrono::minutes>(from));
        if (found) return Time(day + *found);
    }
    return std::nullopt;
}

std::string render_cron(const Calendar& calendar) {
    const auto number = [](std::size_t value) { return std::to_string(value); };
    return render_set(calendar.minute, 0, "-", number) + " " + render_set(calendar.hour, 0, "-", number) + " " +
           render_set(calendar.day, 1, "-", number) + " " + render_set(calendar.month, 1, "-", number) + " " +
           render_set(calendar.weekday, 0, "-", number);
}

std::vector<std::string> render_systemd(const Calendar& calendar) {
    const auto set = [](const auto& values, std::size_t first) { return render_set(values, first, "..", two_digits); };
    const std::string time = set(calendar.hour, 0) + ":" + set(calendar.minute, 0) + ":00 UTC";
    const std::string month = "*-" + set(calendar.month, 1) + "-";
    std::vector<std::string> names;
    for (std::size_t day = 0; day < Calendar::weekdays; ++day) {
        if (calendar.weekday[day]) names.emplace_back(systemd_names[day]);
    }
    const std::string weekday = any_weekday(calendar) ? "" : join(names, ",") + " ";
    std::vector<std::string> found;
    if (!any_day(calendar)) found.push_back(month + set(calendar.day, 1) + " " + time);
    if (!weekday.empty() || found.empty()) found.push_back(weekday + month + "* " + time);
    return found;
}

}  // namespace flowlet::commands::backup
