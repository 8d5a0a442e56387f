// What is wrong with a configuration, collected so that all of it is said at once.
#pragma once

#include "flowlet/base.h"

#include <string>
#include <string_view>
#include <vector>

namespace flowlet::config {

/// printable(), on one line: what is quoted may hold anything, but a problem is one line.
std::string one_line(std::string_view text);

class Findings {
public:
    /// A message never holds the text of a secret; nor does a hint.
    void add(Place place, std::string message, std::string hint = {});
    [[nodiscard]] bool empty() const { return found_.empty(); }
    /// One Error{config} with a line for each, in the order of places, if there are any.
    void throw_if_any() const;

private:
    struct Finding {
        Place place;
        std::string message;
        std::string hint;
    };
    std::vector<Finding> found_;
};

}  // namespace flowlet::config
