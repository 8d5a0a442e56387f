#include "kube/json_escapes.h"

#include <gtest/gtest.h>

namespace flowlet::kube {
namespace {

TEST(JsonEscapes, two_surrogates_are_one_character) {
    EXPECT_EQ(join_surrogates(R"({"a": "x\ud83d\ude00\uD83D\uDE00y"})"), "{\"a\": \"x😀😀y\"}");
    EXPECT_EQ(join_surrogates(R"(["\udbff\udfff"])"), "[\"\xF4\x8F\xBF\xBF\"]");
}

TEST(JsonEscapes, other_escapes_stay) {
    for (const char* const text :
         {R"({"a": "\u00e9\n\\"})", R"({"a": "\ud83d"})", R"({"a": "\ud83dx\ude00"})", R"({"a": "\ude00\ud83d"})",
          R"({"a": "\ud83d\u00e9"})", R"({"a": "\ud83d\u-e00"})"}) {
        EXPECT_EQ(join_surrogates(text), text);
    }
}

TEST(JsonEscapes, an_escaped_backslash_starts_no_escape) {
    EXPECT_EQ(join_surrogates(R"({"a": "\\ud83d\\ude00"})"), R"({"a": "\\ud83d\\ude00"})");
    EXPECT_EQ(join_surrogates(R"({"a": "\\\ud83d\ude00"})"), "{\"a\": \"\\\\😀\"}");
}

TEST(JsonEscapes, what_is_no_json_stays) {
    EXPECT_EQ(join_surrogates("a: '\\ud83d\\ude00'\n"), "a: '\\ud83d\\ude00'\n");
    EXPECT_EQ(join_surrogates(""), "");
    EXPECT_EQ(join_surrogates("{\\ud83d"), "{\\ud83d");
}

}  // namespace
}  // namespace flowlet::kube
