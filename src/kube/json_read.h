// Reading JSON whose shape nobody promised: every question has an answer, none throws.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace flowlet::kube {

/// The member of that name, or nullptr if there is none or `value` is no object.
const nlohmann::json* find(const nlohmann::json& value, const std::string& member);

/// The member's text, or "" if it is missing or no string.
std::string text_at(const nlohmann::json& value, const std::string& member);

}  // namespace flowlet::kube
