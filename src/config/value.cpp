#include "config/value.h"

#include <nlohmann/json.hpp>

#include "config/check.h"
#include "config/reference.h"
#include "config/tree.h"

namespace flowlet::config {
namespace {

bool is_scalar(const yaml::Node& node) {
    return node.type != yaml::Type::list && node.type != yaml::Type::map && node.type != yaml::Type::null;
}

/// A text that is not UTF-8 has been complained of by then.
std::string render_json(const yaml::Node& node) {
    return yaml::to_json(node).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class ValueReader {
public:
    ValueReader(const Key& key, const std::string& shown, const Source& source, Findings& findings)
        : key_(key), shown_(shown), source_(source), findings_(findings) {}

    std::optional<Value> read(yaml::Node& node) {
        Value value;
        value.layer = source_.layer;
        value.place = node.place;
        if (is_list(key_.type)) {
            read_list(node, value.list);
        } else if (key_.type == Type::map) {
            read_map(node, value.text);
        } else if (!is_scalar(node)) {
            complain(node.place, "is " + std::string(describe(node.type)) + "; a single value is expected");
        } else {
            read_scalar(node, value.text);
        }
        if (failed_) return std::nullopt;
        value.raw = std::move(raw_);
        return value;
    }

private:
    void complain(const Place& place, const std::string& problem) {
        findings_.add(place, shown_ + ": " + problem);
        failed_ = true;
    }

    /// False: there is a finding, or nothing to be checked because the value is known elsewhere only.
    bool replace(const yaml::Node& node, std::string& text) {
        text = node.scalar;
        if (source_.references == References::plain) return true;
        const bool open = source_.references == References::inspect;
        const Lookup lookup =
            open ? [](const std::string&) { return std::optional<std::string>("x"); } : source_.lookup;
        Interpolated result = interpolate(text, lookup);
        if (!result.problem.empty()) {
            complain(node.place, result.problem);
            return false;
        }
        const bool unknown = open && has_reference(text);
        if (has_reference(text) && raw_.empty()) raw_ = text;
        text = std::move(result.text);
        return !unknown;
    }

    void read_scalar(const yaml::Node& node, std::string& text) {
        if (key_.secret) {
            text = node.scalar;
            std::string problem = check_reference(text);
            if (problem.empty()) problem = check_value(key_, text);
            if (problem.empty() && !has_reference(text) && source_.layer != Layer::variable) {
                problem = "a secret is written out here; write ${file:/path}, ${NAME}, ${cred:NAME} or ${secret:NAME}";
            }
            if (!problem.empty()) complain(node.place, problem);
            return;
        }
        if (!replace(node, text)) return;
        if (const std::string problem = check_value(key_, text); !problem.empty()) complain(node.place, problem);
    }

    void replace_within(yaml::Node& node) {
        if (node.type == yaml::Type::text) {
            std::string text;
            if (replace(node, text) && !is_utf8(text)) complain(node.place, "is not UTF-8");
            node.scalar = text;
        }
        for (yaml::Node& item : node.items)
            replace_within(item);
        for (auto& entry : node.entries)
            replace_within(entry.second);
    }

    void read_list(yaml::Node& node, std::vector<std::string>& list) {
        if (key_.type == Type::words && is_scalar(node)) {
            list.emplace_back();
            read_scalar(node, list.back());
            return;
        }
        if (node.type != yaml::Type::list) {
            complain(node.place, "is " + std::string(describe(node.type)) + "; a list is expected, such as [a, b]");
            return;
        }
        for (yaml::Node& item : node.items) {
            if (item.type == yaml::Type::map && keeps_maps(key_)) {
                replace_within(item);
                list.push_back(render_json(item));
            } else if (is_scalar(item)) {
                list.emplace_back();
                read_scalar(item, list.back());
            } else {
                complain(item.place, "an item is " + std::string(describe(item.type)) + "; a single value is expected");
            }
        }
    }

    void read_map(yaml::Node& node, std::string& text) {
        if (node.type != yaml::Type::map) {
            complain(node.place, "is " + std::string(describe(node.type)) + "; a map is expected");
            return;
        }
        replace_within(node);
        text = render_json(node);
    }

    const Key& key_;
    const std::string& shown_;
    const Source& source_;
    Findings& findings_;
    std::string raw_;
    bool failed_ = false;
};

void set_place(yaml::Node& node, const Place& place) {
    node.place = place;
    for (yaml::Node& item : node.items)
        set_place(item, place);
    for (auto& entry : node.entries)
        set_place(entry.second, place);
}

yaml::Node text_node(std::string_view text, const Place& place) {
    yaml::Node node;
    node.type = yaml::Type::text;
    node.scalar = text;
    node.place = place;
    return node;
}

yaml::Node parse_node(const Key& key, const std::string& text, const Place& place) {
    const bool as_yaml = key.type == Type::map || (is_list(key.type) && trim(text).starts_with('['));
    if (as_yaml) {
        std::vector<yaml::Node> documents = yaml::parse_documents(text, place.file, yaml::OldBooleans::text);
        if (documents.size() != 1) return text_node("", place);
        set_place(documents.front(), place);
        return documents.front();
    }
    if (!is_list(key.type)) return text_node(text, place);
    yaml::Node list;
    list.type = yaml::Type::list;
    list.place = place;
    if (!trim(text).empty()) {
        for (const std::string& item : split(text, ','))
            list.items.push_back(text_node(trim(item), place));
    }
    return list;
}

}  // namespace

std::optional<Value> read_value(const Key& key, const std::string& shown, yaml::Node node, const Source& source,
                                Findings& findings) {
    return ValueReader(key, shown, source, findings).read(node);
}

std::optional<Value> read_text(const Key& key, const std::string& text, const Place& place, const Source& source,
                               Findings& findings) {
    try {
        return read_value(key, std::string(key.path), parse_node(key, text, place), source, findings);
    } catch (const Error& error) {
        findings.add({}, error.what(), error.hint());
        return std::nullopt;
    }
}

}  // namespace flowlet::config
