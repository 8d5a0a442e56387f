#include "unit/yaml/expect.h"

namespace flowlet::yaml {
namespace {

using test::read;
using test::read_json;
using test::refusal;
using test::says;
using Json = nlohmann::json;

TEST(Parse, a_map_keeps_the_order_and_the_places_of_the_file) {
    const Node node = read("zeta: 1\nalpha:\n  - x\n  - \"y\"\n");
    ASSERT_EQ(node.type, Type::map);
    ASSERT_EQ(node.entries.size(), 2U);
    EXPECT_EQ(node.entries[0].first, "zeta");
    EXPECT_EQ(node.entries[0].second.place, (Place{"f.yaml", 1, 7}));
    EXPECT_EQ(node.keys[1], (Place{"f.yaml", 2, 1}));
    const Node* list = node.find("alpha");
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(list->place, (Place{"f.yaml", 3, 3}));
    ASSERT_EQ(list->items.size(), 2U);
    EXPECT_EQ(list->items[1].place, (Place{"f.yaml", 4, 5}));
    EXPECT_FALSE(list->items[0].quoted);
    EXPECT_TRUE(list->items[1].quoted);
}

TEST(Parse, columns_count_characters_and_a_byte_order_mark_counts_for_nothing) {
    const Node node = read("\xEF\xBB\xBF\"\xC3\xA9\xE2\x82\xAC\": {a: \xF0\x9F\x92\xB0, b: 1}\n");
    EXPECT_EQ(node.keys[0], (Place{"f.yaml", 1, 1}));
    const Node& inner = node.entries[0].second;
    EXPECT_EQ(inner.place.column, 7);
    EXPECT_EQ(inner.find("a")->place.column, 11);
    EXPECT_EQ(inner.find("b")->place.column, 17);
}

TEST(Parse, find_is_null_for_a_missing_key_and_for_what_is_no_map) {
    EXPECT_EQ(read("a: 1").find("b"), nullptr);
    EXPECT_EQ(read("[a]").find("a"), nullptr);
    EXPECT_EQ(read("a").find("a"), nullptr);
}

TEST(Parse, the_place_of_an_empty_value_is_that_of_its_key) {
    const Node node = read("a:\nb: 1\n");
    EXPECT_EQ(node.find("a")->type, Type::null);
    EXPECT_EQ(node.find("a")->place.line, 1);
}

TEST(Parse, empty_documents_are_left_out) {
    EXPECT_TRUE(parse_documents("", "f", OldBooleans::text).empty());
    EXPECT_TRUE(parse_documents("# only a comment\n", "f", OldBooleans::text).empty());
    EXPECT_TRUE(parse_documents("---\n---\n# x\n---\n", "f", OldBooleans::text).empty());
    const auto documents = parse_documents("---\na: 1\n---\n# none\n---\n- b\n...\n---\nc\n", "f", OldBooleans::text);
    ASSERT_EQ(documents.size(), 3U);
    EXPECT_EQ(documents[1].items[0].place.line, 6);
    EXPECT_EQ(documents[2].scalar, "c");
}

TEST(Parse, a_document_that_is_a_written_null_is_kept) {
    const auto documents = parse_documents("--- ~\n--- null\n", "f", OldBooleans::text);
    ASSERT_EQ(documents.size(), 2U);
    EXPECT_EQ(documents[0].type, Type::null);
}

TEST(Parse, a_duplicate_key_is_refused_with_both_places) {
    const std::string message = refusal("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n");
    EXPECT_TRUE(says(message, "f.yaml:5:3"));
    EXPECT_TRUE(says(message, "\"c\""));
    EXPECT_TRUE(says(message, "f.yaml:3:3"));
    EXPECT_TRUE(says(refusal("{a: 1, \"a\": 2}"), "f.yaml:1:8"));
    EXPECT_TRUE(says(refusal("1: a\n\"1\": b\n"), "stands here again"));
    EXPECT_EQ(refusal("- {a: 1}\n- {a: 2}\n"), "");
}

TEST(Parse, broken_syntax_is_refused_with_its_place) {
    EXPECT_TRUE(says(refusal("a: 1\nb: [1, 2\n"), "f.yaml:"));
    EXPECT_TRUE(says(refusal("a: b: c\n"), "f.yaml:1:5"));
    for (const char* text :
         {"a: \"open\n", "a: 'open\n", "{a: 1", "]", "a: 1\n  b: 2\n", "- a\nb: 1\n", "a: 1\n- b\n", "\"a\\q\"",
          "a: @x\n", "%YAML 3.0\n--- a\n", "&a &b c", "[a: {b: }", "a:\n    b: 1\n  c: 2\n"}) {
        EXPECT_TRUE(says(refusal(text), "f.yaml:")) << text;
    }
}

TEST(Parse, text_after_the_end_of_a_document_is_refused) {
    EXPECT_NE(refusal("\"a\" \"b\"\n"), "");
    EXPECT_NE(refusal("[a]\nb\n"), "");
    EXPECT_NE(refusal("{a: 1}}\n"), "");
    EXPECT_NE(refusal("[,]"), "");
    EXPECT_NE(refusal("[a,,b]"), "");
    EXPECT_EQ(refusal("[a,]"), "");
}

TEST(Parse, a_tab_in_the_indentation_is_refused) {
    EXPECT_TRUE(says(refusal("a:\n\tb: 1\n"), "f.yaml:2"));
    EXPECT_TRUE(says(refusal("a:\n  \tb\n"), "a tab in the indentation"));
    EXPECT_NE(refusal("a:\n\t- b\n"), "");
}

TEST(Parse, a_tab_elsewhere_is_data_or_space) {
    EXPECT_EQ(read_json("a:\tb\t# c\n"), (Json{{"a", "b"}}));
    EXPECT_EQ(read_json("a: |\n  x\n  \ty\n"), (Json{{"a", "x\n\ty\n"}}));
    EXPECT_EQ(read_json("a: \"x\ty\"\n"), (Json{{"a", "x\ty"}}));
    EXPECT_EQ(read_json("{\n\t\"a\": [\n\t\t1\n\t]\n}\n"), (Json{{"a", {1}}}));
    EXPECT_EQ(read_json("a: [1]\n\t# comment\nb: 2\n"), (Json{{"a", {1}}, {"b", 2}}));
}

TEST(Parse, bytes_that_are_not_utf8_are_refused_with_their_place) {
    EXPECT_TRUE(says(refusal("a: 1\nb: \xFF\n"), "f.yaml:2:4"));
    EXPECT_TRUE(says(refusal("a: \xC3"), "not UTF-8"));
    EXPECT_NE(refusal("a: \xED\xA0\x80"), "");
    EXPECT_NE(refusal(std::string("\xFF\xFE"
                                  "a\0",
                                  4)),
              "");
}

TEST(Parse, control_characters_are_refused_so_that_nothing_can_end_the_text_early) {
    EXPECT_TRUE(says(refusal("a: 1\n\x04\nb: 2\n"), "f.yaml:2:1: a control character"));
    EXPECT_NE(refusal(std::string("a: \0b", 5)), "");
    EXPECT_NE(refusal("a: \x1b[2J"), "");
    EXPECT_EQ(refusal("a: \"\\x1b[2J\""), "");
}

TEST(Parse, a_key_that_is_no_scalar_is_refused) {
    for (const char* text : {"[a]: 1\n", "{a: 1}: 2\n", "? - a\n: 1\n", "a: 1\n? {}\n: 2\n"}) {
        EXPECT_TRUE(says(refusal(text), "a key must be a scalar")) << text;
    }
    EXPECT_TRUE(says(refusal("&a [1]: 1\n"), "key"));
    EXPECT_TRUE(says(refusal("x: &a [1]\n*a : 1\n"), "a key must be a scalar"));
}

TEST(Parse, an_empty_key_is_refused) {
    for (const char* text : {": 1\n", "~: 1\n", "null: 1\n", "{: 1}", "{,}", "[: 1]", "?\n"}) {
        EXPECT_NE(refusal(text), "") << text;
    }
    EXPECT_EQ(read_json("\"\": 1\n"), (Json{{"", 1}}));
    EXPECT_EQ(read_json("\"null\": 1\n"), (Json{{"null", 1}}));
}

TEST(Parse, merge_keys_are_refused_unless_quoted) {
    EXPECT_TRUE(says(refusal("a: &a {b: 1}\nc:\n  <<: *a\n"), "f.yaml:3:3: merge keys"));
    EXPECT_EQ(read_json("\"<<\": 1\n"), (Json{{"<<", 1}}));
}

TEST(Parse, an_alias_is_a_copy_with_its_own_place) {
    const Node node = read("a: &x [1, {b: 2}]\nc: *x\n");
    EXPECT_EQ(to_json(node), Json::parse(R"({"a":[1,{"b":2}],"c":[1,{"b":2}]})"));
    EXPECT_EQ(node.find("c")->place, (Place{"f.yaml", 2, 4}));
    EXPECT_EQ(read_json("a: &x k\n*x : 1\n"), (Json{{"a", "k"}, {"k", 1}}));
    EXPECT_EQ(read_json("a: &x 1\nb: &x 2\nc: *x\n"), (Json{{"a", 1}, {"b", 2}, {"c", 2}}));
}

TEST(Parse, an_unknown_or_cyclic_alias_is_refused) {
    EXPECT_TRUE(says(refusal("a: *x\n"), "f.yaml:1:4"));
    EXPECT_TRUE(says(refusal("a: &x [1, *x]\n"), "f.yaml:1:11"));
    EXPECT_NE(refusal("--- &x 1\n--- *x\n"), "");
}

TEST(Parse, a_custom_tag_is_refused_and_a_core_tag_must_fit) {
    for (const char* text : {"!mine a", "!!binary aGk=", "!!set {a}", "!!python/object:x {}", "!<x> [1]", "!!str [1]",
                             "!!int x", "!!bool 1", "!!map [1]", "!!seq {}"}) {
        EXPECT_NE(refusal(text), "") << text;
    }
    EXPECT_EQ(read_json("[!!str 1, !!int 1, !!float 1, !!bool true, !!str , ! 12]"),
              Json::parse(R"(["1",1,1.0,true,"","12"])"));
    EXPECT_EQ(read_json("!!map {a: !!seq [1]}"), Json::parse(R"({"a":[1]})"));
}

TEST(Parse, limits_are_kept_and_named) {
    EXPECT_TRUE(
        says(refusal("a: 12345\n", OldBooleans::strict, {.bytes = 8}), "f.yaml:1:9: the text is longer than 8"));
    EXPECT_EQ(refusal("a: 12345", OldBooleans::strict, {.bytes = 8}), "");
    EXPECT_TRUE(says(refusal("[[[1]]]", OldBooleans::strict, {.depth = 2}), "f.yaml:1:3: nested deeper than 2"));
    EXPECT_EQ(refusal("[[1]]", OldBooleans::strict, {.depth = 2}), "");
    EXPECT_TRUE(says(refusal("[1, 2, 3]", OldBooleans::strict, {.nodes = 2}), "f.yaml:1:8: more than 2 values"));
    EXPECT_EQ(refusal("[1, 2, 3]", OldBooleans::strict, {.nodes = 4}), "");
    EXPECT_TRUE(
        says(refusal("[&a 1, *a, *a]", OldBooleans::strict, {.aliases = 1}), "f.yaml:1:12: more than 1 aliases"));
}

TEST(Parse, copies_of_aliases_count_as_values_and_as_depth) {
    std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n";
    for (char c = 'b'; c <= 'i'; ++c) {
        const std::string before(1, static_cast<char>(c - 1));
        bomb += std::string(1, c) + ": &" + c + " [";
        for (int i = 0; i < 9; ++i)
            bomb += (i != 0 ? ", *" : "*") + before;
        bomb += "]\n";
    }
    EXPECT_TRUE(says(refusal(bomb), "more than"));
    const Limits shallow{.depth = 4};
    EXPECT_NE(refusal("- &a [[[1]]]\n- [*a]\n", OldBooleans::strict, shallow), "");
}

}  // namespace
}  // namespace flowlet::yaml
