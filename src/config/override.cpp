#include "config/override.h"

#include <algorithm>
#include <array>

#include "config/check.h"
#include "config/schema.h"
#include "config/value.h"

namespace flowlet::config {
namespace {

constexpr std::string_view prefix = "FLOWLET_";
constexpr auto not_keys = std::to_array<std::string_view>({"FLOWLET_ENV", "FLOWLET_CACHE"});

/// A word as a variable's name spells it: capitals, and "_" for whatever a variable's name cannot hold.
std::string spell(std::string_view word) {
    std::string spelled;
    for (const char letter : word) {
        if (letter >= 'a' && letter <= 'z') {
            spelled += static_cast<char>(letter - 'a' + 'A');
        } else if (letter == '-' || letter == '.' || letter == '/') {
            spelled += '_';
        } else {
            spelled += letter;
        }
    }
    return spelled;
}

std::vector<std::string> split_variable(std::string_view rest) {
    std::vector<std::string> segments;
    std::size_t at = 0;
    for (std::size_t end = rest.find("__"); end != std::string_view::npos; end = rest.find("__", at)) {
        segments.emplace_back(rest.substr(at, end - at));
        at = end + 2;
    }
    segments.emplace_back(rest.substr(at));
    return segments;
}

/// A name that is in the file already, if the variable spells it; else the variable's own word in small letters.
std::string name_at(const Values& values, std::span<const std::string> above, const std::string& word) {
    for (const std::string& name : names_below(values, dotted(above))) {
        if (spell(name) == word) return name;
    }
    return lower_case(word);
}

std::optional<std::vector<std::string>> match_variable(const Key& key, std::span<const std::string> words,
                                                       const Values& values) {
    const std::vector<std::string> pattern = split(key.path, '.');
    if (pattern.size() != words.size()) return std::nullopt;
    std::vector<std::string> segments;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != "*" && spell(pattern[i]) != words[i]) return std::nullopt;
        segments.push_back(pattern[i] == "*" ? name_at(values, segments, words[i]) : pattern[i]);
    }
    return segments;
}

/// The variables there could be, with the names of this one in the free positions.
std::vector<std::string> similar_variables(std::span<const std::string> words) {
    std::vector<std::string> names(not_keys.begin(), not_keys.end());
    for (const Key& key : keys()) {
        std::vector<std::string> pattern = split(key.path, '.');
        for (std::size_t i = 0; i < pattern.size(); ++i) {
            pattern[i] = pattern[i] == "*" && i < words.size() ? words[i] : spell(pattern[i]);
        }
        if (!file_only(key)) names.push_back(std::string(prefix) + join(pattern, "__"));
    }
    return names;
}

/// True if all names at a "*" are names, and the key may be set here at all.
bool check_path(const Key& key, std::span<const std::string> segments, const Place& place, Findings& findings) {
    if (file_only(key)) {
        findings.add(place, dotted(segments) + ": may only be set in the file");
        return false;
    }
    const std::vector<std::string> pattern = split(key.path, '.');
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != "*") continue;
        if (const std::string problem = check_name(dotted(segments.first(i)), segments[i]); !problem.empty()) {
            findings.add(place, problem);
            return false;
        }
    }
    return true;
}

void apply_variable(const std::string& name, const std::string& text, Layers& layers, Findings& findings) {
    const Place place{name, 0, 0};
    const std::vector<std::string> words = split_variable(std::string_view(name).substr(prefix.size()));
    for (const Key& key : keys()) {
        const auto segments = match_variable(key, words, layers.now());
        if (!segments) continue;
        if (!check_path(key, *segments, place, findings)) return;
        if (auto value = read_text(key, text, place, {Layer::variable, References::plain, {}}, findings)) {
            layers.put(dotted(*segments), std::move(*value));
        }
        return;
    }
    const auto near = did_you_mean(name, similar_variables(words));
    findings.add(place, "stands for no key" + (near ? "; did you mean " + *near + "?" : std::string()),
                 "a variable is FLOWLET_ and the key's path in capitals, its segments joined by \"__\"");
}

/// What the user typed, without the value: that may be a secret, even under a misspelt key.
std::string without_value(const std::string& typed) {
    return typed.substr(0, typed.find('='));
}

void apply_override(const Request::Override& override, Layers& layers, Findings& findings) {
    const Place place{without_value(override.typed), 0, 0};
    const Key* const key = find_key(override.path);
    const std::vector<std::string> segments = cut(override.path);
    if (key == nullptr) {
        findings.add(place, printable(override.path) + ": " + explain_unknown(segments));
        return;
    }
    if (!check_path(*key, segments, place, findings)) return;
    if (key->secret && !has_reference(override.value)) {
        findings.add(place, override.path + ": a secret on a command line is seen by every process",
                     "put it into a file and write " + override.path + "='${file:/path}'");
        return;
    }
    if (auto value = read_text(*key, override.value, place, {Layer::flag, References::plain, {}}, findings)) {
        layers.put(override.path, std::move(*value));
    }
}

}  // namespace

std::string variable_of(std::string_view path) {
    std::vector<std::string> words = cut(path);
    for (std::string& word : words)
        word = spell(word);
    return std::string(prefix) + join(words, "__");
}

std::vector<std::string> names_below(const Values& values, std::string_view section) {
    const std::string start = std::string(section) + ".";
    const std::size_t depth = split(section, '.').size();
    std::vector<std::string> names;
    for (auto at = values.lower_bound(start); at != values.end() && at->first.starts_with(start); ++at) {
        const std::string name = cut(at->first)[depth];
        // The paths of one name stand together.
        if (names.empty() || names.back() != name) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

void apply_variables(const std::map<std::string, std::string>& variables, Layers& layers, Findings& findings) {
    for (const auto& [name, text] : variables) {
        if (std::find(not_keys.begin(), not_keys.end(), name) == not_keys.end()) {
            apply_variable(name, text, layers, findings);
        }
    }
}

void apply_overrides(std::span<const Request::Override> overrides, Layers& layers, Findings& findings) {
    for (const Request::Override& override : overrides)
        apply_override(override, layers, findings);
}

}  // namespace flowlet::config
