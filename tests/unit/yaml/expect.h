// Shorthand of the yaml tests: read one document, or the refusal of one.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "flowlet/yaml.h"

namespace flowlet::yaml::test {

inline Node read(const std::string& text, OldBooleans booleans = OldBooleans::strict, const Limits& limits = {}) {
    std::vector<Node> documents = parse_documents(text, "f.yaml", booleans, limits);
    EXPECT_EQ(documents.size(), 1U) << text;
    return documents.empty() ? Node{} : documents.front();
}

inline nlohmann::json read_json(const std::string& text, OldBooleans booleans = OldBooleans::strict) {
    return to_json(read(text, booleans));
}

/// What the refusal says; "" when the text is accepted.
inline std::string refusal(const std::string& text, OldBooleans booleans = OldBooleans::strict,
                           const Limits& limits = {}) {
    try {
        parse_documents(text, "f.yaml", booleans, limits);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::config);
        return error.what();
    }
    return "";
}

inline testing::AssertionResult says(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "\"" << text << "\" does not say \"" << part << "\"";
}

}  // namespace flowlet::yaml::test
