#include <gtest/gtest.h>

#include <set>

#include "flowlet/base.h"

namespace flowlet {
namespace {

constexpr int kinds = static_cast<int>(Kind::terminated) + 1;

TEST(Error, every_kind_has_its_published_exit_code) {
    const std::vector<std::pair<Kind, int>> published = {
        {Kind::ok, 0},           {Kind::failed, 1},        {Kind::usage, 2},        {Kind::config, 3},
        {Kind::denied, 4},       {Kind::precondition, 5},  {Kind::conflict, 6},     {Kind::audit_unavailable, 7},
        {Kind::unaudited, 8},    {Kind::verification, 9},  {Kind::pending, 10},     {Kind::findings, 11},
        {Kind::unhealthy, 12},   {Kind::tool_missing, 13}, {Kind::tool_failed, 16}, {Kind::partial, 17},
        {Kind::timeout, 18},     {Kind::cancelled, 19},    {Kind::bug, 70},         {Kind::interrupted, 130},
        {Kind::terminated, 143},
    };
    EXPECT_EQ(published.size(), static_cast<std::size_t>(kinds));
    for (const auto& [kind, code] : published)
        EXPECT_EQ(exit_code(kind), code) << name(kind);
}

TEST(Error, no_two_kinds_share_a_code_or_a_name) {
    std::set<int> codes;
    std::set<std::string_view> names;
    for (int i = 0; i < kinds; ++i) {
        codes.insert(exit_code(static_cast<Kind>(i)));
        names.insert(name(static_cast<Kind>(i)));
    }
    EXPECT_EQ(codes.size(), static_cast<std::size_t>(kinds));
    EXPECT_EQ(names.size(), static_cast<std::size_t>(kinds));
}

TEST(Error, a_kind_is_named_by_its_enumerator) {
    EXPECT_EQ(name(Kind::ok), "ok");
    EXPECT_EQ(name(Kind::audit_unavailable), "audit_unavailable");
    EXPECT_EQ(name(Kind::tool_missing), "tool_missing");
    EXPECT_EQ(name(Kind::terminated), "terminated");
}

TEST(Error, carries_kind_text_and_hint) {
    try {
        throw Error(Kind::config, "a.yaml:3:1: no environment", "add one");
    } catch (const std::exception& caught) {
        const auto& error = dynamic_cast<const Error&>(caught);
        EXPECT_EQ(error.kind(), Kind::config);
        EXPECT_STREQ(caught.what(), "a.yaml:3:1: no environment");
        EXPECT_EQ(error.hint(), "add one");
    }
}

}  // namespace
}  // namespace flowlet
