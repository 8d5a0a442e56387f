#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flowlet/evidence.h"

namespace flowlet::evidence {
namespace {

using Json = nlohmann::json;

TEST(Chain, the_leaf_hash_is_that_of_rfc_6962) {
    EXPECT_EQ(leaf_hash(""), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    EXPECT_EQ(leaf_hash("L123456"), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
}

TEST(Chain, the_first_record_carries_zeros) {
    EXPECT_EQ(first_prev(), std::string(64, '0'));
}

TEST(Chain, the_canonical_form_has_sorted_keys_and_no_spaces) {
    const Json record = {{"b", {1, true, nullptr}}, {"a", {{"z", "x"}, {"y", -5}}}};
    EXPECT_EQ(canonical(record), R"({"a":{"y":-5,"z":"x"},"b":[1,true,null]})");
}

TEST(Chain, the_canonical_form_escapes_only_what_must_be) {
    EXPECT_EQ(canonical(Json{{"k", "\x01\n\t\"\\/\x7f\xC3\xA9"}}), "{\"k\":\"\\u0001\\n\\t\\\"\\\\/\x7f\xC3\xA9\"}");
}

TEST(Chain, text_that_is_not_utf8_does_not_throw) {
    EXPECT_EQ(canonical(Json{{"k", "\xFF"}}), "{\"k\":\"\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace flowlet::evidence
