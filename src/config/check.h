// What a value must look like, beyond the type of its key.
#pragma once

#include "flowlet/config.h"

namespace flowlet::config {

/// What is wrong with a scalar (or one item of a list) for that key; empty if nothing is. The text of a secret is not
/// in it.
std::string check_value(const Key& key, std::string_view text);

/// What is read from a file is; what a variable holds may be anything.
bool is_utf8(std::string_view text);

/// What is wrong with a name that stands directly below that section, at a "*"; empty if nothing is.
std::string check_name(std::string_view section, std::string_view name);

/// Whether the items of a list may be maps, kept as JSON text.
bool keeps_maps(const Key& key);

/// Whether a path value without a slash, or with a scheme, is no path at all and stays as it is written.
enum class PathForm { plain, program, location };
PathForm path_form(const Key& key);

}  // namespace flowlet::config
