#include <random>

#include "unit/yaml/expect.h"

namespace flowlet::yaml {
namespace {

using test::refusal;
using test::says;

const std::string sample = R"(# a manifest
apiVersion: apps/v1
kind: "StatefulSet"
metadata: {name: postgresql, labels: &labels {app: postgresql, tier: 'data'}}
spec:
  replicas: 1
  template:
    metadata:
      labels: *labels
    spec:
      containers:
        - name: postgresql
          image: postgres:16.4
          args: ["-c", "max_connections=200", !!str 12]
          resources: {limits: {cpu: 500m, memory: 1Gi}}
          command:
            - |
              set -eu
              	exec "$@"
        - name: exporter
          note: >-
            folded
            text
      ? long key
      : - 0x1F
        - 1e3
        - ~
---
- !!int 3
- "caf\u00e9 \x41"
...
---
text: é €
)";

// A refusal or a tree; anything else ends the test program.
void feed(const std::string& text) {
    for (const OldBooleans booleans : {OldBooleans::strict, OldBooleans::text}) {
        try {
            for (const Node& node : parse_documents(text, "f", booleans))
                to_json(node);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), Kind::config);
        }
    }
}

TEST(Hostile, the_sample_itself_is_read) {
    EXPECT_EQ(parse_documents(sample, "f", OldBooleans::strict).size(), 3U);
}

TEST(Hostile, every_truncation_is_read_or_refused) {
    for (std::size_t length = 0; length <= sample.size(); ++length) {
        feed(sample.substr(0, length));
        feed(sample.substr(length));
    }
}

TEST(Hostile, every_mutation_is_read_or_refused) {
    std::mt19937 random(19);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    const std::string marks = "-:?{}[],#&*!|>'\"%@`~\\ \n\t\r<=.0aé\x04";
    for (int round = 0; round < 4000; ++round) {
        std::string text = sample;
        for (auto changes = 1 + random() % 6; changes > 0; --changes) {
            const std::size_t at = random() % text.size();
            switch (random() % 4) {
                case 0:
                    text[at] = marks[random() % marks.size()];
                    break;
                case 1:
                    text.insert(at, 1, marks[random() % marks.size()]);
                    break;
                case 2:
                    text.erase(at, 1 + random() % 9);
                    break;
                default:
                    text[at] = static_cast<char>(random() % 256);
                    break;
            }
            if (text.empty()) text = "a";
        }
        feed(text);
    }
}

TEST(Hostile, random_marks_are_read_or_refused) {
    std::mt19937 random(23);  // NOLINT(cert-msc51-cpp,cert-msc32-c)
    const std::string marks = "-:?{}[],#&*!|>'\"% \n  a\n1%.";
    for (int round = 0; round < 10000; ++round) {
        std::string text(random() % 24, ' ');
        for (char& c : text)
            c = marks[random() % marks.size()];
        feed(text);
    }
}

std::string repeated(const std::string& part, std::size_t times) {
    std::string out;
    out.reserve(part.size() * times);
    for (std::size_t i = 0; i < times; ++i)
        out += part;
    return out;
}

TEST(Hostile, deep_nesting_of_every_kind_is_refused_without_exhausting_the_stack) {
    for (const char* part : {"[", "{", "{a: ", "[{a: ", "- ", "? ", "&a [", "!!seq [", "[a: ", "- ? "}) {
        EXPECT_NE(refusal(repeated(part, 50000)), "") << part;
    }
    std::string stairs;
    for (std::size_t i = 0; i < 1000; ++i)
        stairs += std::string(i, ' ') + "a:\n";
    EXPECT_TRUE(says(refusal(stairs), "nested deeper"));
}

TEST(Hostile, tens_of_thousands_of_values_on_one_line_are_read) {
    EXPECT_EQ(parse_documents("[" + repeated("é, ", 40000) + "1]", "f", OldBooleans::strict).front().items.size(),
              40001U);
    std::string map = "{";
    for (int i = 0; i < 20000; ++i)
        map += "k" + std::to_string(i) + ": 1, ";
    EXPECT_EQ(parse_documents(map + "}", "f", OldBooleans::strict).front().entries.size(), 20000U);
}

TEST(Hostile, a_refusal_is_one_line_whatever_it_quotes) {
    const std::string text = refusal("\"a\\nb\": 1\n\"a\\nb\": 2\n");
    EXPECT_TRUE(says(text, "a\\nb"));
    EXPECT_EQ(text.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace flowlet::yaml
