#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "yaml/tree_builder.h"

namespace flowlet::yaml {

const Node* Node::find(std::string_view key) const {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [key](const auto& entry) { return entry.first == key; });
    return found == entries.end() ? nullptr : &found->second;
}

std::vector<Node> parse_documents(std::string_view text, const std::string& file, OldBooleans booleans,
                                  const Limits& limits) {
    Source source(text, file, limits);
    TreeBuilder builder(source, booleans, limits);
    std::istringstream input{std::string(source.text())};
    try {
        YAML::Parser parser(input);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const YAML::Exception& error) {
        const std::size_t offset = error.mark.pos < 0 ? 0 : static_cast<std::size_t>(error.mark.pos);
        source.refuse(offset, "this is not YAML: " + printable(error.msg));
    }
    return builder.take();
}

}  // namespace flowlet::yaml
