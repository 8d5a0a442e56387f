// yaml: foreign YAML text → a tree that knows where each value was written. The only room that knows yaml-cpp.
// It reads; what the values mean is for config (flowlet.yaml) and kube (manifests) to say.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "flowlet/base.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flowlet::yaml {

enum class Type { null, boolean, integer, real, text, list, map };

/// One value and the place it was written. A map keeps the order of the file.
struct Node {
    Type type = Type::null;
    std::string scalar;  ///< as written, for every type but list and map; empty for null
    std::vector<Node> items;
    std::vector<std::pair<std::string, Node>> entries;
    std::vector<Place> keys;  ///< the place of each key in `entries`
    Place place;
    bool quoted = false;

    // Not implicit: clang cannot instantiate them while Node is incomplete inside its own pairs.
    Node();
    Node(const Node& other);
    Node(Node&& other) noexcept;
    Node& operator=(const Node& other);
    Node& operator=(Node&& other) noexcept;
    ~Node();

    /// The entry of that key, or nullptr; also nullptr when this is no map.
    [[nodiscard]] const Node* find(std::string_view key) const;
};

/// What a reader allows; beyond it the text is refused with the place where the limit was passed.
struct Limits {
    std::size_t bytes = std::size_t{4} * 1024 * 1024;
    std::size_t depth = 64;
    std::size_t nodes = 200000;
    std::size_t aliases = 100;  ///< an alias is expanded by copying, and the copies count as nodes
};

/// Which YAML 1.1 booleans a plain scalar may be. `strict` refuses yes/no/on/off/y/n as values and says to
/// write true or false; `text` reads them as text, and digits with a leading zero as octal, as Kubernetes' readers do
/// (defaultMode: 0644 is 420; the node's scalar is then "420").
enum class OldBooleans { strict, text };

/// Every document of a text. Empty documents (only comments, or `---` twice) are left out. Scalars are typed by the
/// YAML 1.2 core schema. Throws Error{config} with "file:line:column" for: broken syntax, a duplicate key (naming both
/// places), a tab in the indentation, bytes that are not UTF-8, a custom tag, a key that is no scalar, an unknown or
/// cyclic alias, a passed limit. Merge keys (`<<`) are refused.
std::vector<Node> parse_documents(std::string_view text, const std::string& file, OldBooleans booleans,
                                  const Limits& limits = {});

/// The same value as JSON: integers that fit 64 bits as integers, map keys as strings.
nlohmann::json to_json(const Node& node);

/// JSON as block YAML with sorted keys; parse_documents reads back the same value.
std::string render(const nlohmann::json& value);

}  // namespace flowlet::yaml
