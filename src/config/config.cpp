#include "flowlet/config.h"

#include <nlohmann/json.hpp>

#include "config/check.h"
#include "config/interpolate.h"
#include "config/layers.h"
#include "config/override.h"
#include "config/schema.h"
#include "flowlet/stream.h"

namespace flowlet::config {
namespace {

const Key& key_of(std::string_view path) {
    const Key* const key = find_key(path);
    if (key == nullptr) throw Error(Kind::bug, "the configuration has no key " + std::string(path));
    return *key;
}

void expect(const Key& key, Type type) {
    if (key.type != type) throw Error(Kind::bug, "the key " + std::string(key.path) + " was read as another type");
}

std::string example(const Key& key) {
    switch (key.type) {
        case Type::boolean:
            return "true";
        case Type::integer:
            return "1";
        case Type::duration:
            return "10m";
        case Type::list:
        case Type::words:
            return "[…]";
        case Type::map:
            return "{…}";
        default:
            return "…";
    }
}

}  // namespace

const Value* Config::find(std::string_view path) const {
    const auto found = values_.find(path);
    if (found != values_.end()) return &found->second;
    key_of(path);
    return nullptr;
}

const Value& Config::require(std::string_view path) const {
    if (const Value* const value = find(path)) return *value;
    const Key& key = key_of(path);
    const std::string where = environment_.empty() ? "" : " for the environment " + environment_;
    throw Error(Kind::config, file_ + ": " + std::string(path) + " is not set" + where,
                "write `" + std::string(path) + ": " + example(key) + "`: " + std::string(key.text));
}

std::string Config::text(std::string_view path) const {
    const Value* const value = find(path);
    return value == nullptr ? "" : value->text;
}

bool Config::boolean(std::string_view path) const {
    expect(key_of(path), Type::boolean);
    return require(path).text == "true";
}

long Config::integer(std::string_view path) const {
    expect(key_of(path), Type::integer);
    return std::stol(require(path).text);
}

Millis Config::duration(std::string_view path) const {
    expect(key_of(path), Type::duration);
    return parse_duration(require(path).text).value_or(Millis(0));
}

std::vector<std::string> Config::list(std::string_view path) const {
    if (const Key& key = key_of(path); !is_list(key.type)) expect(key, Type::list);
    const Value* const value = find(path);
    return value == nullptr ? std::vector<std::string>{} : value->list;
}

std::string Config::path(std::string_view path) const {
    const Key& key = key_of(path);
    expect(key, Type::path);
    const Value* const value = find(path);
    if (value == nullptr) return "";
    const bool has_slash = value->text.find('/') != std::string::npos;
    const PathForm form = path_form(key);
    if (form == PathForm::program && !has_slash) return value->text;
    if (form == PathForm::location && value->text.find("://") != std::string::npos) return value->text;
    return absolute(*this, value->text);
}

std::vector<std::string> Config::children(std::string_view path) const {
    const std::vector<std::string> segments = split(path, '.');
    const auto section = find_section(segments);
    if (!section || !section->named) throw Error(Kind::bug, "no names stand below " + std::string(path));
    return names_below(values_, path);
}

std::vector<std::string> Config::paths() const {
    std::vector<std::string> paths;
    paths.reserve(values_.size());
    for (const auto& [path, value] : values_)
        paths.push_back(path);
    return paths;
}

std::vector<Value> Config::candidates(std::string_view path) const {
    key_of(path);
    const auto said = said_.find(path);
    if (said == said_.end()) return {};
    return {said->second.rbegin(), said->second.rend()};
}

std::optional<Place> Config::lock(std::string_view path) const {
    for (const auto& [lock, place] : locks_) {
        if (is_held(lock, path)) return place;
    }
    return std::nullopt;
}

std::string Config::digest() const {
    std::string text;
    for (const auto& [path, value] : values_) {
        // The hash of a short secret would give it away.
        const bool hidden = key_of(path).secret && !has_reference(value.text);
        const nlohmann::json line = {path, hidden ? "(literal)" : value.text, value.list};
        text += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
    }
    return stream::sha256_hex(text);
}

const Key& find(std::string_view path) {
    if (const Key* const key = find_key(path)) return *key;
    throw Error(Kind::usage, printable(path) + ": " + explain_unknown(cut(path)));
}

std::string render(const Key& key, const Value& value) {
    if (value.reset) return "null";
    if (key.secret && !has_reference(value.text)) return "***";
    if (!is_list(key.type)) return printable(value.text);
    std::vector<std::string> items;
    for (const std::string& item : value.list)
        items.push_back(printable(item));
    return "[" + join(items, ", ") + "]";
}

std::string absolute(const Config& config, std::string_view path) {
    if (path.starts_with('/')) return std::string(path);
    while (path.starts_with("./"))
        path.remove_prefix(2);
    if (path.empty() || path == ".") return config.root();
    const std::string& root = config.root();
    return root + (root.ends_with('/') ? "" : "/") + std::string(path);
}

}  // namespace flowlet::config
