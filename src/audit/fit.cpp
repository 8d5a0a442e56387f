#include <algorithm>

#include "audit/record.h"
#include "flowlet/evidence.h"

namespace flowlet::audit {
namespace {

constexpr std::size_t room = 58000;  // of 60 000 bytes; the rest is for what the chain adds
constexpr std::size_t longest_text = 4000;

std::string clipped(const std::string& text, std::size_t most) {
    std::string whole = printable(text);
    if (whole.size() <= most) return whole;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xC0U) == 0x80U)
        --end;
    return whole.substr(0, end) + " (and " + std::to_string(whole.size() - end) + " bytes more)";
}

void clip_texts(Json& value, std::size_t most) {
    if (value.is_string()) value = clipped(value.get<std::string>(), most);
    if (value.is_structured()) {
        for (Json& inner : value)
            clip_texts(inner, most);
    }
}

bool fits(const Json& record) {
    return evidence::canonical(record).size() <= room;
}

// The steps that went as planned say least.
void leave_out_done(Json& record) {
    const auto steps = record.find("steps");
    if (steps == record.end() || fits(record)) return;
    const std::size_t before = steps->size();
    Json telling = Json::array();
    std::copy_if(steps->begin(), steps->end(), std::back_inserter(telling),
                 [](const Json& step) { return step.value("state", "") != "done"; });
    *steps = std::move(telling);
    record["steps_note"] = std::to_string(before - steps->size()) + " steps that are done are not listed";
}

enum class Measure { list, record };

// Cuts the second half off until the list, or the whole record, is small enough.
void halve(Json& record, const std::string& key, Measure measure) {
    constexpr std::size_t list_room = 8000;
    const auto list = record.find(key);
    if (list == record.end() || !list->is_array()) return;
    const auto small = [&] {
        return measure == Measure::list ? evidence::canonical(*list).size() <= list_room : fits(record);
    };
    const std::size_t before = list->size();
    while (!list->empty() && !small()) {
        list->erase(list->begin() + static_cast<std::ptrdiff_t>(list->size() / 2), list->end());
    }
    if (list->size() < before) record[key + "_cut"] = std::to_string(before - list->size()) + " more are not listed";
}

}  // namespace

Json fit(Json record) {
    clip_texts(record, longest_text);
    for (const char* list : {"args", "left"})
        halve(record, list, Measure::list);
    if (!fits(record) && record.contains("facts")) record["facts"] = {{"note", "too long to be listed"}};
    leave_out_done(record);
    for (const char* list : {"undone", "steps"})
        halve(record, list, Measure::record);
    // What is left are a few dozen texts.
    if (!fits(record)) clip_texts(record, 400);
    return record;
}

}  // namespace flowlet::audit
