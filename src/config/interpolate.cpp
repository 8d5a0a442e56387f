#include "config/interpolate.h"

#include <algorithm>

#include "flowlet/config.h"

namespace flowlet::config {
namespace {

bool starts_name(char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') || letter == '_';
}

bool is_name(std::string_view text) {
    return !text.empty() && starts_name(text.front()) && std::all_of(text.begin(), text.end(), [](char letter) {
        return starts_name(letter) || (letter >= '0' && letter <= '9');
    });
}

/// What stands between "${" and "}".
Interpolated resolve(std::string_view inside, const Lookup& lookup) {
    if (inside.starts_with("file:")) {
        return {"", "${file:…} is for secret keys only"};
    }
    if (inside.find("${") != std::string_view::npos) {
        return {"", "a ${…} inside another is not supported"};
    }
    const std::size_t colon = inside.find(':');
    const std::string name(inside.substr(0, colon));
    const std::string_view rest = colon == std::string_view::npos ? "" : inside.substr(colon);
    const bool has_default = rest.starts_with(":-");
    const bool has_message = rest.starts_with(":?");
    if (!is_name(name) || (!rest.empty() && !has_default && !has_message)) {
        return {"", "cannot read ${" + std::string(inside) + "}; write ${NAME}, ${NAME:-default} or ${NAME:?message}"};
    }
    const std::optional<std::string> value = lookup(name);
    if (value && (rest.empty() || !value->empty())) return {*value, ""};
    if (has_default) return {std::string(rest.substr(2)), ""};
    std::string problem = "the environment variable " + name + (value ? " is empty" : " is not set");
    if (rest.size() > 2) problem += ": " + std::string(rest.substr(2));
    return {"", problem};
}

/// What the `$` at the beginning of a text stands for, and how many bytes it takes with what belongs to it.
struct Piece {
    Interpolated is;
    std::size_t bytes = 1;
};
Piece read_dollar(std::string_view text, const Lookup& lookup) {
    const char next = text.size() > 1 ? text[1] : '\0';
    if (next == '$') return {{"$", ""}, 2};
    if (starts_name(next)) {
        return {{"", "a $ before a letter is ambiguous: write ${NAME} for a variable, $$ for a plain $"}};
    }
    if (next != '{') return {{"$", ""}};
    const std::size_t end = text.find('}');
    if (end == std::string_view::npos) return {{"", "a ${ without its }; a plain $ is written $$"}};
    return {resolve(text.substr(2, end - 2), lookup), end + 1};
}

}  // namespace

Interpolated interpolate(std::string_view text, const Lookup& lookup) {
    Interpolated result;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t dollar = std::min(text.find('$', at), text.size());
        result.text += text.substr(at, dollar - at);
        if (dollar == text.size()) break;
        const Piece piece = read_dollar(text.substr(dollar), lookup);
        if (!piece.is.problem.empty()) return piece.is;
        result.text += piece.is.text;
        at = dollar + piece.bytes;
    }
    return result;
}

std::vector<std::string> variables_in(std::string_view raw) {
    std::vector<std::string> names;
    const Lookup note = [&names](const std::string& name) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        return std::optional<std::string>("x");
    };
    interpolate(raw, note);
    return names;
}

bool has_reference(std::string_view text) {
    return text.find("${") != std::string_view::npos;
}

}  // namespace flowlet::config
