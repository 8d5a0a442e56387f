// ${NAME} in a scalar, after the YAML has been read, so that a variable can add no structure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace flowlet::config {

using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The text with `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `$$` replaced, or what is wrong with it. What is
/// put in is not read again.
struct Interpolated {
    std::string text;
    std::string problem;  ///< empty: none
};
Interpolated interpolate(std::string_view text, const Lookup& lookup);

/// Whether the text refers to anything, so that its value depends on where it is read.
bool has_reference(std::string_view text);

}  // namespace flowlet::config
