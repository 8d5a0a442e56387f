// What a plain scalar is by the YAML 1.2 core schema, and its value.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "flowlet/yaml.h"

namespace flowlet::yaml {

/// By the core schema: `null`, `true`, `12`, `0x1F`, `1e3` and their like; everything else is text.
Type resolve(std::string_view plain);

/// yes, no, on, off, y, n in one of the three spellings that YAML 1.1 knows: booleans there, text in 1.2.
bool is_old_boolean(std::string_view plain);

/// Digits with a leading zero, which Kubernetes' readers take for octal: "0644" is "420". Nothing if it is not one.
std::optional<std::string> old_octal(std::string_view plain);

/// A double-quoted scalar as yaml-cpp gives it, in UTF-8: it writes the escapes \N and \_ as one byte of Latin-1.
std::string mend_escapes(std::string value);

/// The JSON value of a scalar of that type. An integer beyond 64 bits becomes a floating-point number, and a number
/// that JSON cannot hold (.inf, .nan) stays text.
nlohmann::json scalar_to_json(Type type, const std::string& scalar);

}  // namespace flowlet::yaml
