#include <algorithm>

#include "yaml/events.h"
#include "yaml/tree_builder.h"

namespace flowlet::yaml {

Node::Node() = default;
Node::Node(const Node& other) = default;
Node::Node(Node&& other) noexcept = default;
Node& Node::operator=(const Node& other) = default;
Node& Node::operator=(Node&& other) noexcept = default;
Node::~Node() = default;

const Node* Node::find(std::string_view key) const {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [key](const auto& entry) { return entry.first == key; });
    return found == entries.end() ? nullptr : &found->second;
}

std::vector<Node> parse_documents(std::string_view text, const std::string& file, OldBooleans booleans,
                                  const Limits& limits) {
    Source source(text, file, limits);
    TreeBuilder builder(source, booleans, limits);
    if (const auto broken = send_events(std::string(source.text()), builder)) {
        source.refuse(broken->offset, "this is not YAML: " + printable(broken->message));
    }
    return builder.take();
}

}  // namespace flowlet::yaml
