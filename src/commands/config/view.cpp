#include <nlohmann/json.hpp>
#include <set>

#include "commands/config/config.h"

namespace flowlet::commands::config {
namespace {

namespace settings = flowlet::config;

nlohmann::json head(const char* kind, const Session& session) {
    return {{"apiVersion", "flowlet/v1"},
            {"kind", kind},
            {"file", session.config->file()},
            {"environment", session.config->environment()}};
}

/// A default stands in no file.
std::string place_of(const settings::Value& value) {
    return value.place.file.empty() ? "" : render_place(value.place);
}

nlohmann::json value_json(const settings::Key& key, const settings::Value& value) {
    return {{"value", settings::render(key, value)},
            {"layer", settings::name(value.layer)},
            {"place", place_of(value)},
            {"reset", value.reset}};
}

plan::View finish(plan::View view, nlohmann::json document) {
    view.document = std::make_shared<const nlohmann::json>(std::move(document));
    return view;
}

settings::Config load(const Session& session, const std::string& environment) {
    settings::Request request;
    request.root = session.config->root();
    request.environment = environment;
    return settings::load(session.probe, request);
}

std::string shown(const settings::Config& config, const std::string& path) {
    const settings::Value* const value = config.find(path);
    return value == nullptr ? "" : settings::render(settings::find(path), *value);
}

}  // namespace

plan::View view_values(const Session& session, const ShowOptions& options) {
    plan::View view;
    nlohmann::json document = head("Config", session);
    document["values"] = nlohmann::json::array();
    view.columns = {"KEY", "VALUE"};
    if (options.origin) {
        view.columns.insert(view.columns.end(), {"LAYER", "PLACE"});
    }
    for (const std::string& path : session.config->paths()) {
        const settings::Key& key = settings::find(path);
        const settings::Value& value = session.config->require(path);
        nlohmann::json entry = value_json(key, value);
        entry["key"] = path;
        document["values"].push_back(std::move(entry));
        view.rows.push_back({path, settings::render(key, value)});
        if (options.origin) {
            view.rows.back().emplace_back(settings::name(value.layer));
            view.rows.back().push_back(place_of(value));
        }
    }
    if (session.config->environment().empty() && !session.config->environments().empty()) {
        view.notes.push_back("without --env: what holds for all of " + join(session.config->environments(), ", "));
    }
    return finish(std::move(view), std::move(document));
}

plan::View view_key(const Session& session, const std::string& path) {
    const settings::Key& key = settings::find(path);
    plan::View view;
    nlohmann::json document = head("ConfigKey", session);
    document["key"] = path;
    document["text"] = key.text;
    document["variable"] = settings::variable_of(path);
    document["candidates"] = nlohmann::json::array();
    view.columns = {"", "LAYER", "VALUE", "PLACE"};
    for (const settings::Value& value : session.config->candidates(path)) {
        document["candidates"].push_back(value_json(key, value));
        view.rows.push_back({view.rows.empty() ? "counts" : "", std::string(settings::name(value.layer)),
                             settings::render(key, value), place_of(value)});
        if (value.raw.empty()) continue;
        nlohmann::json& told = document["candidates"].back();
        told["raw"] = printable(value.raw);
        told["variables"] = nlohmann::json::object();
        std::vector<std::string> states;
        for (const std::string& name : settings::variables_in(value.raw)) {
            const bool is_set = session.probe.env(name).has_value();
            told["variables"][name] = is_set;
            states.push_back(name + (is_set ? " is set" : " is not set"));
        }
        view.notes.push_back(place_of(value) + ": written as " + printable(value.raw) + ", " + join(states, ", "));
    }
    view.notes.push_back(path + ": " + std::string(key.text));
    if (view.rows.empty()) {
        view.notes.emplace_back("nobody sets it");
    }
    view.notes.push_back("as a variable: " + settings::variable_of(path));
    if (const std::optional<Place> lock = session.config->lock(path)) {
        document["locked_by"] = render_place(*lock);
        view.notes.push_back("locked by " + render_place(*lock));
    }
    return finish(std::move(view), std::move(document));
}

plan::View view_validation(const Session& session) {
    plan::View view;
    nlohmann::json document = head("ConfigValidation", session);
    document["environments"] = nlohmann::json::array();
    view.columns = {"ENVIRONMENT", "STATE"};
    std::set<std::string> told;
    for (const std::string& environment : session.config->environments()) {
        std::vector<std::string> problems;
        try {
            load(session, environment);
        } catch (const Error& error) {
            problems = split(error.what(), '\n');
            view.verdict = Kind::config;
        }
        document["environments"].push_back({{"name", environment}, {"problems", problems}});
        view.rows.push_back({environment, problems.empty() ? "ok" : "WRONG"});
        for (const std::string& problem : problems) {
            if (told.insert(problem).second) {
                view.notes.push_back(problem);
            }
        }
    }
    view.notes.push_back(session.config->file() + (view.verdict == Kind::ok ? ": valid" : ": NOT VALID"));
    document["valid"] = view.verdict == Kind::ok;
    return finish(std::move(view), std::move(document));
}

plan::View view_differences(const Session& session, const std::string& one, const std::string& other) {
    const settings::Config left = load(session, one);
    const settings::Config right = load(session, other);
    plan::View view;
    nlohmann::json document = head("ConfigDifferences", session);
    document["environments"] = {one, other};
    document["differences"] = nlohmann::json::array();
    view.columns = {"KEY", one, other};
    std::set<std::string> paths;
    for (const settings::Config* config : {&left, &right}) {
        for (const std::string& path : config->paths()) {
            paths.insert(path);
        }
    }
    for (const std::string& path : paths) {
        const std::string before = shown(left, path);
        const std::string after = shown(right, path);
        if (before != after) {
            document["differences"].push_back({{"key", path}, {one, before}, {other, after}});
            view.rows.push_back({path, before, after});
        }
    }
    if (view.rows.empty()) {
        view.notes.push_back(one + " and " + other + " do not differ");
    }
    return finish(std::move(view), std::move(document));
}

}  // namespace flowlet::commands::config
