// What was written → a checked Value.
#pragma once

#include "config/findings.h"
#include "config/interpolate.h"
#include "flowlet/config.h"
#include "flowlet/yaml.h"

namespace flowlet::config {

/// What becomes of `${…}`: it is replaced; or, in an environment that is not the chosen one, only its form is checked;
/// or it is plain text, in what a shell has already expanded.
enum class References { resolve, inspect, plain };

struct Source {
    Layer layer = Layer::file;
    References references = References::resolve;
    Lookup lookup;
};

/// The value of a key as a YAML node gives it. Nothing, and a finding, if it is none.
std::optional<Value> read_value(const Key& key, const std::string& shown, yaml::Node node, const Source& source,
                                Findings& findings);

/// The value of a key as a variable or --set gives it: a scalar as it is, a list as YAML ("[a, b]") or "a,b", a map as
/// YAML.
std::optional<Value> read_text(const Key& key, const std::string& text, const Place& place, const Source& source,
                               Findings& findings);

}  // namespace flowlet::config
