#include "yaml/tree_builder.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "yaml/scalar.h"

namespace flowlet::yaml {
namespace {

constexpr std::string_view core = "tag:yaml.org,2002:";

std::size_t offset_of(const YAML::Mark& mark) {
    return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
}

struct Extent {
    std::size_t nodes = 1;
    std::size_t depth = 1;
};

Extent measure(const Node& node) {
    Extent whole;
    const auto take = [&whole](const Node& child) {
        const Extent part = measure(child);
        whole.nodes += part.nodes;
        whole.depth = std::max(whole.depth, part.depth + 1);
    };
    for (const Node& item : node.items)
        take(item);
    for (const auto& [key, value] : node.entries)
        take(value);
    whole.nodes += node.entries.size();
    return whole;
}

}  // namespace

TreeBuilder::TreeBuilder(Source& source, OldBooleans booleans, const Limits& limits)
    : source_(source), booleans_(booleans), limits_(limits) {}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
    // yaml-cpp begins a new document with whatever it did not understand as part of the last one.
    const std::size_t offset = offset_of(mark);
    if (!first_document_ && source_.text().substr(offset, 3) != "---") {
        source_.refuse(offset, "text after the end of the document", "begin another document with ---");
    }
    first_document_ = false;
    root_written_ = false;
    anchors_.clear();
}

void TreeBuilder::OnDocumentEnd() {
    if (root_ && root_written_) documents_.push_back(std::move(*root_));
    root_.reset();
}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
    const std::size_t offset = offset_of(mark);
    Node node;
    const bool written = stands_there(offset);
    if (written) {
        check_indent(offset);
    } else if (!open_.empty() && open_.back().flow && open_.back().node.type == Type::list) {
        source_.refuse(offset, "an entry of the list is empty", "remove the comma");
    }
    const bool value = !open_.empty() && open_.back().has_key;
    if (!written && value) node.place = open_.back().node.keys.back();
    if (open_.empty()) root_written_ = written || anchor != 0;
    add(std::move(node), offset, anchor);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
    const std::size_t offset = offset_of(mark);
    check_indent(offset);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) source_.refuse(offset, "the alias stands inside what it refers to");
    if (++aliases_ > limits_.aliases) {
        source_.refuse(offset, "more than " + std::to_string(limits_.aliases) + " aliases");
    }
    check_depth(found->second.depth, offset);
    count(found->second.nodes - 1, offset);
    Node copy = found->second.node;
    copy.place = source_.place(offset);
    add(std::move(copy), offset, 0);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
    const std::size_t offset = offset_of(mark);
    check_indent(offset);
    if (tag != "?" && !source_.closes_quote(offset))
        source_.refuse(offset, "the quote that opens here is never closed");
    Node node;
    node.quoted = tag == "!" || tag == std::string(core) + "str";
    node.type = type_of(tag, value, offset);
    if (node.type != Type::null) node.scalar = node.quoted ? mend_escapes(value) : value;
    if (node.type == Type::integer && booleans_ == OldBooleans::text && !at_key()) {
        if (auto converted = old_octal(value)) node.scalar = std::move(*converted);
    }
    if (open_.empty()) root_written_ = true;
    add(std::move(node), offset, anchor);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                  YAML::EmitterStyle::value style) {
    check_collection_tag(tag, "seq", offset_of(mark));
    open(Type::list, offset_of(mark), anchor, style);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value style) {
    check_collection_tag(tag, "map", offset_of(mark));
    open(Type::map, offset_of(mark), anchor, style);
}

void TreeBuilder::open(Type type, std::size_t offset, YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
    check_indent(offset);
    if (at_key()) source_.refuse(offset, "a key must be a scalar, not a list or a map");
    check_depth(1, offset);
    Frame frame;
    frame.node.type = type;
    frame.offset = offset;
    frame.anchor = anchor;
    frame.flow = style == YAML::EmitterStyle::Flow;
    if (open_.empty()) root_written_ = true;
    open_.push_back(std::move(frame));
}

void TreeBuilder::close() {
    Frame frame = std::move(open_.back());
    open_.pop_back();
    add(std::move(frame.node), frame.offset, frame.anchor);
}

void TreeBuilder::add(Node node, std::size_t offset, YAML::anchor_t anchor) {
    count(1, offset);
    check_depth(0, offset);
    if (node.place.line == 0) node.place = source_.place(offset);
    if (anchor != 0) keep(node, anchor, offset);
    if (open_.empty()) {
        root_ = std::move(node);
        return;
    }
    Frame& top = open_.back();
    if (at_key()) {
        add_key(top, node, offset);
    } else if (top.node.type == Type::map) {
        top.node.entries.back().second = std::move(node);
        top.has_key = false;
    } else {
        top.node.items.push_back(std::move(node));
    }
}

void TreeBuilder::add_key(Frame& frame, const Node& key, std::size_t offset) {
    if (key.type == Type::list || key.type == Type::map) {
        source_.refuse(offset, "a key must be a scalar, not a list or a map");
    }
    if (key.type == Type::null) source_.refuse(offset, "a key is empty", "name it, or quote it");
    if (key.scalar == "<<" && !key.quoted) {
        source_.refuse(offset, "merge keys (<<) are not read", "write the entries out");
    }
    const auto [earlier, fresh] = frame.seen.emplace(key.scalar, frame.node.entries.size());
    if (!fresh) {
        const Place& first = frame.node.keys[earlier->second];
        source_.refuse(offset,
                       "the key \"" + printable(key.scalar) + "\" stands here again, first at " + render_place(first),
                       "remove one of the two");
    }
    frame.node.entries.emplace_back(key.scalar, Node{});
    frame.node.keys.push_back(key.place);
    frame.has_key = true;
}

void TreeBuilder::keep(const Node& node, YAML::anchor_t anchor, std::size_t offset) {
    const Extent extent = measure(node);
    anchors_[anchor] = {node, extent.nodes, extent.depth};
    count(extent.nodes, offset);
}

void TreeBuilder::count(std::size_t nodes, std::size_t offset) {
    nodes_ += nodes;
    if (nodes_ > limits_.nodes) {
        source_.refuse(offset, "more than " + std::to_string(limits_.nodes) + " values");
    }
}

void TreeBuilder::check_depth(std::size_t deeper, std::size_t offset) {
    if (open_.size() + deeper > limits_.depth) {
        source_.refuse(offset, "nested deeper than " + std::to_string(limits_.depth) + " levels");
    }
}

void TreeBuilder::check_indent(std::size_t offset) {
    const bool flow = !open_.empty() && open_.back().flow;
    if (!flow && source_.indented_by_tab(offset)) {
        source_.refuse(offset, "a tab in the indentation", "indent with spaces");
    }
}

void TreeBuilder::check_collection_tag(const std::string& tag, const std::string& expected, std::size_t offset) {
    if (tag == "?" || tag == "!" || tag == std::string(core) + expected) return;
    source_.refuse(offset, "the tag " + printable(tag) + " is not known", "remove it");
}

Type TreeBuilder::type_of(const std::string& tag, const std::string& value, std::size_t offset) {
    const Type plain = resolve(value);
    if (tag == "?") {
        if (plain == Type::text && booleans_ == OldBooleans::strict && is_old_boolean(value) && !at_key()) {
            source_.refuse(offset, "\"" + value + "\" is a boolean to some readers and text to others",
                           "write true or false, or quote it");
        }
        return plain;
    }
    if (tag == "!" || tag == std::string(core) + "str") return Type::text;
    static const std::map<std::string, Type, std::less<>> tags = {
        {"null", Type::null}, {"bool", Type::boolean}, {"int", Type::integer}, {"float", Type::real}};
    const auto found = tag.rfind(core, 0) == 0 ? tags.find(tag.substr(core.size())) : tags.end();
    if (found == tags.end()) source_.refuse(offset, "the tag " + printable(tag) + " is not known", "remove it");
    const bool fits = plain == found->second || (plain == Type::integer && found->second == Type::real);
    if (!fits) source_.refuse(offset, "the value does not fit its tag " + printable(tag));
    return found->second;
}

bool TreeBuilder::at_key() const {
    return !open_.empty() && open_.back().node.type == Type::map && !open_.back().has_key;
}

// An empty value has the mark of whatever comes next; a written one stands at its own.
bool TreeBuilder::stands_there(std::size_t offset) const {
    const std::string_view rest = source_.text().substr(std::min(offset, source_.text().size()), 4);
    return rest.substr(0, 1) == "~" || rest == "null" || rest == "Null" || rest == "NULL";
}

}  // namespace flowlet::yaml
