#include <nlohmann/json.hpp>

#include "commands/config/config.h"

namespace flowlet::commands::config {
namespace {

namespace settings = flowlet::config;
using nlohmann::json;

/// A value that comes out of a variable, which an editor cannot know.
json reference() {
    return {{"type", "string"}, {"pattern", R"(\$\{)"}};
}

json type_of(settings::Type type) {
    switch (type) {
        case settings::Type::boolean:
            return {{"anyOf", {{{"type", {"boolean", "null"}}}, reference()}}};
        case settings::Type::integer:
            return {{"anyOf", {{{"type", {"integer", "null"}}}, reference()}}};
        case settings::Type::duration:
            return {
                {"anyOf",
                 {{{"type", {"string", "null"}}, {"pattern", R"(^(?=.)([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$)"}},
                  reference()}}};
        case settings::Type::list:
            return {{"type", {"array", "null"}}};
        case settings::Type::words:
            return {{"type", {"array", "string", "number", "null"}}};
        case settings::Type::map:
            return {{"type", {"object", "null"}}};
        case settings::Type::text:
        case settings::Type::path:
            break;
    }
    return {{"type", {"string", "number", "null"}}};
}

json leaf(const settings::Key& key) {
    json made = type_of(key.type);
    made["description"] = key.text;
    if (!key.fallback.empty()) {
        made["default"] = key.fallback;
    }
    return made;
}

json section() {
    return {{"type", {"object", "null"}}, {"additionalProperties", false}};
}

/// Where a word stands below a section, made if it is not there yet: "*" is any name.
json& below(json& parent, const std::string& word) {
    json& place = word == "*" ? parent["additionalProperties"] : parent["properties"][word];
    if (!place.is_object()) {
        place = section();
    }
    return place;
}

void add(json& root, const std::vector<std::string>& path, const settings::Key& key) {
    json* place = &root;
    for (const std::string& word : path) {
        place = &below(*place, word);
    }
    *place = leaf(key);
}

bool is_setting(const settings::Key& key) {
    return key.path != "apiVersion" && key.path != "locked" && !key.path.starts_with("environments.");
}

}  // namespace

plan::View view_schema(const Session& session) {
    (void)session;
    constexpr std::string_view own = "environments.*.";
    json root = section();
    json environment = section();
    for (const settings::Key& key : settings::keys()) {
        if (is_setting(key)) {
            add(root, split(key.path, '.'), key);
            add(environment, split(key.path, '.'), key);
        } else if (key.path.starts_with(own)) {
            add(environment, split(key.path.substr(own.size()), '.'), key);
        }
    }
    root["type"] = "object";
    root["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    root["title"] = "flowlet.yaml";
    root["required"] = {"apiVersion"};
    root["properties"]["apiVersion"] = {{"const", "flowlet/v1"}};
    root["properties"]["environments"] = {{"type", {"object", "null"}}, {"additionalProperties", environment}};
    plan::View view;
    view.notes = split(root.dump(2), '\n');
    view.document = std::make_shared<const json>(std::move(root));
    return view;
}

}  // namespace flowlet::commands::config
