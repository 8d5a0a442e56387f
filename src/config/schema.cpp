#include "config/schema.h"

#include <algorithm>

namespace flowlet::config {
namespace {

bool matches(std::span<const std::string> pattern, std::span<const std::string> segments) {
    return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                      [](const std::string& wanted, const std::string& got) { return wanted == "*" || wanted == got; });
}

/// The paths of the table, cut at their dots, in its order: a long file asks for each of them once a line.
const std::vector<std::vector<std::string>>& patterns() {
    static const auto all = [] {
        std::vector<std::vector<std::string>> made;
        for (const Key& one : keys())
            made.push_back(split(one.path, '.'));
        return made;
    }();
    return all;
}

const std::vector<std::string>& pattern_of(const Key& key) {
    return patterns()[static_cast<std::size_t>(&key - keys().data())];
}

bool fits(const std::vector<std::string>& pattern, std::string_view path) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const bool last = i + 1 == pattern.size();
        const std::size_t end = last ? path.size() : path.find('.');
        if (end == std::string_view::npos || (last && path.empty())) return false;
        if (pattern[i] != "*" && pattern[i] != path.substr(0, end)) return false;
        if (!last) path.remove_prefix(end + 1);
    }
    return true;
}

/// A key elsewhere whose last word is the one that was written: `timeout` at the top is deploy.timeout.
std::optional<std::string> find_elsewhere(const std::string& word) {
    for (const Key& key : keys()) {
        if (pattern_of(key).back() == word && key.path.find('*') == std::string_view::npos) {
            return std::string(key.path);
        }
    }
    return std::nullopt;
}

}  // namespace

std::string dotted(std::span<const std::string> segments) {
    return join(segments, ".");
}

const Key* find_key(std::span<const std::string> segments) {
    const auto& all = patterns();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return matches(one, segments); });
    return found == all.end() ? nullptr : &keys()[static_cast<std::size_t>(found - all.begin())];
}

const Key* find_key(std::string_view path) {
    const auto& all = patterns();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return fits(one, path); });
    return found == all.end() ? nullptr : &keys()[static_cast<std::size_t>(found - all.begin())];
}

std::vector<std::string> cut(std::string_view path) {
    const Key* const key = find_key(path);
    if (key == nullptr) return split(path, '.');
    std::vector<std::string> segments;
    for (std::size_t left = pattern_of(*key).size(); left > 1; --left) {
        const std::size_t dot = path.find('.');
        segments.emplace_back(path.substr(0, dot));
        path.remove_prefix(dot + 1);
    }
    segments.emplace_back(path);
    return segments;
}

bool is_literal(std::span<const std::string> section, std::string_view name) {
    return std::any_of(patterns().begin(), patterns().end(), [&](const std::vector<std::string>& pattern) {
        return pattern.size() > section.size() && pattern[section.size()] == name &&
               matches(std::span(pattern).first(section.size()), section);
    });
}

std::optional<Section> find_section(std::span<const std::string> segments) {
    Section section;
    for (const Key& key : keys()) {
        const std::vector<std::string>& pattern = pattern_of(key);
        if (pattern.size() <= segments.size()) continue;
        if (!matches(std::span(pattern).first(segments.size()), segments)) continue;
        const std::string& word = pattern[segments.size()];
        if (word == "*") {
            section.named = true;
        } else if (std::find(section.words.begin(), section.words.end(), word) == section.words.end()) {
            section.words.push_back(word);
        }
    }
    if (section.words.empty() && !section.named) return std::nullopt;
    return section;
}

std::string explain_unknown(std::span<const std::string> segments) {
    std::size_t known = 0;
    std::optional<Section> section = find_section(segments.first(0));
    while (known < segments.size()) {
        std::optional<Section> below = find_section(segments.first(known + 1));
        if (!below) break;
        section = std::move(below);
        ++known;
    }
    if (known == segments.size()) return "is a section, not a value";
    const std::string& word = segments[known];
    if (const auto near = did_you_mean(word, section->words)) {
        std::vector<std::string> meant(segments.begin(), segments.end());
        meant[known] = *near;
        return "unknown key; did you mean " + dotted(meant) + "?";
    }
    if (const auto elsewhere = find_elsewhere(segments.back())) {
        return "unknown key; did you mean " + *elsewhere + "?";
    }
    return "unknown key";
}

bool file_only(const Key& key) {
    return key.path == "apiVersion" || key.path == "locked" || key.path.starts_with("environments.");
}

}  // namespace flowlet::config
