// Any text → a tree or an Error with a place; a tree is within the limits, and survives being written and read again.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "flowlet/yaml.h"
#include "fuzz/fuzz.h"

namespace flowlet {
namespace {

constexpr const char* file = "f.yaml";
constexpr yaml::Limits small{4096, 16, 300, 10};

struct Sum {
    std::size_t nodes = 0;
    std::size_t depth = 0;
};

class Checker {
public:
    explicit Checker(std::string_view text)
        : lines_(1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'))), bytes_(text.size()) {}

    Sum check(const yaml::Node& node) {
        check_place(node.place);
        fuzz::demand(fuzz::is_utf8(node.scalar), "a scalar is UTF-8", node.scalar);
        fuzz::demand(node.keys.size() == node.entries.size(), "every key has a place");
        Sum whole{1, 1};
        const auto take = [&](const yaml::Node& child) {
            const Sum part = check(child);
            whole.nodes += part.nodes;
            whole.depth = std::max(whole.depth, part.depth + 1);
        };
        for (const yaml::Node& item : node.items)
            take(item);
        std::set<std::string> seen;
        for (const auto& [key, value] : node.entries) {
            fuzz::demand(seen.insert(key).second, "a key stands once", key);
            fuzz::demand(fuzz::is_utf8(key), "a key is UTF-8", key);
            fuzz::demand(node.find(key) == &value, "a key is found");
            take(value);
        }
        for (const Place& place : node.keys)
            check_place(place);
        fuzz::demand(node.items.empty() || node.type == yaml::Type::list, "only a list has items");
        fuzz::demand(node.entries.empty() || node.type == yaml::Type::map, "only a map has entries");
        return whole;
    }

private:
    void check_place(const Place& place) const {
        const bool known = place.line > 0 && place.column > 0 && static_cast<std::size_t>(place.line) <= lines_ &&
                           static_cast<std::size_t>(place.column) <= bytes_ + 1;
        fuzz::demand(place.file == file && known, "a place lies in the text", render_place(place));
    }

    std::size_t lines_;
    std::size_t bytes_;
};

void check_rendering(const nlohmann::json& value, yaml::OldBooleans booleans) {
    const std::string written = yaml::render(value);
    std::vector<yaml::Node> read;
    try {
        read = yaml::parse_documents(written, file, booleans);
    } catch (const Error& error) {
        fuzz::demand(false, "what is rendered can be read", error.what() + ("\n" + written));
    }
    if (value.is_null() && read.empty()) return;
    fuzz::demand(read.size() == 1, "what is rendered is one document", written);
    const nlohmann::json again = yaml::to_json(read.front());
    fuzz::demand(again == value, "what is rendered reads back the same", written + "\n" + value.dump());
}

void check_text(std::string_view text, yaml::OldBooleans booleans, const yaml::Limits& limits) {
    std::vector<yaml::Node> documents;
    try {
        documents = yaml::parse_documents(text, file, booleans, limits);
    } catch (const Error& error) {
        fuzz::demand_answer(error, {Kind::config});
        fuzz::demand_place(error, file);
        return;
    }
    std::size_t nodes = 0;
    for (const yaml::Node& document : documents) {
        const Sum sum = Checker(text).check(document);
        nodes += sum.nodes;
        fuzz::demand(sum.depth <= limits.depth, "no deeper than allowed");
        const nlohmann::json value = yaml::to_json(document);
        check_rendering(value, yaml::OldBooleans::strict);
        check_rendering(value, yaml::OldBooleans::text);
    }
    fuzz::demand(nodes <= limits.nodes, "no more values than allowed");
}

}  // namespace
}  // namespace flowlet

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using flowlet::yaml::OldBooleans;
    const std::string_view text = flowlet::fuzz::text_of(data, size);
    flowlet::check_text(text, OldBooleans::strict, {});
    flowlet::check_text(text, OldBooleans::text, {});
    flowlet::check_text(text, OldBooleans::strict, flowlet::small);
    return 0;
}
