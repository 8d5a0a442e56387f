// A tree of YAML → the keys written in it, flat, each with where it was written.
#pragma once

#include "config/findings.h"
#include "flowlet/config.h"
#include "flowlet/yaml.h"

namespace flowlet::config {

/// A key as it was written. `path` is the one in the table, `shown` the one in the file: within an environment they
/// differ.
struct Written {
    std::string path;
    std::string shown;
    const Key* key = nullptr;  ///< nullptr: a whole section, written as null
    yaml::Node node;
};

/// Reads a map and all sections below it. Unknown keys and malformed names go to `findings`.
class TreeReader {
public:
    TreeReader(std::string shown_prefix, Findings& findings)
        : shown_prefix_(std::move(shown_prefix)), findings_(findings) {}

    /// Reads the entries of a map that stands at the path `above`.
    void read(const yaml::Node& map, const std::vector<std::string>& above);
    /// Reads one entry of it.
    void read_entry(const std::string& name, const Place& name_place, const yaml::Node& node,
                    const std::vector<std::string>& above);
    [[nodiscard]] const std::vector<Written>& written() const { return written_; }

private:
    std::string shown_prefix_;
    Findings& findings_;
    std::vector<Written> written_;
};

/// "a list", "a map", "text" …, for messages.
std::string_view describe(yaml::Type type);

}  // namespace flowlet::config
