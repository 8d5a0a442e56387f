// The section `environments`: who inherits from whom, and what each one writes.
#pragma once

#include "config/tree.h"

namespace flowlet::config {

struct Environment {
    std::string name;
    std::string inherits;  ///< empty: none
    std::vector<Written> written;
    std::vector<Written> own;  ///< the keys below environments.*
};

class Environments {
public:
    /// Reads all of them and checks every `inherits`.
    Environments(const yaml::Node* section, Findings& findings);

    [[nodiscard]] const std::vector<Environment>& all() const { return all_; }
    [[nodiscard]] std::vector<std::string> names() const;
    /// The environment and those it inherits from, the farthest first. Stops where a cycle begins or a name is unknown,
    /// and where there are more than may be.
    [[nodiscard]] std::vector<const Environment*> chain(std::string_view name) const;

private:
    void read(const std::string& name, const yaml::Node& node, Findings& findings);
    void check_inheritance(const Environment& environment, Findings& findings) const;
    /// "a -> b -> a" if what this one inherits from leads back to it.
    [[nodiscard]] std::string find_circle(const Environment& environment) const;
    void check_depth(Findings& findings) const;
    [[nodiscard]] const Environment* find(std::string_view name) const;

    std::vector<Environment> all_;
    std::map<std::string, std::size_t, std::less<>> positions_;  ///< by name, in all_
};

}  // namespace flowlet::config
