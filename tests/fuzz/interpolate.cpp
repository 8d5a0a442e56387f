// ${NAME} in any text: a result that refers to nothing, or a problem in words; nothing that was put in is read again.
#include "config/interpolate.h"
#include "config/reference.h"

#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

using config::Interpolated;

/// What a variable's value would do if it were read again, or were shown in a problem.
constexpr std::string_view sly = "\x01${A}$$\x02";

Interpolated with(std::string_view text, std::string_view value) {
    return config::interpolate(text, [value](const std::string& name) {
        return name.size() % 2 == 0 ? std::nullopt : std::optional<std::string>(value);
    });
}

std::string without(std::string text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at))
        text.erase(at, word.size());
    return text;
}

std::string doubled(std::string_view text) {
    std::string out;
    for (const char letter : text)
        out += letter == '$' ? "$$" : std::string(1, letter);
    return out;
}

bool each_dollar_opens(std::string_view text) {
    for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
        if (text.substr(at, 2) != "${") return false;
    }
    return true;
}

void check_problem(const std::string& problem) {
    if (problem.empty()) return;
    fuzz::demand(problem.find(sly) == std::string::npos, "a problem does not tell a variable's value", problem);
}

void check(std::string_view text) {
    const Interpolated result = with(text, sly);
    check_problem(result.problem);
    fuzz::demand(result.problem.empty() || result.text.empty(), "a problem has no text beside it");
    const Interpolated escaped = with(doubled(text), sly);
    fuzz::demand(escaped.problem.empty() && escaped.text == text, "$$ keeps every text as it is", escaped.text);
    if (text.find('$') == std::string_view::npos) {
        fuzz::demand(result.text == text, "without a $ nothing changes", result.text);
    }
    if (!result.problem.empty()) return;
    if (each_dollar_opens(text)) {
        const std::string own = without(result.text, sly);
        fuzz::demand(own.find('$') == std::string::npos, "what is accepted refers to nothing any more", own);
    }
    fuzz::demand(with(text, sly).text == result.text, "one text has one result");
}

void check_parts(std::string_view left, std::string_view right) {
    if (left.ends_with('$')) return;
    const Interpolated first = with(left, sly);
    const Interpolated second = with(right, sly);
    const Interpolated both = with(std::string(left) + std::string(right), sly);
    if (first.problem.empty() && second.problem.empty()) {
        fuzz::demand(both.problem.empty() && both.text == first.text + second.text,
                     "two texts do not disturb each other", both.problem);
    }
}

void check_secret(std::string_view text) {
    const std::string problem = config::check_reference(text);
    check_problem(problem);
    fuzz::demand(text.size() < 20 || problem.find(text) == std::string::npos, "a secret is not told", problem);
    if (!config::has_reference(text)) fuzz::demand(problem.empty(), "plain text is no wrong reference", problem);
    if (config::has_reference(text) && problem.empty()) {
        fuzz::demand(text.starts_with("${") && text.find('}') == text.size() - 1, "a reference stands alone", text);
    }
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = flowlet::fuzz::text_of(data, size);
    flowlet::check(text);
    flowlet::check_secret(text);
    const std::size_t middle = size / 2;
    flowlet::check_parts(text.substr(0, middle), text.substr(middle));
    return 0;
}
