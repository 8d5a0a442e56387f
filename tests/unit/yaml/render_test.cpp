#include <random>

#include "unit/yaml/expect.h"

namespace flowlet::yaml {
namespace {

using test::read_json;
using test::says;
using Json = nlohmann::json;

void expect_round_trip(const Json& value) {
    const std::string text = render(value);
    for (const OldBooleans booleans : {OldBooleans::strict, OldBooleans::text}) {
        const auto documents = parse_documents(text, "f.yaml", booleans);
        ASSERT_EQ(documents.size(), 1U) << text;
        EXPECT_EQ(to_json(documents.front()), value) << text;
    }
}

TEST(Render, is_block_yaml_with_sorted_keys) {
    const Json value = Json::parse(R"({"b":[{"x":1,"z":[]},"t",[1,2]],"a":{"k":null},"c":{}})");
    EXPECT_EQ(render(value), "a:\n  k: null\nb:\n  - x: 1\n    z: []\n  - t\n  - - 1\n    - 2\nc: {}\n");
    expect_round_trip(value);
}

TEST(Render, quotes_strings_that_would_be_typed_otherwise) {
    for (const char* text : {"",
                             "true",
                             "Null",
                             "~",
                             "1",
                             "0644",
                             "1e3",
                             "0x1F",
                             "0b1",
                             "1_000",
                             "1:30",
                             ".inf",
                             "yes",
                             "y",
                             "OFF",
                             "2026-08-22",
                             "2026-08-22T10:15:30Z",
                             "- a",
                             "a: b",
                             "a #b",
                             " a",
                             "a ",
                             "a:",
                             "#",
                             "*a",
                             "&a",
                             "!a",
                             "%a",
                             "@a",
                             "`a",
                             "{",
                             "[",
                             "'",
                             "\"",
                             "|",
                             ">",
                             "?",
                             ":",
                             "-",
                             "---",
                             "<<",
                             "="}) {
        const std::string line = render(Json{{"k", text}});
        EXPECT_TRUE(says(line, "k: \"")) << line;
        expect_round_trip(Json{{"k", text}});
        expect_round_trip(Json{{text, 1}});
        expect_round_trip(Json(text));
    }
}

TEST(Render, leaves_plain_what_is_plain) {
    for (const char* text : {"wallet", "flowlet/wallet:1.0", "500m", "10Gi", "/data", "two words", "a@b"}) {
        EXPECT_EQ(render(Json{{"k", text}}), std::string("k: ") + text + "\n");
        expect_round_trip(Json{{"k", text}});
    }
}

TEST(Render, several_lines_are_a_literal_block) {
    EXPECT_EQ(render(Json{{"k", "a\n  b\n"}}), "k: |\n  a\n    b\n");
    EXPECT_EQ(render(Json{{"k", "a\nb"}}), "k: |-\n  a\n  b\n");
    EXPECT_EQ(render(Json{{"k", "a\n\n"}}), "k: |+\n  a\n\n");
    for (const char* text : {"a\n  b\n", "a\nb", "a\n\n", "a\n\nb\n\n\n", "a\n\tb", "# a\n- b\n---\nc", "\n", "\na",
                             " a\nb", "\ta\nb", "a\n  ", "a\n   \n", "a\r\nb", "a \nb \n", "x\n\xC3\xA9"}) {
        expect_round_trip(Json{{"k", text}, {"l", {text, 1}}});
        expect_round_trip(Json(text));
    }
}

TEST(Render, what_cannot_stand_as_it_is_is_escaped) {
    EXPECT_EQ(render(Json("\x1b[2J\x7f\xC2\x9B")), "\"\\x1B[2J\\x7F\\x9B\"\n");
    expect_round_trip(Json(std::string("a\0b", 3)));
    expect_round_trip(Json("\xE2\x80\xA8\xEF\xBB\xBF\xF0\x9F\x92\xB0\xEF\xBF\xBE"));
}

TEST(Render, a_key_longer_than_a_simple_key_is_written_as_a_complex_one) {
    expect_round_trip(Json{{std::string(2000, 'k'), {{"a", 1}}}, {std::string(3000, 'k'), "v"}, {"z", 1}});
}

TEST(Render, numbers_keep_their_value) {
    for (const char* text : {"0", "-1", "1.5", "1e300", "1e-7", "123456789.123456789", "9223372036854775807",
                             "-9223372036854775808", "18446744073709551615", "0.1", "100.0"}) {
        expect_round_trip(Json::parse(text));
    }
}

std::string random_text(std::mt19937& random) {
    static const std::vector<std::string> parts = {
        "a", "b",        "0",  "1",   ".",    "e", "-",   ":",   " ",    "  ",       "\n", "\t",
        "#", "\"",       "'",  "\\",  "[",    "{", ",",   "&",   "*",    "!",        "|",  ">",
        "%", "\xC3\xA9", "\r", "yes", "null", "~", "---", "...", "\x01", "\xC2\x85", "=",  "<<"};
    std::string text;
    for (auto count = random() % 8; count > 0; --count)
        text += parts[random() % parts.size()];
    return text;
}

Json random_value(std::mt19937& random, int depth) {
    switch (random() % (depth > 0 ? 7 : 5)) {
        case 0:
            return nullptr;
        case 1:
            return random() % 2 == 0;
        case 2:
            return static_cast<std::int64_t>(random()) - 2000000000;
        case 3:
            return static_cast<double>(random()) / 1000.0;
        case 4:
            return random_text(random);
        case 5: {
            Json list = Json::array();
            for (auto count = random() % 4; count > 0; --count)
                list.push_back(random_value(random, depth - 1));
            return list;
        }
        default: {
            Json map = Json::object();
            for (auto count = random() % 4; count > 0; --count)
                map[random_text(random)] = random_value(random, depth - 1);
            return map;
        }
    }
}

TEST(Render, any_json_is_read_back_as_it_was) {
    std::mt19937 random(17);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    for (int round = 0; round < 3000 && !testing::Test::HasFailure(); ++round)
        expect_round_trip(random_value(random, 4));
}

}  // namespace
}  // namespace flowlet::yaml
