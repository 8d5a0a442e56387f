#include "console/look.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace flowlet::console {
namespace {

bool wants_color(const Surroundings& surroundings, Color wish) {
    if (wish != Color::automatic) return wish == Color::always;
    const auto value = [&](const char* name) { return surroundings.variable(name).value_or(""); };
    if (!value("NO_COLOR").empty()) return false;
    if (const std::string force = value("CLICOLOR_FORCE"); !force.empty() && force != "0") return true;
    return value("CLICOLOR") != "0" && value("TERM") != "dumb" && surroundings.terminal;
}

bool speaks_unicode(const Surroundings& surroundings) {
    for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const std::string locale = lower_case(surroundings.variable(name).value_or(""));
        if (locale.empty()) continue;
        return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    }
    return false;
}

std::optional<std::string> read_variable(const char* name) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes its own environment
    const char* const value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

Look decide_look(const Surroundings& surroundings, Color wish) {
    Look look;
    look.color = wants_color(surroundings, wish);
    look.unicode = speaks_unicode(surroundings);
    // A dumb terminal cannot move its cursor, so nothing is redrawn on it.
    look.terminal = surroundings.terminal && surroundings.variable("TERM").value_or("") != "dumb";
    look.width = std::max(1, surroundings.width.value_or(look.width));
    return look;
}

std::optional<int> terminal_width(int descriptor) {
    winsize size{};
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
}

Look find_look(int descriptor, Color wish) {
    return decide_look({read_variable, isatty(descriptor) == 1, terminal_width(descriptor)}, wish);
}

}  // namespace flowlet::console
