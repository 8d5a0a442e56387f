#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "flowlet/kube.h"

namespace flowlet::kube {
namespace {

using nlohmann::json;

Error refusal_of(const std::string& text) {
    try {
        parse_manifests(text, "a.yaml");
    } catch (const Error& error) {
        return error;
    }
    return {Kind::ok, "nothing was refused"};
}

void expect_refused(const std::string& text, const std::string& place, const std::string& part) {
    const Error error = refusal_of(text);
    const std::string what = error.what();
    EXPECT_EQ(error.kind(), Kind::config) << text;
    EXPECT_EQ(what.substr(0, place.size()), place) << text;
    EXPECT_NE(what.find(part), std::string::npos) << what;
}

std::string config_map(const std::string& metadata) {
    return "apiVersion: v1\nkind: ConfigMap\nmetadata: " + metadata + "\n";
}

TEST(Manifests, every_document_is_an_object) {
    const auto objects =
        parse_manifests("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\n---\n# no more\n---\n" +
                            config_map("{name: b, namespace: c}"),
                        "a.yaml");
    ASSERT_EQ(objects.size(), 2U);
    EXPECT_EQ(objects[0].ref, (Ref{"v1", "Namespace", "", "a"}));
    EXPECT_EQ(objects[1].ref, (Ref{"v1", "ConfigMap", "c", "b"}));
    EXPECT_EQ((*objects[1].body)["metadata"]["name"], "b");
}

TEST(Manifests, an_empty_text_holds_no_objects) {
    EXPECT_TRUE(parse_manifests("", "a.yaml").empty());
    EXPECT_TRUE(parse_manifests("# only a comment\n---\n", "a.yaml").empty());
}

TEST(Manifests, the_place_is_the_line_of_the_first_key) {
    const auto objects =
        parse_manifests("# why\n\n" + config_map("{name: a}") + "---\n# why not\n" + config_map("{name: b}"), "a.yaml");
    ASSERT_EQ(objects.size(), 2U);
    EXPECT_EQ(objects[0].place.file, "a.yaml");
    EXPECT_EQ(objects[0].place.line, 3);
    EXPECT_EQ(objects[1].place.line, 8);
}

TEST(Manifests, json_is_read_as_well) {
    const auto objects = parse_manifests(
        "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"ConfigMap\",\n  \"metadata\": {\"name\": \"a\"},\n"
        "  \"data\": {\"k\": \"\\u00e9\\n\"}\n}\n",
        "a.json");
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ((*objects[0].body)["data"]["k"], "\xC3\xA9\n");
    EXPECT_EQ(objects[0].place.line, 2);
}

TEST(Manifests, json_may_be_indented_by_tabs_and_escape_what_it_likes) {
    const auto objects = parse_manifests(
        "{\n\t\"apiVersion\": \"apps\\/v1\",\n\t\"kind\": \"Deployment\",\n\t\"metadata\": {\n\t\t\"name\": \"a\",\n"
        "\t\t\"labels\": {\"face\": \"\\ud83d\\ude00\"}\n\t}\n}\n",
        "a.json");
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ(objects[0].ref.api_version, "apps/v1");
    EXPECT_EQ((*objects[0].body)["metadata"]["labels"]["face"], "\xF0\x9F\x98\x80");
}

TEST(Manifests, old_booleans_are_text) {
    const auto objects = parse_manifests(config_map("{name: a, labels: {on: yes, off: no}}"), "a.yaml");
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ((*objects[0].body)["metadata"]["labels"], (json{{"on", "yes"}, {"off", "no"}}));
}

TEST(Manifests, a_list_is_taken_apart) {
    const auto objects = parse_manifests(
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n"
        "- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Namespace, metadata: {name: b}}\n",
        "a.yaml");
    ASSERT_EQ(objects.size(), 2U);
    EXPECT_EQ(objects[0].ref.name, "a");
    EXPECT_EQ(objects[0].place.line, 4);
    EXPECT_EQ(objects[1].ref.name, "b");
}

TEST(Manifests, the_items_of_a_typed_list_need_no_type) {
    const auto objects = parse_manifests(
        "apiVersion: v1\nkind: ConfigMapList\nmetadata: {resourceVersion: '1'}\nitems:\n- metadata: {name: a}\n",
        "a.yaml");
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ(objects[0].ref, (Ref{"v1", "ConfigMap", "", "a"}));
    EXPECT_EQ((*objects[0].body)["kind"], "ConfigMap");
    EXPECT_EQ((*objects[0].body)["apiVersion"], "v1");
}

TEST(Manifests, a_list_may_be_empty) {
    EXPECT_TRUE(parse_manifests("apiVersion: v1\nkind: List\nitems: []\n", "a.yaml").empty());
    EXPECT_TRUE(parse_manifests("apiVersion: v1\nkind: List\nitems:\n", "a.yaml").empty());
}

TEST(Manifests, a_custom_kind_may_end_in_list) {
    const auto objects =
        parse_manifests("apiVersion: x.io/v1\nkind: AllowList\nmetadata: {name: a}\nitems: [b]\n", "a.yaml");
    ASSERT_EQ(objects.size(), 1U);
    EXPECT_EQ(objects[0].ref.kind, "AllowList");
}

TEST(Manifests, what_every_object_needs_is_checked) {
    expect_refused("kind: ConfigMap\nmetadata: {name: a}\n", "a.yaml:1", "no apiVersion");
    expect_refused("apiVersion: v1\nmetadata: {name: a}\n", "a.yaml:1", "no kind");
    expect_refused("\napiVersion: v1\nkind: ConfigMap\n", "a.yaml:2", "no metadata.name");
    expect_refused(config_map("{}"), "a.yaml:1", "no metadata.name");
    expect_refused(config_map("{name: ''}"), "a.yaml:1", "no metadata.name");
    expect_refused(config_map("[a]"), "a.yaml:3", "no map");
}

TEST(Manifests, what_is_no_map_is_no_object) {
    expect_refused("- a\n", "a.yaml:1", "no Kubernetes object");
    expect_refused("text\n", "a.yaml:1", "no Kubernetes object");
    expect_refused("apiVersion: v1\nkind: List\nitems:\n- a\n", "a.yaml:4", "no Kubernetes object");
    expect_refused("apiVersion: v1\nkind: List\nitems: {a: b}\n", "a.yaml:3", "no list");
}

TEST(Manifests, grammars_are_checked) {
    expect_refused("apiVersion: a/b/c\nkind: A\nmetadata: {name: a}\n", "a.yaml:1:13", "apiVersion \"a/b/c\"");
    expect_refused("apiVersion: v1\nkind: Config-Map\nmetadata: {name: a}\n", "a.yaml:2:7", "kind \"Config-Map\"");
    expect_refused(config_map("{name: Wallet}"), "a.yaml:3:18", "DNS subdomain");
    expect_refused(config_map("{name: a, namespace: b.c}"), "a.yaml:3", "metadata.namespace \"b.c\" is no DNS label");
}

TEST(Manifests, names_have_to_be_text) {
    expect_refused(config_map("{name: 123}"), "a.yaml:3:18", "metadata.name is 123");
    expect_refused(config_map("{name: true}"), "a.yaml:3", "metadata.name is true");
    expect_refused(config_map("{name: [a]}"), "a.yaml:3", "metadata.name is no text");
    expect_refused("apiVersion: 1\nkind: A\nmetadata: {name: a}\n", "a.yaml:1", "apiVersion is 1");
    EXPECT_EQ(refusal_of(config_map("{name: 123}")).hint(), "Put it in quotes.");
}

TEST(Manifests, text_left_to_be_replaced_is_refused) {
    expect_refused(config_map("{name: <CHANGE_ME>}"), "a.yaml:3", "\"<CHANGE_ME>\" holds text that was to be replaced");
    expect_refused(config_map("{name: 'a-${VAR}'}"), "a.yaml:3", "was to be replaced");
    expect_refused(config_map("{name: '{{ .Values.name }}'}"), "a.yaml:3", "was to be replaced");
    expect_refused(config_map("{name: a, namespace: '${SPACE}'}"), "a.yaml:3", "metadata.namespace");
}

TEST(Manifests, a_template_is_told_to_be_rendered_first) {
    const Error error = refusal_of(config_map("\n  name: {{ .Values.name }}"));
    EXPECT_EQ(error.kind(), Kind::config);
    EXPECT_FALSE(error.hint().empty());
}

TEST(Manifests, a_generated_name_cannot_be_applied) {
    expect_refused(config_map("{generateName: a-}"), "a.yaml:3", "each apply would make another object");
}

TEST(Manifests, a_control_character_in_a_name_is_not_passed_on) {
    const std::string what = refusal_of(config_map("{name: \"a\\e[31m\"}")).what();
    EXPECT_EQ(what.find('\x1b'), std::string::npos);
}

TEST(Manifests, an_object_without_a_namespace_is_placed) {
    const Resource resource{"v1", "ConfigMap", "configmaps", true};
    auto objects =
        parse_manifests(config_map("{name: a}") + "---\n" + config_map("{name: b, namespace: own}"), "a.yaml");
    const Object placed = place_in(objects.at(0), resource, "flowlet-core");
    EXPECT_EQ(placed.ref.space, "flowlet-core");
    EXPECT_EQ((*placed.body)["metadata"]["namespace"], "flowlet-core");
    EXPECT_FALSE((*objects[0].body)["metadata"].contains("namespace"));
    EXPECT_EQ(place_in(objects.at(1), resource, "flowlet-core").ref.space, "own");
}

TEST(Manifests, a_cluster_scoped_object_has_no_namespace) {
    const Resource resource{"v1", "Namespace", "namespaces", false};
    const auto objects =
        parse_manifests("apiVersion: v1\nkind: Namespace\nmetadata: {name: a, namespace: b}\n", "a.yaml");
    const Object placed = place_in(objects.at(0), resource, "flowlet-core");
    EXPECT_EQ(placed.ref.space, "");
    EXPECT_FALSE((*placed.body)["metadata"].contains("namespace"));
}

TEST(Manifests, an_object_written_twice_is_refused_with_both_places) {
    const auto objects = parse_manifests(config_map("{name: a}") + "---\n" + config_map("{name: a}"), "a.yaml");
    try {
        check_duplicates(objects);
        FAIL() << "a duplicate passed";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::config);
        EXPECT_STREQ(error.what(), "a.yaml:5:1: ConfigMap/a is already written at a.yaml:1:1");
    }
}

TEST(Manifests, two_versions_of_a_group_hold_the_same_object) {
    const std::string tail = "\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n";
    const auto objects =
        parse_manifests("apiVersion: autoscaling/v1" + tail + "---\napiVersion: autoscaling/v2" + tail, "a.yaml");
    EXPECT_THROW(check_duplicates(objects), Error);
}

TEST(Manifests, different_objects_are_no_duplicates) {
    const auto objects = parse_manifests(config_map("{name: a}") + "---\n" + config_map("{name: a, namespace: b}") +
                                             "---\n" + config_map("{name: b}") +
                                             "---\napiVersion: x.io/v1\nkind: ConfigMap\nmetadata: {name: a}\n",
                                         "a.yaml");
    EXPECT_EQ(objects.size(), 4U);
    EXPECT_NO_THROW(check_duplicates(objects));
}

TEST(Manifests, the_manifests_of_this_repository_are_read) {
    std::vector<Object> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator("manifests")) {
        if (entry.path().extension() != ".yaml") continue;
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        const auto objects = parse_manifests(text, entry.path().filename());
        EXPECT_FALSE(objects.empty()) << entry.path();
        for (const Object& object : objects) {
            EXPECT_TRUE(find_resource(object.ref.api_version, object.ref.kind)) << render(object.ref);
        }
        all.insert(all.end(), objects.begin(), objects.end());
    }
    EXPECT_FALSE(all.empty());
    EXPECT_NO_THROW(check_duplicates(all));
}

}  // namespace
}  // namespace flowlet::kube
