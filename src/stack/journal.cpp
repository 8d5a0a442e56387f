#include "stack/journal.h"

#include "flowlet/services.h"

namespace flowlet::stack {
namespace {

constexpr std::size_t kept_in_memory = std::size_t{16} << 10U;
constexpr std::size_t lines_shown = 20;

}  // namespace

/// No two batches have the same, so that whoever reads the files and then follows misses nothing and reads nothing
/// twice.
Time Journal::stamp(Time now) {
    last_stamp_ = std::max(now, last_stamp_ + std::chrono::microseconds(1));
    return last_stamp_;
}

void Journal::add(host::Keeper& keeper, const std::string& service, std::string_view lines, Time now) {
    const std::string stamped = services::prefix_lines(render_time(stamp(now)) + " ", lines);
    write(service, stamped);
    std::string& tail = tails_[service];
    tail.append(lines.size() > kept_in_memory ? lines.substr(lines.size() - kept_in_memory) : lines);
    if (tail.size() > 2 * kept_in_memory) tail.erase(0, tail.size() - kept_in_memory);
    for (const auto& [caller, wanted] : followers_) {
        if (!wanted.empty() && !wanted.contains(service)) continue;
        keeper.answer(caller, 200, services::prefix_lines(service + "\t", stamped), host::Keeper::More::more);
    }
}

void Journal::write(const std::string& service, std::string_view stamped) {
    try {
        auto& file = files_[service];
        if (!file) file = host_.open_log(stack_.logs + "/" + service + ".log", stack_.log_limit, stack_.log_older);
        file->append(stamped);
    } catch (const Error& error) {
        if (complaint_.empty()) complaint_ = error.what();
    }
}

void Journal::follow(host::Keeper& keeper, int caller, const std::vector<std::string>& services, Time now) {
    followers_[caller] = {services.begin(), services.end()};
    keeper.answer(caller, 200, render_time(stamp(now)) + "\n", host::Keeper::More::more);
}

void Journal::end(host::Keeper& keeper) {
    for (const auto& [caller, wanted] : followers_)
        keeper.answer(caller, 200, "", host::Keeper::More::last);
    followers_.clear();
}

std::vector<std::string> Journal::last(const std::string& service) const {
    const auto tail = tails_.find(service);
    return tail == tails_.end() ? std::vector<std::string>{} : last_lines(printable(tail->second), lines_shown);
}

}  // namespace flowlet::stack
