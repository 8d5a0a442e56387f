#include "config/layers.h"

#include "config/schema.h"

namespace flowlet::config {

void Layers::put(const std::string& path, Value value) {
    said_[path].push_back(value);
    now_.insert_or_assign(path, std::move(value));
}

void Layers::put_below(const std::string& path, Value value) {
    std::vector<Value>& said = said_[path];
    said.insert(said.begin(), value);
    now_.try_emplace(path, std::move(value));
}

void Layers::reset(const std::string& path, bool section, Layer layer, const Place& place) {
    const auto take_back = [&](Values::iterator at) {
        said_[at->first].push_back({"", {}, layer, place, true});
        return now_.erase(at);
    };
    if (const auto found = now_.find(path); found != now_.end()) take_back(found);
    if (!section) return;
    const std::string start = path + ".";
    for (auto at = now_.lower_bound(start); at != now_.end() && at->first.starts_with(start);)
        at = take_back(at);
}

bool is_held(std::string_view lock, std::string_view path) {
    const std::vector<std::string> pattern = split(lock, '.');
    const std::vector<std::string> segments = cut(path);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == "**") return segments.size() > i;
        if (i >= segments.size() || (pattern[i] != "*" && pattern[i] != segments[i])) return false;
    }
    return pattern.size() == segments.size();
}

}  // namespace flowlet::config
