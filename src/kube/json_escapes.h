// The one thing in which JSON is no YAML.
#pragma once

#include <string>
#include <string_view>

namespace flowlet::kube {

/// A JSON text (one that starts with '{' or '[') whose characters beyond U+FFFF, written as two escaped surrogates as
/// in
/// "\ud83d\ude00", are written in UTF-8 instead; lines stay. Any other text comes back as it is.
std::string join_surrogates(std::string_view text);

}  // namespace flowlet::kube
