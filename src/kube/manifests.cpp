#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "flowlet/kube.h"
#include "flowlet/yaml.h"
#include "kube/json_escapes.h"
#include "kube/names.h"

namespace flowlet::kube {

namespace {

/// What the items of a typed list do not repeat.
struct Inherited {
    std::string api_version;
    std::string kind;
};

Place first_line(const yaml::Node& node) {
    return node.keys.empty() ? node.place : node.keys.front();
}

std::string in_quotes(const std::string& text) {
    return "\"" + printable(text) + "\"";
}

[[noreturn]] void refuse(const Place& place, const std::string& what, std::string hint = {}) {
    throw Error(Kind::config, render_place(place) + ": " + what, std::move(hint));
}

bool is_absent(const yaml::Node* node) {
    return node == nullptr || node->type == yaml::Type::null;
}

/// The text of a field that has to be text; "" if it is absent.
std::string text_of(const yaml::Node* node, const std::string& field) {
    if (is_absent(node)) return {};
    if (node->type == yaml::Type::list || node->type == yaml::Type::map) {
        refuse(node->place, field + " is no text", "A template's {{ }} has to be rendered first, or quoted.");
    }
    if (node->type != yaml::Type::text) {
        refuse(node->place, field + " is " + printable(node->scalar) + ", which YAML reads as no text",
               "Put it in quotes.");
    }
    return node->scalar;
}

void check_filled_in(const yaml::Node* node, const std::string& field, const std::string& text) {
    if (!is_left_over(text)) return;
    refuse(node->place, field + " " + in_quotes(text) + " holds text that was to be replaced",
           "Write the real name, or render the template before.");
}

void read_type(const yaml::Node& node, const Inherited& inherited, Ref& ref) {
    const yaml::Node* const api_version = node.find("apiVersion");
    ref.api_version = text_of(api_version, "apiVersion");
    if (ref.api_version.empty()) ref.api_version = inherited.api_version;
    if (ref.api_version.empty()) refuse(first_line(node), "the object has no apiVersion");
    const yaml::Node* const kind = node.find("kind");
    ref.kind = text_of(kind, "kind");
    if (ref.kind.empty()) ref.kind = inherited.kind;
    if (ref.kind.empty()) refuse(first_line(node), "the object has no kind");
    if (!is_api_version(ref.api_version)) {
        refuse(api_version->place,
               "apiVersion " + in_quotes(ref.api_version) + " is neither a version nor group/version");
    }
    if (!is_kind(ref.kind)) refuse(kind->place, "kind " + in_quotes(ref.kind) + " is no kind's name");
}

void refuse_nameless(const yaml::Node& node, const yaml::Node& metadata, const std::string& kind) {
    if (is_absent(metadata.find("generateName"))) refuse(first_line(node), kind + " has no metadata.name");
    refuse(metadata.find("generateName")->place,
           kind + " has metadata.generateName but no metadata.name: each apply would make another object",
           "Give it a metadata.name.");
}

void read_metadata(const yaml::Node& node, Ref& ref) {
    const yaml::Node* const metadata = node.find("metadata");
    if (is_absent(metadata)) refuse(first_line(node), ref.kind + " has no metadata.name");
    if (metadata->type != yaml::Type::map) refuse(metadata->place, "the metadata of the " + ref.kind + " is no map");

    const yaml::Node* const name = metadata->find("name");
    ref.name = text_of(name, "metadata.name");
    if (ref.name.empty()) refuse_nameless(node, *metadata, ref.kind);
    check_filled_in(name, "metadata.name", ref.name);
    const std::string wrong = wrong_name(ref.api_version, ref.kind, ref.name);
    if (!wrong.empty()) refuse(name->place, "metadata.name " + in_quotes(ref.name) + " " + wrong);

    const yaml::Node* const space = metadata->find("namespace");
    ref.space = text_of(space, "metadata.namespace");
    check_filled_in(space, "metadata.namespace", ref.space);
    if (!ref.space.empty() && !is_dns_label(ref.space)) {
        refuse(space->place, "metadata.namespace " + in_quotes(ref.space) + " is no DNS label");
    }
}

/// A custom kind may end in "List" as well: it is then told by its name or by having no items.
bool is_list(const yaml::Node& node, const std::string& kind) {
    if (kind == "List") return true;
    if (!kind.ends_with("List")) return false;
    const yaml::Node* const items = node.find("items");
    const yaml::Node* const metadata = node.find("metadata");
    const bool named = metadata != nullptr && !is_absent(metadata->find("name"));
    return items != nullptr && items->type != yaml::Type::map && !named;
}

void read_object(const yaml::Node& node, const Inherited& inherited, std::vector<Object>& objects);

void read_list(const yaml::Node& node, const Ref& list, std::vector<Object>& objects) {
    const yaml::Node* const items = node.find("items");
    if (is_absent(items)) return;
    if (items->type != yaml::Type::list) refuse(items->place, "the items of the " + list.kind + " are no list");
    Inherited inherited;
    if (list.kind != "List") inherited = {list.api_version, list.kind.substr(0, list.kind.size() - 4)};
    for (const yaml::Node& item : items->items)
        read_object(item, inherited, objects);
}

/// The server wants both in each object, also where a typed list left them out.
Json body_of(const yaml::Node& node, const Ref& ref) {
    nlohmann::json body = yaml::to_json(node);
    body["apiVersion"] = ref.api_version;
    body["kind"] = ref.kind;
    return std::make_shared<const nlohmann::json>(std::move(body));
}

void read_object(const yaml::Node& node, const Inherited& inherited, std::vector<Object>& objects) {
    if (node.type != yaml::Type::map) refuse(node.place, "this is no Kubernetes object: a map is expected here");
    Ref ref;
    read_type(node, inherited, ref);
    if (is_list(node, ref.kind)) {
        read_list(node, ref, objects);
        return;
    }
    read_metadata(node, ref);
    Json body = body_of(node, ref);
    objects.push_back({std::move(ref), first_line(node), std::move(body)});
}

/// A template that was not rendered is broken YAML more often than not.
std::vector<yaml::Node> read_documents(std::string_view text, const std::string& file) {
    try {
        return yaml::parse_documents(join_surrogates(text), file, yaml::OldBooleans::text);
    } catch (const Error& error) {
        if (!error.hint().empty() || text.find("{{") == std::string_view::npos) throw;
        throw Error(error.kind(), error.what(), "The file looks like a template: render it first.");
    }
}

/// The same object can be written in two versions of its group.
std::string identity_of(const Ref& ref) {
    const std::size_t slash = ref.api_version.find('/');
    const std::string group = slash == std::string::npos ? std::string() : ref.api_version.substr(0, slash);
    return group + "\n" + ref.kind + "\n" + ref.space + "\n" + ref.name;
}

}  // namespace

std::vector<Object> parse_manifests(std::string_view text, const std::string& file) {
    std::vector<Object> objects;
    for (const yaml::Node& document : read_documents(text, file))
        read_object(document, {}, objects);
    return objects;
}

Object place_in(Object object, const Resource& resource, const std::string& space) {
    std::string wanted;
    if (resource.namespaced) wanted = object.ref.space.empty() ? space : object.ref.space;
    nlohmann::json body = object.body ? *object.body : nlohmann::json::object();
    if (!body.is_object()) body = nlohmann::json::object();
    nlohmann::json& metadata = body["metadata"];
    if (!metadata.is_object()) metadata = nlohmann::json::object();
    if (wanted.empty()) {
        metadata.erase("namespace");
    } else {
        metadata["namespace"] = wanted;
    }
    object.ref.space = std::move(wanted);
    object.body = std::make_shared<const nlohmann::json>(std::move(body));
    return object;
}

void check_duplicates(std::span<const Object> objects) {
    std::map<std::string, const Object*> seen;
    for (const Object& object : objects) {
        const auto [other, fresh] = seen.emplace(identity_of(object.ref), &object);
        if (fresh) continue;
        throw Error(Kind::config,
                    render_place(object.place) + ": " + render(object.ref) + " is already written at " +
                        render_place(other->second->place),
                    "Keep one of the two.");
    }
}

}  // namespace flowlet::kube
