#include "flowlet/base.h"

#include <array>
#include <cstdio>

namespace flowlet {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads from the front of a text; `good` falls to false at the first thing that does not fit and stays there.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    int digits(std::size_t count) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!at_digit()) {
                good_ = false;
                return 0;
            }
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

    char one_of(std::string_view allowed) {
        if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) {
            good_ = false;
            return '\0';
        }
        const char found = rest_.front();
        rest_.remove_prefix(1);
        return found;
    }

    microseconds fraction() {
        if (rest_.empty() || rest_.front() != '.') return microseconds{0};
        rest_.remove_prefix(1);
        if (!at_digit()) good_ = false;
        microseconds value{0};
        for (int unit = 100000; at_digit(); unit /= 10) {
            value += microseconds{(rest_.front() - '0') * unit};
            rest_.remove_prefix(1);
        }
        return value;
    }

    std::optional<minutes> zone() {
        const char sign = one_of("Zz+-");
        if (sign == 'Z' || sign == 'z') return minutes{0};
        const int hour = digits(2);
        one_of(":");
        const int minute = digits(2);
        if (!good_ || hour > 23 || minute > 59) return std::nullopt;
        const minutes offset = hours{hour} + minutes{minute};
        return sign == '-' ? -offset : offset;
    }

    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    [[nodiscard]] bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

    std::string_view rest_;
    bool good_ = true;
};

std::optional<std::chrono::sys_days> read_date(Reader& reader) {
    const int year = reader.digits(4);
    reader.one_of("-");
    const int month = reader.digits(2);
    reader.one_of("-");
    const int day = reader.digits(2);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!reader.good() || !date.ok()) return std::nullopt;
    return std::chrono::sys_days{date};
}

// Second 60 is a leap second; it becomes the first of the next minute, as POSIX time has no other place for it.
std::optional<microseconds> read_clock(Reader& reader) {
    const int hour = reader.digits(2);
    reader.one_of(":");
    const int minute = reader.digits(2);
    reader.one_of(":");
    const int second = reader.digits(2);
    const microseconds fraction = reader.fraction();
    if (!reader.good() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return hours{hour} + minutes{minute} + seconds{second} + fraction;
}

}  // namespace

std::string render_time(Time time) {
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return out.data();
}

std::optional<Time> parse_time(std::string_view text) {
    Reader reader(text);
    const auto date = read_date(reader);
    reader.one_of("Tt");
    if (!date) return std::nullopt;
    const auto clock = read_clock(reader);
    const auto zone = reader.zone();
    if (!clock || !zone || !reader.good() || !reader.at_end()) return std::nullopt;
    const Time time = Time{*date} + *clock - *zone;
    // The offset may lead out of the years that four digits can name.
    const auto year = std::chrono::year_month_day{std::chrono::floor<days>(time)}.year();
    if (year < std::chrono::year{0} || year > std::chrono::year{9999}) return std::nullopt;
    return time;
}

}  // namespace flowlet
