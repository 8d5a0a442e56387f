#include "yaml/scalar.h"

#include "unit/yaml/expect.h"

namespace flowlet::yaml {
namespace {

using test::read;
using test::read_json;
using test::refusal;
using test::says;
using Json = nlohmann::json;

void expect_type(Type type, const std::vector<std::string>& words) {
    for (const std::string& word : words)
        EXPECT_EQ(resolve(word), type) << word;
}

TEST(Scalar, the_core_schema_decides_the_type) {
    expect_type(Type::null, {"", "~", "null", "Null", "NULL"});
    expect_type(Type::boolean, {"true", "True", "TRUE", "false", "False", "FALSE"});
    expect_type(Type::integer, {"0", "-1", "+12", "012", "0o17", "0x1F", "99999999999999999999"});
    expect_type(Type::real, {"1.", ".5", "-1.5", "1e3", "1.5E-3", "+1e+3", ".inf", "-.INF", "+.Inf", ".nan", ".NaN"});
    expect_type(Type::text, {"nULL",
                             "tRUE",
                             "yes",
                             "0o8",
                             "0x",
                             "0xg",
                             "-0x1",
                             "1_000",
                             "1e",
                             "e3",
                             ".",
                             "-",
                             "+",
                             "1.2.3",
                             "-.nan",
                             "inf",
                             "1:30",
                             "2026-08-22",
                             "2026-08-22T10:15:30Z",
                             "500m",
                             "v1",
                             "="});
}

TEST(Scalar, plain_scalars_become_their_json_values) {
    EXPECT_EQ(read_json("[~, null, true, 012, 0o17, 0x1F, -5, 1e3, .5, x]").dump(),
              R"([null,null,true,12,15,31,-5,1000.0,0.5,"x"])");
}

TEST(Scalar, quoted_scalars_are_text) {
    EXPECT_EQ(read_json("['1', \"true\", '~', \"\", 'yes']"), Json::parse(R"(["1","true","~","","yes"])"));
    EXPECT_EQ(read_json("a: |\n  12\nb: >-\n  12\n"), (Json{{"a", "12\n"}, {"b", "12"}}));
}

TEST(Scalar, escapes_beyond_ascii_are_utf8_in_keys_and_values) {
    EXPECT_EQ(read_json(R"("k\N\_": "ä\N\_\x85\u00a0\L")"),
              (Json{{"k\u0085\u00a0", "ä\u0085\u00a0\u0085\u00a0\u2028"}}));
}

TEST(Scalar, integers_that_fit_64_bits_stay_integers) {
    EXPECT_EQ(read_json("9223372036854775807").get<std::int64_t>(), 9223372036854775807LL);
    EXPECT_EQ(read_json("-9223372036854775808").get<std::int64_t>(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(read_json("18446744073709551615").get<std::uint64_t>(), 18446744073709551615ULL);
    EXPECT_TRUE(read_json("18446744073709551616").is_number_float());
}

TEST(Scalar, numbers_that_json_cannot_hold_stay_text) {
    EXPECT_EQ(read_json("[.inf, -.inf, .nan, 1e999]"), Json::parse(R"([".inf","-.inf",".nan","1e999"])"));
}

TEST(Scalar, strict_refuses_the_old_booleans_and_says_what_to_write) {
    for (const char* word : {"yes", "No", "ON", "off", "y", "N"}) {
        EXPECT_TRUE(says(refusal(std::string("a: ") + word), "f.yaml:1:4")) << word;
    }
    try {
        read("a: yes");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.hint(), "write true or false, or quote it");
    }
    EXPECT_EQ(refusal("a: 'yes'"), "");
    EXPECT_EQ(refusal("on: 1\ny: 2\n"), "");
    EXPECT_EQ(refusal("a: yEs"), "");
}

TEST(Scalar, text_mode_reads_the_old_booleans_as_text) {
    EXPECT_EQ(read_json("[yes, No, ON, off, y]", OldBooleans::text), Json::parse(R"(["yes","No","ON","off","y"])"));
}

TEST(Scalar, a_leading_zero_is_octal_in_text_mode_as_kubernetes_reads_it) {
    EXPECT_EQ(read_json("defaultMode: 0644", OldBooleans::text), (Json{{"defaultMode", 420}}));
    EXPECT_EQ(read_json("[-010, 0, 00, 089, '0644']", OldBooleans::text), Json::parse(R"([-8,0,0,89,"0644"])"));
    EXPECT_EQ(read_json("0644: a", OldBooleans::text), (Json{{"0644", "a"}}));
    EXPECT_EQ(read_json("defaultMode: 0644"), (Json{{"defaultMode", 644}}));
}

}  // namespace
}  // namespace flowlet::yaml
