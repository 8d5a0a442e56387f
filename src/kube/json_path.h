#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "flowlet/base.h"

// Reading foreign JSON for a verdict: what is missing or of another type reads as nothing, never as an exception.
namespace flowlet::kube::verdict {

using Path = std::initializer_list<std::string_view>;

/// The value at that path of objects, or the null value.
const nlohmann::json& value_at(const nlohmann::json& from, Path path);
/// The array there, or an empty one.
const nlohmann::json& list_at(const nlohmann::json& from, Path path);
std::string text_at(const nlohmann::json& from, Path path);
/// A whole number there, held within ±10^15 so that sums of a few cannot overflow.
std::int64_t number_at(const nlohmann::json& from, Path path, std::int64_t otherwise = 0);
bool is_true_at(const nlohmann::json& from, Path path);
std::optional<Time> time_at(const nlohmann::json& from, Path path);

/// The condition of that type in status.conditions, or the null value.
const nlohmann::json& condition_of(const nlohmann::json& object, std::string_view type);
bool has_condition(const nlohmann::json& object, std::string_view type, std::string_view status);

/// The entry of an array whose "name" is this, or the null value.
const nlohmann::json& named(const nlohmann::json& list, std::string_view name);

}  // namespace flowlet::kube::verdict
