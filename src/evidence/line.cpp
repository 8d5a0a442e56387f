#include "evidence/line.h"

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "flowlet/evidence.h"
#include "flowlet/stream.h"

namespace flowlet::evidence {
namespace {

using Json = nlohmann::json;

constexpr std::size_t longest = 65535;
constexpr std::size_t deepest = 32;

// Before parsing, for what is parsed is later written by recursion.
bool is_deep(std::string_view line) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (quoted) {
            if (c == '\\') ++at;
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > deepest) return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return false;
}

bool has_real(const Json& value) {
    if (value.is_structured()) return std::any_of(value.begin(), value.end(), has_real);
    return value.is_number_float();
}

// Without a copy of the record, as seal() makes one: this is done for every line of a log.
bool sum_fits(Json& record) {
    const auto found = record.find("sum");
    if (found == record.end()) return true;
    const Json sum = *found;
    record.erase(found);
    const bool fits = sum == stream::sha256_hex(canonical(record));
    record["sum"] = sum;
    return fits;
}

}  // namespace

Lines split_lines(std::string_view log) {
    Lines lines;
    std::size_t start = 0;
    for (std::size_t end = log.find('\n'); end != std::string_view::npos; end = log.find('\n', start)) {
        lines.complete.push_back({start, log.substr(start, end - start)});
        start = end + 1;
    }
    lines.rest = log.size() - start;
    return lines;
}

Reading read_line(std::string_view line) {
    if (line.size() > longest) return {nullptr, "it is longer than a record may be"};
    if (is_deep(line)) return {nullptr, "it is nested deeper than a record may be"};
    auto json = std::make_shared<Json>(Json::parse(line.begin(), line.end(), nullptr, false));
    if (json->is_discarded()) return {nullptr, "it is not JSON: the line was changed or is foreign"};
    if (!json->is_object()) return {nullptr, "it is no JSON object"};
    if (has_real(*json)) return {nullptr, "it holds a floating-point number, which no record does"};
    if (canonical(*json) != line) {
        return {nullptr, "it is not in canonical form: a key twice, keys not sorted, or another spelling"};
    }
    if (!sum_fits(*json)) {
        return {nullptr, "its own checksum does not fit: the line was changed"};
    }
    return {std::move(json), {}};
}

std::vector<Reading> read_lines(const std::vector<Line>& lines) {
    constexpr std::size_t worth_a_thread = 2000;
    std::vector<Reading> readings(lines.size());
    const auto read_part = [&](std::size_t begin, std::size_t end) {
        for (std::size_t at = begin; at < end; ++at)
            readings[at] = read_line(lines[at].text);
    };
    const std::size_t threads =
        std::clamp<std::size_t>(lines.size() / worth_a_thread, 1, std::max(1U, std::thread::hardware_concurrency()));
    const std::size_t part = lines.size() / threads;
    std::vector<std::future<void>> parts;
    std::size_t begin = 0;
    try {
        for (; parts.size() + 1 < threads; begin += part) {
            parts.push_back(std::async(std::launch::async, read_part, begin, begin + part));
        }
    } catch (const std::system_error&) {
        // No more threads are to be had: this one reads what is left.
    }
    read_part(begin, lines.size());
    for (auto& each : parts)
        each.get();
    return readings;
}

}  // namespace flowlet::evidence
