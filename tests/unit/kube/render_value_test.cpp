#include "kube/render_value.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace flowlet::kube {
namespace {

using nlohmann::json;

TEST(RenderValue, plain_text_has_no_quotes) {
    EXPECT_EQ(render_value("registry/wallet:1.2"), "registry/wallet:1.2");
    EXPECT_EQ(render_value("two words"), "two words");
}

TEST(RenderValue, text_that_could_be_something_else_is_quoted) {
    EXPECT_EQ(render_value(""), R"("")");
    EXPECT_EQ(render_value("1"), R"("1")");
    EXPECT_EQ(render_value("true"), R"("true")");
    EXPECT_EQ(render_value("null"), R"("null")");
    EXPECT_EQ(render_value("{}"), R"("{}")");
    EXPECT_EQ(render_value(" a"), R"(" a")");
    EXPECT_EQ(render_value("a\nb"), R"("a\nb")");
    EXPECT_EQ(render_value("***(1)"), "\"***(1)\"");
}

TEST(RenderValue, everything_else_is_json) {
    EXPECT_EQ(render_value(1), "1");
    EXPECT_EQ(render_value(true), "true");
    EXPECT_EQ(render_value(nullptr), "null");
    EXPECT_EQ(render_value(json::object()), "{}");
    EXPECT_EQ(render_value(json::array()), "[]");
}

TEST(RenderValue, nothing_can_steer_the_terminal) {
    EXPECT_EQ(render_value("\x1b[2J").find('\x1b'), std::string::npos);
    EXPECT_EQ(render_value("a\xff").find('\xff'), std::string::npos);
    EXPECT_EQ(render_value("\xff\n").find('\xff'), std::string::npos);
}

}  // namespace
}  // namespace flowlet::kube
