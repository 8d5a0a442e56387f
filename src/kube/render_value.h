// A JSON value as a word in a line for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace flowlet::kube {

/// Text as it is where nothing else could be meant; in JSON's quotes when it is empty, has spaces at its ends or
/// control characters, or reads like a number, a boolean, null or one of JSON's brackets. Everything else as JSON.
std::string render_value(const nlohmann::json& value);

}  // namespace flowlet::kube
