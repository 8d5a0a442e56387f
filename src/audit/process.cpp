#include "audit/process.h"

#include <charconv>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "flowlet/base.h"

namespace flowlet::audit {

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::uint64_t process_start(std::int64_t pid) {
    const std::string stat = first_line("/proc/" + std::to_string(pid) + "/stat");
    // The program's name stands in parentheses and may hold any; the fields after it are plain, the start is the 22nd.
    const std::size_t name_end = stat.rfind(") ");
    if (name_end == std::string::npos) return 0;
    const std::vector<std::string> fields = split(stat.substr(name_end + 2), ' ');
    constexpr std::size_t start_field = 22 - 3;
    if (fields.size() <= start_field || fields[0] == "Z" || fields[0] == "X") return 0;
    const std::string& text = fields[start_field];
    std::uint64_t start = 0;
    std::from_chars(text.data(), text.data() + text.size(), start);
    return start;
}

std::uint64_t boot_clock() {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1000000000U + static_cast<std::uint64_t>(now.tv_nsec);
}

bool is_gone(const nlohmann::json& from, const std::string& host, const std::string& boot) {
    if (!from.is_object() || boot.empty()) return false;
    const auto text = [&from](const char* key) {
        const auto found = from.find(key);
        return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto number = [&from](const char* key) {
        const auto found = from.find(key);
        return found != from.end() && found->is_number_unsigned() ? found->get<std::int64_t>() : 0;
    };
    if (text("host") != host || text("boot").empty() || number("pid") <= 0) return false;
    if (text("boot") != boot) return true;
    return process_start(number("pid")) != static_cast<std::uint64_t>(number("start"));
}

}  // namespace flowlet::audit
