#include "config/tree.h"

#include "config/check.h"
#include "config/schema.h"

namespace flowlet::config {

std::string_view describe(yaml::Type type) {
    switch (type) {
        case yaml::Type::null:
            return "empty";
        case yaml::Type::boolean:
            return "true or false";
        case yaml::Type::integer:
        case yaml::Type::real:
            return "a number";
        case yaml::Type::text:
            return "text";
        case yaml::Type::list:
            return "a list";
        case yaml::Type::map:
            return "a map";
    }
    return "";
}

void TreeReader::read(const yaml::Node& map, const std::vector<std::string>& above) {
    for (std::size_t i = 0; i < map.entries.size(); ++i) {
        const auto& [name, node] = map.entries[i];
        read_entry(name, i < map.keys.size() ? map.keys[i] : node.place, node, above);
    }
}

void TreeReader::read_entry(const std::string& name, const Place& name_place, const yaml::Node& node,
                            const std::vector<std::string>& above) {
    std::vector<std::string> segments = above;
    segments.push_back(name);
    const std::string shown = shown_prefix_ + printable(dotted(segments));
    const Key* const key = find_key(std::span<const std::string>(segments));
    if (key == nullptr && !find_section(segments)) {
        findings_.add(name_place, shown + ": " + explain_unknown(segments));
        return;
    }
    if (!is_literal(above, name)) {
        if (const std::string problem = check_name(dotted(above), name); !problem.empty()) {
            findings_.add(name_place, shown + ": " + problem);
            return;
        }
    }
    if (key != nullptr || node.type == yaml::Type::null) {
        written_.push_back({dotted(segments), shown, key, node});
    } else if (node.type == yaml::Type::map) {
        read(node, segments);
    } else {
        findings_.add(node.place,
                      shown + ": is " + std::string(describe(node.type)) + "; a map of further keys is expected");
    }
}

}  // namespace flowlet::config
