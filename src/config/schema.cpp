#include "config/schema.h"

#include <algorithm>

namespace flowlet::config {
namespace {

bool matches(std::span<const std::string> pattern, std::span<const std::string> segments) {
    return std::equal(pattern.begin(), pattern.end(), segments.begin(), segments.end(),
                      [](const std::string& wanted, const std::string& got) { return wanted == "*" || wanted == got; });
}

/// A long file asks for each key of the table once a line: the paths are split once.
const std::vector<std::string>& pattern_of(const Key& key) {
    static const auto patterns = [] {
        std::vector<std::vector<std::string>> made;
        for (const Key& one : keys())
            made.push_back(split(one.path, '.'));
        return made;
    }();
    return patterns[static_cast<std::size_t>(&key - keys().data())];
}

std::optional<std::vector<std::string>> cut_by(const Key& key, std::string_view path) {
    const std::vector<std::string>& pattern = pattern_of(key);
    if (pattern.front() != "*" && !path.starts_with(pattern.front())) return std::nullopt;
    std::vector<std::string> segments;
    std::string_view rest = path;
    while (segments.size() + 1 < pattern.size()) {
        const std::size_t dot = rest.find('.');
        if (dot == std::string_view::npos) return std::nullopt;
        segments.emplace_back(rest.substr(0, dot));
        rest.remove_prefix(dot + 1);
    }
    segments.emplace_back(rest);
    if (rest.empty() || !matches(pattern, segments)) return std::nullopt;
    return segments;
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
    for (const Key& key : keys()) {
        if (matches(pattern_of(key), segments)) return &key;
    }
    return nullptr;
}

const Key* find_key(std::string_view path) {
    for (const Key& key : keys()) {
        if (cut_by(key, path)) return &key;
    }
    return nullptr;
}

std::vector<std::string> cut(std::string_view path) {
    for (const Key& key : keys()) {
        if (auto segments = cut_by(key, path)) return *segments;
    }
    return split(path, '.');
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
