#include "fuzz/fuzz.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace flowlet::fuzz {

void demand(bool holds, std::string_view promise, std::string_view detail) {
    if (holds) return;
    std::cerr << "BROKEN: " << promise << "\n" << detail << std::endl;
    std::abort();
}

std::vector<std::string> parts_of(std::string_view input) {
    constexpr std::string_view cut = "%%\n";
    std::vector<std::string> parts(1);
    while (!input.empty()) {
        const std::string_view line = input.substr(0, std::min(input.find('\n'), input.size() - 1) + 1);
        if (line == cut) {
            parts.emplace_back();
        } else {
            parts.back() += line;
        }
        input.remove_prefix(line.size());
    }
    return parts;
}

std::string part(const std::vector<std::string>& parts, std::size_t index) {
    return index < parts.size() ? parts[index] : "";
}

std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view lines) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string& line : split(lines, '\n')) {
        const std::size_t equals = line.find('=');
        if (equals == std::string::npos || equals == 0) continue;
        pairs.emplace_back(line.substr(0, equals), line.substr(equals + 1));
    }
    return pairs;
}

bool is_utf8(std::string_view text) {
    // What is not is replaced.
    const std::string shown = printable(text);
    const auto marks = [](std::string_view in) {
        std::size_t count = 0;
        for (std::size_t at = in.find("\xEF\xBF\xBD"); at != std::string_view::npos;
             at = in.find("\xEF\xBF\xBD", at + 3))
            ++count;
        return count;
    };
    return marks(shown) == marks(text);
}

void demand_answer(const Error& error, std::initializer_list<Kind> kinds) {
    const std::string what = error.what();
    demand(std::find(kinds.begin(), kinds.end(), error.kind()) != kinds.end(),
           "an error about foreign text is of the kind that says so", std::string(name(error.kind())) + ": " + what);
    demand(!what.empty(), "an error says something");
    demand(printable(what) == what, "an error can be shown as it is", what);
    demand(printable(error.hint()) == error.hint(), "a hint can be shown as it is", error.hint());
    for (const std::string& line : split(what, '\n'))
        demand(!trim(line).empty(), "no line of an error is empty", what);
}

void demand_place(const Error& error, std::string_view file) {
    const std::string what = error.what();
    demand(what.starts_with(std::string(file) + ":"), "an error begins with its place", what);
    demand(what.find('\n') == std::string::npos, "an error about one place is one line", what);
    const std::vector<std::string> words = split(what.substr(file.size() + 1), ':');
    const auto number = [](const std::string& word) {
        return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos && word != "0";
    };
    demand(words.size() > 2 && number(words[0]) && number(words[1]), "a place has a line and a column", what);
}

}  // namespace flowlet::fuzz
