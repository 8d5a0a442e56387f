#include "alarm/book.h"

#include <algorithm>

namespace flowlet::alarm {
namespace {

constexpr std::uint32_t owner_only = 0600;
constexpr std::uint32_t owner_only_folder = 0700;
constexpr std::size_t largest = std::size_t{16} << 20U;
constexpr Millis pause{50};
constexpr std::chrono::seconds patience{5};

/// Unlike that of any other job, and readable.
std::string file_of(const std::string& project, const std::string& job) {
    constexpr std::size_t enough = 8;
    std::string name = (project + "-" + job).substr(0, 100);
    const auto is_plain = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '-';
    };
    std::replace_if(
        name.begin(), name.end(), [&](char letter) { return !is_plain(letter); }, '_');
    return name + "-" + stream::sha256_hex(project + "\n" + job).substr(0, enough) + ".json";
}

Page parse(const nlohmann::json& document) {
    Page page;
    for (const auto& [command, told] : document.at("troubles").items()) {
        page.troubles[command] = {parse_time(told.at("since").get<std::string>()).value_or(Time{}),
                                  told.at("failures").get<unsigned>(),
                                  told.at("reasons").get<std::vector<std::string>>()};
    }
    for (const auto& told : document.at("owed")) {
        Owed owed{told.at("document"), told.at("to").get<std::vector<std::string>>()};
        if (owed.document.is_object() && !owed.id().empty()) page.owed.push_back(std::move(owed));
    }
    return page;
}

nlohmann::json render(const Page& page) {
    nlohmann::json document = {{"apiVersion", "flowlet/v1"},
                               {"kind", "AlarmBook"},
                               {"troubles", nlohmann::json::object()},
                               {"owed", nlohmann::json::array()}};
    for (const auto& [command, trouble] : page.troubles) {
        document["troubles"][command] = {
            {"since", render_time(trouble.since)}, {"failures", trouble.failures}, {"reasons", trouble.reasons}};
    }
    for (const Owed& owed : page.owed)
        document["owed"].push_back({{"document", owed.document}, {"to", owed.to}});
    return document;
}

}  // namespace

Time Owed::at() const {
    return parse_time(document.value("at", "")).value_or(Time{});
}

Book::Book(host::Host& host, const std::string& folder, const std::string& project, const std::string& job)
    : host_(host), folder_(folder), path_(folder + "/" + file_of(project, job)) {}

Page Book::read() const {
    if (host_.file_info(path_).type != host::FileType::regular) return {};
    try {
        return parse(nlohmann::json::parse(host_.read_file(path_, largest)));
    } catch (const nlohmann::json::exception&) {
        return {{}, {}, path_};
    }
}

void Book::change(const std::function<void(Page&)>& how) {
    const std::lock_guard guard(mutex_);
    if (host_.file_info(folder_).type == host::FileType::none) host_.make_folder(folder_, owner_only_folder);
    const auto lock = hold(path_ + ".lock", host_.now() + patience);
    if (lock == nullptr) {
        throw Error(Kind::conflict, "somebody else holds " + path_ + ".lock", "wait until that run has ended");
    }
    Page page = read();
    const nlohmann::json before = render(page);
    how(page);
    const nlohmann::json after = render(page);
    if (after != before) host_.write_file(path_, after.dump(2) + "\n", owner_only);
}

std::unique_ptr<host::FileLock> Book::begin_delivery(Time until) {
    return hold(path_ + ".delivery", until);
}

std::unique_ptr<host::FileLock> Book::hold(const std::string& path, Time until) {
    for (;;) {
        if (auto lock = host_.lock_file(path)) return lock;
        if (host_.now() >= until || !host_.sleep(pause)) return nullptr;
    }
}

}  // namespace flowlet::alarm
