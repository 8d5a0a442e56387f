#include "kube/notebook.h"

#include <algorithm>
#include <utility>

namespace flowlet::kube::verdict {

namespace {

constexpr std::size_t longest_page = 32;

void erase_unused(auto& pages, const std::string& owner, const std::set<std::string>& used) {
    auto at = pages.lower_bound(owner);
    while (at != pages.end() && at->first.starts_with(owner)) {
        at = used.contains(at->first) ? std::next(at) : pages.erase(at);
    }
}

}  // namespace

Notebook::Notebook(Seen& seen, Told& told, std::string owner, Time now)
    : seen_(seen), told_(told), owner_(std::move(owner) + '\n'), now_(now) {}

Time Notebook::since(const std::string& key) {
    const auto full = owner_ + key;
    used_.insert(full);
    return seen_.try_emplace(full, now_).first->second;
}

std::vector<std::string>& Notebook::page(const std::string& key) {
    const auto full = owner_ + key;
    used_.insert(full);
    return told_[full];
}

const std::vector<std::string>& Notebook::collect(const std::string& key, const std::string& text) {
    auto& lines = page(key);
    const bool is_new = !text.empty() && std::find(lines.begin(), lines.end(), text) == lines.end();
    if (is_new && lines.size() < longest_page) lines.push_back(text);
    return lines;
}

const std::vector<std::string>& Notebook::follow(const std::string& key, const std::string& text) {
    auto& lines = page(key);
    const bool is_new = !text.empty() && (lines.empty() || lines.back() != text);
    if (is_new && lines.size() < longest_page) lines.push_back(text);
    return lines;
}

void Notebook::forget_the_rest() {
    erase_unused(seen_, owner_, used_);
    erase_unused(told_, owner_, used_);
}

}  // namespace flowlet::kube::verdict
