#include "audit/recent.h"

#include <charconv>
#include <utility>

#include "audit/folder.h"
#include "flowlet/evidence.h"
#include "flowlet/stream.h"

namespace flowlet::audit {
namespace {

constexpr const char* changed =
    "its last record was changed after it was written (flowletctl audit verify says where); move the log aside as it "
    "is, "
    "then the next command begins a new one";
// What evidence accepts as torn; more is not the trace of cut writes.
constexpr std::size_t most_torn = std::size_t{256} * 1024;

std::shared_ptr<const Json> read_record(std::string_view line) {
    const evidence::Verification found = evidence::verify(std::string(line) + "\n");
    if (found.records.size() != 1) return nullptr;
    const Json& record = *found.records.front().json;
    const auto index = record.find("i");
    return index != record.end() && index->is_number_unsigned() ? found.records.front().json : nullptr;
}

std::optional<std::uint64_t> number_at(const Json& record, const char* key) {
    const auto found = record.find(key);
    if (found == record.end() || !found->is_number_unsigned()) return std::nullopt;
    return found->get<std::uint64_t>();
}

// npos when there is none, so that one more is the beginning.
std::size_t newline_before(std::string_view bytes, std::size_t end) {
    return end == 0 ? std::string_view::npos : bytes.rfind('\n', end - 1);
}

// A number of a canonical line without parsing it: all lines of the window are looked at under the lock. No text can
// hold `key`, for a quote in a text is escaped.
std::optional<std::uint64_t> glance(std::string_view line, std::string_view key) {
    const std::size_t at = line.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view digits = line.substr(at + key.size());
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    (void)end;
    if (error != std::errc{}) return std::nullopt;
    return value;
}

}  // namespace

Recent::Recent(std::string bytes, std::uint64_t offset) : bytes_(std::move(bytes)), prev_(evidence::first_prev()) {
    find_last_record(offset);
}

void Recent::find_last_record(std::uint64_t offset) {
    for (std::size_t newline = newline_before(bytes_, bytes_.size()); newline != std::string::npos;
         newline = newline_before(bytes_, newline)) {
        if (bytes_.size() - newline > most_torn) break;
        const std::size_t start = newline_before(bytes_, newline) + 1;
        const std::string_view line = std::string_view(bytes_).substr(start, newline - start);
        if (const auto record = read_record(line)) {
            next_index_ = *number_at(*record, "i") + 1;
            prev_ = evidence::leaf_hash(line);
            origin_ = record->value("log", Json()).is_string() ? record->at("log").get<std::string>() : "";
            take_torn(newline + 1, offset);
            return;
        }
        // A cut write has no end: this line was whole once. To call it torn would hide that it was changed.
        if (!line.empty() && line.back() == '}') fail(changed);
    }
    if (offset > 0 || bytes_.size() > most_torn) fail("no record stands at its end; run: flowletctl audit verify");
    take_torn(0, 0);
}

void Recent::take_torn(std::size_t from, std::uint64_t offset) {
    std::string_view rest = std::string_view(bytes_).substr(from);
    if (rest.empty()) return;
    if (rest.size() > most_torn) fail("too many bytes at its end are no record; run: flowletctl audit verify");
    if (rest.back() == '\n') rest.remove_suffix(1);
    torn_ = Torn{offset + from, rest.size(), stream::sha256_hex(rest)};
}

std::map<std::uint64_t, Json> Recent::open_intents() const {
    std::map<std::uint64_t, std::string_view> waiting;
    std::string_view rest = bytes_;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        const std::string_view line = rest.substr(0, end);
        rest.remove_prefix(end + 1);
        if (line.find(R"("phase":"intent")") != std::string_view::npos) {
            if (const auto index = glance(line, R"(,"i":)")) waiting.emplace(*index, line);
        } else if (const auto of = glance(line, R"(,"of":)")) {
            waiting.erase(*of);
        }
    }
    std::map<std::uint64_t, Json> open;
    for (const auto& [index, line] : waiting) {
        const auto record = read_record(line);
        if (record != nullptr && number_at(*record, "i") == index) open.emplace(index, *record);
    }
    return open;
}

}  // namespace flowlet::audit
