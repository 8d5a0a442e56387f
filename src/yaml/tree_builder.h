// yaml-cpp's events → Nodes, refusing what yaml-cpp lets pass: duplicate keys, cycles, custom tags, absurd sizes.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yaml/source.h"

namespace flowlet::yaml {

class TreeBuilder final : public YAML::EventHandler {
public:
    TreeBuilder(Source& source, OldBooleans booleans, const Limits& limits);

    std::vector<Node> take() { return std::move(documents_); }

    void OnDocumentStart(const YAML::Mark& mark) override;
    void OnDocumentEnd() override;
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override { close(); }

private:
    struct Frame {
        Node node;
        std::size_t offset = 0;
        YAML::anchor_t anchor = 0;
        bool flow = false;
        bool has_key = false;
        std::map<std::string, std::size_t> seen;  ///< key → its position in `entries`
    };
    struct Anchored {
        Node node;
        std::size_t nodes = 0;
        std::size_t depth = 0;
    };

    void open(Type type, std::size_t offset, YAML::anchor_t anchor, YAML::EmitterStyle::value style);
    void close();
    void add(Node node, std::size_t offset, YAML::anchor_t anchor);
    void add_key(Frame& frame, const Node& key, std::size_t offset);
    void keep(const Node& node, YAML::anchor_t anchor, std::size_t offset);
    void count(std::size_t nodes, std::size_t offset);
    void check_depth(std::size_t deeper, std::size_t offset);
    void check_indent(std::size_t offset);
    void check_collection_tag(const std::string& tag, const std::string& expected, std::size_t offset);
    Type type_of(const std::string& tag, const std::string& value, std::size_t offset);
    [[nodiscard]] bool at_key() const;
    [[nodiscard]] bool stands_there(std::size_t offset) const;

    Source& source_;
    OldBooleans booleans_;
    Limits limits_;
    std::vector<Node> documents_;
    std::vector<Frame> open_;
    std::optional<Node> root_;
    std::map<YAML::anchor_t, Anchored> anchors_;
    std::size_t nodes_ = 0;
    std::size_t aliases_ = 0;
    bool first_document_ = true;
    bool root_written_ = false;  ///< the document holds something, if only a `~`
};

}  // namespace flowlet::yaml
