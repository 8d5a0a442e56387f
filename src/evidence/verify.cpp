#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "evidence/line.h"
#include "flowlet/evidence.h"
#include "flowlet/stream.h"

namespace flowlet::evidence {
namespace {

using Json = nlohmann::json;

constexpr std::size_t most_faults = 100;
constexpr std::size_t most_torn = std::size_t{256} * 1024;  // a few cut writes; not half a log that someone calls torn

std::optional<std::uint64_t> number_at(const Json& record, const char* key) {
    const auto found = record.find(key);
    if (found == record.end() || !found->is_number_unsigned()) return std::nullopt;
    return found->get<std::uint64_t>();
}

std::string text_at(const Json& record, const char* key) {
    const auto found = record.find(key);
    return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// What a `recover` record says of the bytes before it.
struct Torn {
    std::size_t length = 0;
    std::string hash;
    std::size_t recover = 0;  ///< which line it is
};

std::optional<std::pair<std::size_t, Torn>> read_torn(const Json& record) {
    if (text_at(record, "phase") != "recover") return std::nullopt;
    const auto torn = record.find("torn");
    if (torn == record.end() || !torn->is_object()) return std::nullopt;
    const auto offset = number_at(*torn, "off");
    const auto length = number_at(*torn, "len");
    if (!offset || !length) return std::nullopt;
    return std::pair{*offset, Torn{*length, text_at(*torn, "sha256"), 0}};
}

class Verifier {
public:
    explicit Verifier(std::string_view log)
        : log_(log), lines_(split_lines(log)), readings_(read_lines(lines_.complete)) {}

    Verification run() {
        find_recovers();
        for (std::size_t at = 0; at < lines_.complete.size(); ++at) {
            if (const auto torn = torn_.find(lines_.complete[at].offset); torn != torn_.end()) {
                check_torn(torn->first, torn->second);
                at = torn->second.recover;
                recovers_ = true;
            }
            take(lines_.complete[at], readings_[at]);
            recovers_ = false;
        }
        result_.head = prev_;
        result_.torn_tail = lines_.rest > 0;
        result_.open_intents = static_cast<std::size_t>(
            std::count_if(intents_.begin(), intents_.end(), [](const auto& entry) { return entry.second.open; }));
        return std::move(result_);
    }

private:
    struct Intent {
        std::string id;
        bool open = true;
    };

    // A torn write may hold anything, a newline or a whole record too, so the records that name torn bytes come first.
    void find_recovers() {
        for (std::size_t at = 0; at < lines_.complete.size(); ++at) {
            const Line& line = lines_.complete[at];
            if (readings_[at].json == nullptr) continue;
            auto torn = read_torn(*readings_[at].json);
            const bool before_it =
                torn && torn->first < line.offset && torn->second.length == line.offset - torn->first - 1;
            if (!before_it || torn->second.length > most_torn) continue;
            torn->second.recover = at;
            torn_[torn->first] = torn->second;
        }
    }

    void check_torn(std::size_t offset, const Torn& torn) {
        if (stream::sha256_hex(log_.substr(offset, torn.length)) != torn.hash) {
            fault(count_, offset, "the torn bytes are not those that the recover record names");
        }
    }

    void take(const Line& line, Reading& reading) {
        if (reading.json == nullptr) {
            fault(count_, line.offset, reading.why);
            broken_ = true;
        } else {
            check_links(*reading.json, line.offset);
            check_phase(*reading.json, line.offset);
            result_.records.push_back({count_, line.offset, std::string(line.text), std::move(reading.json)});
            broken_ = false;
        }
        prev_ = leaf_hash(line.text);
        offset_ = line.offset;
        ++count_;
        ++due_;
    }

    void check_links(const Json& record, std::size_t offset) {
        const auto index = number_at(record, "i");
        if (index != due_) {
            const std::string found = index ? std::to_string(*index) : "missing";
            fault(count_, offset,
                  "its index is " + found + " where " + std::to_string(due_) +
                      " is due: lines were removed, added or moved");
            if (index) due_ = *index;
        } else if (text_at(record, "prev") != prev_ && !broken_) {
            if (count_ == 0) {
                fault(0, offset, "it is the first record, but it carries the hash of one before it");
            } else {
                fault(count_ - 1, offset_,
                      "its hash is not the one that the next record carries: the line was changed");
            }
        } else if (!record.contains("sum")) {
            fault(count_, offset, "it carries no checksum of its own: the line was changed");
        }
    }

    void check_phase(const Json& record, std::size_t offset) {
        const std::string phase = text_at(record, "phase");
        if (phase == "recover" && !recovers_) {
            fault(count_, offset, "it names torn bytes that do not stand before it");
        } else if (phase == "intent") {
            intents_[due_] = {text_at(record, "id"), true};
        } else if (phase == "outcome") {
            const auto of = number_at(record, "of");
            const auto intent = of ? intents_.find(*of) : intents_.end();
            if (intent == intents_.end()) {
                fault(count_, offset, "it is an outcome, but names no intent before it");
            } else {
                if (intent->second.id != text_at(record, "id"))
                    fault(count_, offset, "its id is not that of its intent");
                intent->second.open = false;
            }
        }
    }

    void fault(std::uint64_t index, std::size_t offset, std::string message) {
        if (result_.faults.size() < most_faults) result_.faults.push_back({index, offset, std::move(message)});
    }

    std::string_view log_;
    Lines lines_;
    std::vector<Reading> readings_;     // one each line
    std::map<std::size_t, Torn> torn_;  // by offset
    std::map<std::uint64_t, Intent> intents_;
    Verification result_;
    std::uint64_t count_ = 0;  // records so far
    std::uint64_t due_ = 0;    // the index that comes next
    std::string prev_ = first_prev();
    std::size_t offset_ = 0;  // of the record before
    bool broken_ = false;     // the line before was faulted already
    bool recovers_ = false;   // torn bytes stand before this line
};

}  // namespace

Verification verify(std::string_view log) {
    return Verifier(log).run();
}

}  // namespace flowlet::evidence
